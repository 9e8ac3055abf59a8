//! The actions, the ability that each needs, and the resources that each applies to.

use crate::key::Ability;
use crate::literal::literals;

literals! {
    /// An action that the policy decides about. Further ones are added.
    #[non_exhaustive]
    Action {
        /// Read the current user and API key.
        ReadMe = "me.read",
        /// Change the profile of the current user's account.
        UpdateMe = "me.update",
        /// Read which actions are allowed on a resource.
        ReadPermissions = "me.permissions",
        /// List the current user's keys.
        ListKeys = "key.list",
        /// Create, revoke and rotate keys of the current user.
        ManageKeys = "key.manage",
        /// List the organizations of the current user.
        ListOrganizations = "organization.list",
        /// Create an organization and become its admin.
        CreateOrganization = "organization.create",
        /// Read an organization.
        ReadOrganization = "organization.read",
        /// Rename an organization.
        UpdateOrganization = "organization.update",
        /// Leave an organization.
        LeaveOrganization = "organization.leave",
        /// List and search an organization's members, and read one.
        ReadMembers = "member.read",
        /// Add, change, deactivate and reactivate members.
        ManageMembers = "member.manage",
        /// Erase a person or a machine that belongs to the organization.
        EraseMember = "member.erase",
        /// List a member's keys that reach this organization only.
        ListMemberKeys = "member_key.list",
        /// Create and revoke keys of a member that reach this organization only.
        ManageMemberKeys = "member_key.manage",
        /// List an organization's invitations.
        ListInvitations = "invitation.list",
        /// Invite accounts to an organization, and withdraw and resend invitations.
        ManageInvitations = "invitation.manage",
        /// Accept an invitation and become a member of its organization.
        AcceptInvitation = "invitation.accept",
        /// List and search a scope's spaces.
        ListSpaces = "space.list",
        /// Create a space in a scope.
        CreateSpace = "space.create",
        /// Read a space.
        ReadSpace = "space.read",
        /// Update a space.
        UpdateSpace = "space.update",
        /// Delete a space.
        DeleteSpace = "space.delete",
        /// List and search the projects of a scope that the caller sees.
        ListProjects = "project.list",
        /// Create a project in a scope.
        CreateProject = "project.create",
        /// Read a project.
        ReadProject = "project.read",
        /// Update a project.
        UpdateProject = "project.update",
        /// Delete a project with its roster and tasks.
        DeleteProject = "project.delete",
        /// List a project's roster.
        ReadRoster = "roster.read",
        /// Add people to the roster, remove them, and change their roles.
        ManageRoster = "roster.manage",
        /// Leave a project's roster.
        LeaveRoster = "roster.leave",
        /// List and read a project's tasks.
        ReadTasks = "task.read",
        /// Create, update and delete a project's tasks.
        WriteTasks = "task.write",
        /// List the tasks that are assigned to the current user.
        ListOwnTasks = "task.list_own",
    }
}

impl Action {
    /// Returns the ability that a key needs for the action.
    pub const fn ability(self) -> Ability {
        match self {
            Self::ReadMe
            | Self::ReadPermissions
            | Self::ListKeys
            | Self::ListOrganizations
            | Self::ReadOrganization
            | Self::ReadMembers
            | Self::ListMemberKeys
            | Self::ListInvitations
            | Self::ListSpaces
            | Self::ReadSpace
            | Self::ListProjects
            | Self::ReadProject
            | Self::ReadRoster
            | Self::ReadTasks
            | Self::ListOwnTasks => Ability::Read,
            Self::UpdateMe
            | Self::ManageKeys
            | Self::CreateOrganization
            | Self::UpdateOrganization
            | Self::LeaveOrganization
            | Self::ManageMembers
            | Self::EraseMember
            | Self::ManageMemberKeys
            | Self::ManageInvitations
            | Self::AcceptInvitation
            | Self::CreateSpace
            | Self::UpdateSpace
            | Self::DeleteSpace
            | Self::CreateProject
            | Self::UpdateProject
            | Self::DeleteProject
            | Self::ManageRoster
            | Self::LeaveRoster
            | Self::WriteTasks => Ability::Write,
        }
    }

    /// The actions on a scope as a whole.
    pub const IN_SCOPE: &[Self] =
        &[Self::ListSpaces, Self::CreateSpace, Self::ListProjects, Self::CreateProject, Self::ListOwnTasks];

    /// The actions on an organization and its members.
    pub const ON_ORGANIZATION: &[Self] = &[
        Self::ReadOrganization,
        Self::UpdateOrganization,
        Self::LeaveOrganization,
        Self::ReadMembers,
        Self::ManageMembers,
        Self::EraseMember,
        Self::ListMemberKeys,
        Self::ManageMemberKeys,
        Self::ListInvitations,
        Self::ManageInvitations,
    ];

    /// The actions on a space.
    pub const ON_SPACE: &[Self] = &[Self::ReadSpace, Self::UpdateSpace, Self::DeleteSpace];

    /// The actions on a project, its roster and its tasks.
    pub const ON_PROJECT: &[Self] = &[
        Self::ReadProject,
        Self::UpdateProject,
        Self::DeleteProject,
        Self::ReadRoster,
        Self::ManageRoster,
        Self::LeaveRoster,
        Self::ReadTasks,
        Self::WriteTasks,
    ];
}
