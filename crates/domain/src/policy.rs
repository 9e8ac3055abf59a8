//! Authorization: the pure table of who may do what. Rules about state, such as the protection of the last admin, belong to the
//! aggregates.
//!
//! A caller's *standing*, the relation to the resource, is loaded in the unit of work that acts on the resource; [`decide`] then allows
//! or denies the action. A record that the caller may not see is [`Denied::Hidden`]; the response must not differ from that for a record
//! that does not exist.

mod action;

pub use action::Action;

use crate::key::Ability;
use crate::literal::literals;
use crate::project::Visibility;
use crate::role::{RosterRole, ScopeRole};
use crate::scope::Reach;

literals! {
    /// The rule of the instance on who may create organizations.
    OrganizationCreation {
        /// Every user whose key reaches everywhere.
        Everyone = "everyone",
        /// The operator of the instance only, at its command line.
        Operators = "operators",
    }
}

/// The relation of a caller to the resource of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The action concerns the caller's own user only.
    Oneself,
    /// The action concerns a scope that the call names; `None` if the caller is not an active member of it.
    Scope(Option<ScopeRole>),
    /// The action concerns a resource of a scope of which the caller is an active member.
    InScope(ScopeRole),
    /// The action concerns a project or a part of it, in a scope of which the caller is an active member.
    Project(ProjectStanding),
}

/// The relation of an active member of a scope to one of the scope's projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectStanding {
    /// The role in the scope.
    pub scope_role: ScopeRole,
    /// The role on the roster; `None` if the member is not on it.
    pub roster_role: Option<RosterRole>,
    /// The visibility of the project.
    pub visibility: Visibility,
}

impl ProjectStanding {
    /// Returns `true` if the member sees the project.
    pub fn sees(self) -> bool {
        self.visibility == Visibility::Organization
            || self.scope_role == ScopeRole::Admin
            || self.roster_role.is_some()
    }

    /// Returns `true` for an admin of the project: of its scope, or on its roster.
    pub fn is_project_admin(self) -> bool {
        self.scope_role == ScopeRole::Admin || self.roster_role == Some(RosterRole::Admin)
    }
}

/// The reason why an action is denied, which determines the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The caller must not learn whether the resource exists.
    #[error("the record does not exist, or the caller may not see it")]
    Hidden,
    /// The caller sees the resource but may not do the action.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

/// The reason why a caller may not act on a resource that they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The call names a scope that does not exist, or of which the caller is not an active member.
    #[error("you have no access to this organization")]
    NotInScope,
    /// The caller's role does not allow the action.
    #[error("your role does not allow this")]
    Role,
    /// The key lacks this ability.
    #[error("the API key lacks the ability `{0}`")]
    Ability(Ability),
    /// The key reaches one organization only, and the call has effects on more.
    #[error("the API key is confined to one organization")]
    Reach,
    /// The instance lets its operator alone create organizations.
    #[error("only the operator of this instance creates organizations")]
    CreationClosed,
}

/// Decides whether a caller with this standing and ability may do the action.
///
/// # Errors
/// Fails with [`Denied`]. The scope's membership and the project's visibility are checked before the role, and the role before the key's
/// ability.
pub fn decide(action: Action, standing: Standing, ability: Ability) -> Result<(), Denied> {
    match standing {
        Standing::Scope(None) => return Err(Forbidden::NotInScope.into()),
        Standing::Project(standing) if !standing.sees() => return Err(Denied::Hidden),
        _ => {}
    }
    if !role_allows(action, standing) {
        return Err(Forbidden::Role.into());
    }
    if ability < action.ability() {
        return Err(Forbidden::Ability(action.ability()).into());
    }
    Ok(())
}

/// Decides whether a key with the reach `own` may create a key with the reach `wanted`. A new organization counts as
/// [`Reach::Everywhere`], so no key that is confined to one organization creates another. The end of the user's membership counts as that
/// too, since it ends the access of the user's other keys: a confined key, such as every key of an organization's own person or machine,
/// does not leave. So does a change of the user's profile, which all organizations of the user show.
///
/// # Errors
/// Fails with [`Forbidden::Reach`] if `own` is confined to an organization and `wanted` differs.
pub fn decide_reach(own: Reach, wanted: Reach) -> Result<(), Forbidden> {
    if own == Reach::Everywhere || own == wanted { Ok(()) } else { Err(Forbidden::Reach) }
}

/// Decides whether a caller may create an organization under the instance's rule.
///
/// # Errors
/// Fails with [`Denied`]. The instance's rule is checked before the key's ability and reach.
pub fn decide_creation(rule: OrganizationCreation, reach: Reach, ability: Ability) -> Result<(), Denied> {
    if rule == OrganizationCreation::Operators {
        return Err(Forbidden::CreationClosed.into());
    }
    decide(Action::CreateOrganization, Standing::Oneself, ability)?;
    Ok(decide_reach(reach, Reach::Everywhere)?)
}

/// The table. A standing that does not fit the action allows nothing.
fn role_allows(action: Action, standing: Standing) -> bool {
    use Action as A;
    match (action, standing) {
        (
            A::ReadMe
            | A::UpdateMe
            | A::ReadPermissions
            | A::ListKeys
            | A::ManageKeys
            | A::ListOrganizations
            | A::CreateOrganization
            | A::AcceptInvitation,
            Standing::Oneself,
        ) => true,
        (_, Standing::Oneself) => false,

        (A::ListSpaces | A::ListProjects | A::ListOwnTasks, Standing::Scope(Some(_))) => true,
        (A::CreateSpace, Standing::Scope(Some(role))) => role != ScopeRole::Viewer,
        (A::CreateProject, Standing::Scope(Some(role))) => role == ScopeRole::Admin,
        (_, Standing::Scope(_)) => false,

        (
            A::ReadOrganization | A::LeaveOrganization | A::ReadMembers | A::ReadSpace,
            Standing::InScope(_),
        ) => true,
        (
            A::UpdateOrganization
            | A::ManageMembers
            | A::EraseMember
            | A::ListMemberKeys
            | A::ManageMemberKeys
            | A::ListInvitations
            | A::ManageInvitations,
            Standing::InScope(role),
        ) => role == ScopeRole::Admin,
        (A::UpdateSpace | A::DeleteSpace, Standing::InScope(role)) => role != ScopeRole::Viewer,
        (_, Standing::InScope(_)) => false,

        (A::ReadProject | A::ReadTasks, Standing::Project(_)) => true,
        (A::UpdateProject | A::ManageRoster, Standing::Project(standing)) => standing.is_project_admin(),
        (A::DeleteProject, Standing::Project(standing)) => standing.scope_role == ScopeRole::Admin,
        (A::ReadRoster | A::LeaveRoster | A::WriteTasks, Standing::Project(standing)) => {
            standing.roster_role.is_some()
        }
        (_, Standing::Project(_)) => false,
    }
}
