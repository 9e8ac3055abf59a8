//! Everything that can be asked for, the ability that it needs, and what it can be done to.

use crate::key::Ability;
use crate::literal::literals;

literals! {
    /// Everything that can be asked for.
    Action {
        /// Learn about one's own user and key.
        ReadMe = "me.read",
        /// Learn what one may do somewhere.
        ReadPermissions = "me.permissions",
        /// List one's own keys.
        ListKeys = "key.list",
        /// Make keys for oneself, revoke and replace them.
        ManageKeys = "key.manage",
        /// List the organizations one belongs to.
        ListOrganizations = "organization.list",
        /// Make an organization, and so become its admin.
        CreateOrganization = "organization.create",
        /// Look at an organization.
        ReadOrganization = "organization.read",
        /// Rename an organization.
        UpdateOrganization = "organization.update",
        /// List and search an organization's members, and look at one.
        ReadMembers = "member.read",
        /// Add, change, deactivate and reactivate members.
        ManageMembers = "member.manage",
        /// List a member's keys that reach this organization only.
        ListMemberKeys = "member_key.list",
        /// Make such keys for a member and revoke them.
        ManageMemberKeys = "member_key.manage",
        /// List and search a scope's spaces.
        ListSpaces = "space.list",
        /// Make a space in a scope.
        CreateSpace = "space.create",
        /// Look at a space.
        ReadSpace = "space.read",
        /// Change a space.
        UpdateSpace = "space.update",
        /// Delete a space.
        DeleteSpace = "space.delete",
        /// List and search the projects that one sees in a scope.
        ListProjects = "project.list",
        /// Open a project in a scope.
        CreateProject = "project.create",
        /// Look at a project.
        ReadProject = "project.read",
        /// Change a project.
        UpdateProject = "project.update",
        /// Delete a project with its roster and tasks.
        DeleteProject = "project.delete",
        /// List a project's roster.
        ReadRoster = "roster.read",
        /// Put people on the roster, take them off, change their roles.
        ManageRoster = "roster.manage",
        /// List a project's tasks and look at them.
        ReadTasks = "task.read",
        /// Make, change and delete a project's tasks.
        WriteTasks = "task.write",
        /// List the tasks that are assigned to oneself.
        ListOwnTasks = "task.list_own",
    }
}

impl Action {
    /// The ability that a key needs for it.
    pub const fn ability(self) -> Ability {
        match self {
            Self::ReadMe
            | Self::ReadPermissions
            | Self::ListKeys
            | Self::ListOrganizations
            | Self::ReadOrganization
            | Self::ReadMembers
            | Self::ListMemberKeys
            | Self::ListSpaces
            | Self::ReadSpace
            | Self::ListProjects
            | Self::ReadProject
            | Self::ReadRoster
            | Self::ReadTasks
            | Self::ListOwnTasks => Ability::Read,
            Self::ManageKeys
            | Self::CreateOrganization
            | Self::UpdateOrganization
            | Self::ManageMembers
            | Self::ManageMemberKeys
            | Self::CreateSpace
            | Self::UpdateSpace
            | Self::DeleteSpace
            | Self::CreateProject
            | Self::UpdateProject
            | Self::DeleteProject
            | Self::ManageRoster
            | Self::WriteTasks => Ability::Write,
        }
    }

    /// What can be done to a scope as a whole.
    pub const IN_SCOPE: &[Self] =
        &[Self::ListSpaces, Self::CreateSpace, Self::ListProjects, Self::CreateProject, Self::ListOwnTasks];

    /// What can be done to an organization and its members.
    pub const ON_ORGANIZATION: &[Self] = &[
        Self::ReadOrganization,
        Self::UpdateOrganization,
        Self::ReadMembers,
        Self::ManageMembers,
        Self::ListMemberKeys,
        Self::ManageMemberKeys,
    ];

    /// What can be done to a space.
    pub const ON_SPACE: &[Self] = &[Self::ReadSpace, Self::UpdateSpace, Self::DeleteSpace];

    /// What can be done to a project, its roster and its tasks.
    pub const ON_PROJECT: &[Self] = &[
        Self::ReadProject,
        Self::UpdateProject,
        Self::DeleteProject,
        Self::ReadRoster,
        Self::ManageRoster,
        Self::ReadTasks,
        Self::WriteTasks,
    ];
}
