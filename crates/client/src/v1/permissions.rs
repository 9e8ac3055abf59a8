//! The permissions of the caller.

use std::collections::BTreeMap;

use crate::call::Query;
use crate::macros::{open_enum, record};
use crate::value::{ProjectId, Scope, SpaceId};

/// The scope, project or space that permissions are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PermissionQuery {
    /// The default scope of the API key.
    #[default]
    DefaultScope,
    /// A scope.
    Scope(Scope),
    /// A project.
    Project(ProjectId),
    /// A space.
    Space(SpaceId),
}

impl PermissionQuery {
    pub(super) fn query(self) -> Query {
        let mut query = Query::default();
        match self {
            Self::DefaultScope => {}
            Self::Scope(scope) => query.set("organizationId", scope),
            Self::Project(id) => query.set("projectId", id),
            Self::Space(id) => query.set("spaceId", id),
        }
        query
    }
}

record! {
    /// Every action that exists for what was asked about, and whether it is allowed.
    pub struct Permissions {
        /// The actions.
        pub actions: BTreeMap<Action, Permission>,
    }
}

impl Permissions {
    /// Returns `true` if the action is allowed.
    pub fn allows(&self, action: &Action) -> bool {
        self.actions.get(action).is_some_and(|permission| permission.allowed)
    }
}

record! {
    /// Whether an action is allowed.
    pub struct Permission {
        /// Whether it is.
        pub allowed: bool,
        /// Why it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<DenialReason>,
    }
}

open_enum! {
    /// The reason why an action is not allowed.
    pub enum DenialReason {
        /// The caller's role.
        Role = "ROLE",
        /// The ability of the API key.
        Ability = "ABILITY",
        /// The caller is not in the scope.
        NotInScope = "NOT_IN_SCOPE",
        /// The API key is confined to an organization.
        Reach = "REACH",
        /// The instance does not let its users create organizations.
        CreationClosed = "CREATION_CLOSED",
    }
}

open_enum! {
    /// An action that the policy of the service decides about.
    pub enum Action {
        /// Reading the own profile.
        MeRead = "me.read",
        /// Changing the own profile.
        MeUpdate = "me.update",
        /// Reading the own permissions.
        MePermissions = "me.permissions",
        /// Listing the own API keys.
        KeyList = "key.list",
        /// Creating, rotating and revoking the own API keys.
        KeyManage = "key.manage",
        /// Listing the own organizations.
        OrganizationList = "organization.list",
        /// Creating organizations.
        OrganizationCreate = "organization.create",
        /// Reading the organization.
        OrganizationRead = "organization.read",
        /// Changing the organization.
        OrganizationUpdate = "organization.update",
        /// Leaving the organization.
        OrganizationLeave = "organization.leave",
        /// Reading the members.
        MemberRead = "member.read",
        /// Adding, changing and deactivating members.
        MemberManage = "member.manage",
        /// Erasing the organization's own people and machines.
        MemberErase = "member.erase",
        /// Listing the API keys of members.
        MemberKeyList = "member_key.list",
        /// Creating and revoking API keys of members.
        MemberKeyManage = "member_key.manage",
        /// Listing the invitations.
        InvitationList = "invitation.list",
        /// Creating, resending and withdrawing invitations.
        InvitationManage = "invitation.manage",
        /// Accepting invitations.
        InvitationAccept = "invitation.accept",
        /// Listing spaces.
        SpaceList = "space.list",
        /// Creating spaces.
        SpaceCreate = "space.create",
        /// Reading the space.
        SpaceRead = "space.read",
        /// Changing the space.
        SpaceUpdate = "space.update",
        /// Deleting the space.
        SpaceDelete = "space.delete",
        /// Listing projects.
        ProjectList = "project.list",
        /// Creating projects.
        ProjectCreate = "project.create",
        /// Reading the project.
        ProjectRead = "project.read",
        /// Changing the project.
        ProjectUpdate = "project.update",
        /// Deleting the project.
        ProjectDelete = "project.delete",
        /// Reading the roster.
        RosterRead = "roster.read",
        /// Changing the roster.
        RosterManage = "roster.manage",
        /// Leaving the roster.
        RosterLeave = "roster.leave",
        /// Reading tasks.
        TaskRead = "task.read",
        /// Creating, changing and deleting tasks.
        TaskWrite = "task.write",
        /// Listing the own tasks.
        TaskListOwn = "task.list_own",
    }
}
