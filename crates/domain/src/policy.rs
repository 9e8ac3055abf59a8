//! Who may do what: one pure table. Rules about state ("the last admin stays") live with what they are about.
//!
//! A caller's *standing* towards a place is loaded in the same unit of work that acts on it, and [`decide`] says yes or
//! no. What a caller may not even see is [`Denied::Hidden`], which must look exactly like what does not exist.

mod action;

pub use action::Action;

use crate::key::Ability;
use crate::literal::literals;
use crate::project::Visibility;
use crate::role::{RosterRole, ScopeRole};
use crate::scope::Reach;

literals! {
    /// Whom the instance lets make organizations.
    OrganizationCreation {
        /// Everyone who has a key that reaches everywhere.
        Everyone = "everyone",
        /// Whoever runs the instance, at its command line.
        Operators = "operators",
    }
}

/// What a caller is to the place where something shall happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Towards nothing but themselves.
    Oneself,
    /// Towards a scope as a whole that the call names; `None` if they have no active place in it.
    Scope(Option<ScopeRole>),
    /// Towards something that belongs to a scope they are an active member of.
    InScope(ScopeRole),
    /// Towards a project, or what is in it, of a scope they are an active member of.
    Project(ProjectStanding),
}

/// What an active member of a scope is to one of its projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectStanding {
    /// The role in the scope.
    pub scope_role: ScopeRole,
    /// The role on the roster, for who is on it.
    pub roster_role: Option<RosterRole>,
    /// Who sees the project.
    pub visibility: Visibility,
}

impl ProjectStanding {
    /// Whether the project is there for them at all.
    pub fn sees(self) -> bool {
        self.visibility == Visibility::Organization
            || self.scope_role == ScopeRole::Admin
            || self.roster_role.is_some()
    }

    /// Admin of the project: of its scope, or on its roster.
    pub fn is_project_admin(self) -> bool {
        self.scope_role == ScopeRole::Admin || self.roster_role == Some(RosterRole::Admin)
    }
}

/// No, and how to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The caller must not learn that there is anything.
    #[error("no such thing is to be seen")]
    Hidden,
    /// The caller sees it and may not do that.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

/// Why someone who sees a thing may not do something to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// The call names a scope that the caller has no active place in, or that does not exist.
    #[error("you have no access to this organization")]
    NotInScope,
    /// The role is too low.
    #[error("your role does not allow this")]
    Role,
    /// The key lacks the ability.
    #[error("the API key lacks the ability `{0}`")]
    Ability(Ability),
    /// The key reaches one organization only, and what it would bring about reaches further.
    #[error("the API key is confined to one organization")]
    Reach,
    /// The instance leaves the making of organizations to whoever runs it.
    #[error("only the operator of this instance makes organizations")]
    CreationClosed,
}

/// Decides whether a caller with this standing and this ability may do that.
///
/// # Errors
/// [`Denied`]: hidden before forbidden, and the role before the key's ability.
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

/// Decides whether a key that reaches so far may bring about something that reaches as far as `wanted`: another key, or a
/// new organization, which is beyond every key that is confined.
///
/// # Errors
/// [`Forbidden::Reach`].
pub fn decide_reach(own: Reach, wanted: Reach) -> Result<(), Forbidden> {
    if own == Reach::Everywhere || own == wanted { Ok(()) } else { Err(Forbidden::Reach) }
}

/// Decides whether a caller may make an organization, where the instance has that rule.
///
/// # Errors
/// [`Denied`]: the instance's rule before the key's.
pub fn decide_creation(rule: OrganizationCreation, reach: Reach, ability: Ability) -> Result<(), Denied> {
    if rule == OrganizationCreation::Operators {
        return Err(Forbidden::CreationClosed.into());
    }
    decide(Action::CreateOrganization, Standing::Oneself, ability)?;
    Ok(decide_reach(reach, Reach::Everywhere)?)
}

/// The table itself. A standing of the wrong kind for an action allows nothing.
fn role_allows(action: Action, standing: Standing) -> bool {
    use Action as A;
    match (action, standing) {
        (
            A::ReadMe
            | A::ReadPermissions
            | A::ListKeys
            | A::ManageKeys
            | A::ListOrganizations
            | A::CreateOrganization,
            Standing::Oneself,
        ) => true,
        (_, Standing::Oneself) => false,

        (A::ListSpaces | A::ListProjects | A::ListOwnTasks, Standing::Scope(Some(_))) => true,
        (A::CreateSpace, Standing::Scope(Some(role))) => role != ScopeRole::Viewer,
        (A::CreateProject, Standing::Scope(Some(role))) => role == ScopeRole::Admin,
        (_, Standing::Scope(_)) => false,

        (A::ReadOrganization | A::ReadMembers | A::ReadSpace, Standing::InScope(_)) => true,
        (
            A::UpdateOrganization | A::ManageMembers | A::ListMemberKeys | A::ManageMemberKeys,
            Standing::InScope(role),
        ) => role == ScopeRole::Admin,
        (A::UpdateSpace | A::DeleteSpace, Standing::InScope(role)) => role != ScopeRole::Viewer,
        (_, Standing::InScope(_)) => false,

        (A::ReadProject | A::ReadTasks, Standing::Project(_)) => true,
        (A::UpdateProject | A::ManageRoster, Standing::Project(standing)) => standing.is_project_admin(),
        (A::DeleteProject, Standing::Project(standing)) => standing.scope_role == ScopeRole::Admin,
        (A::ReadRoster | A::WriteTasks, Standing::Project(standing)) => standing.roster_role.is_some(),
        (_, Standing::Project(_)) => false,
    }
}
