//! Who may do what: one pure table. Rules about state ("the last admin stays") live with what they are about.
//!
//! A caller's *standing* towards a place is loaded in the same unit of work that acts on it, and [`decide`] says yes or
//! no. What a caller may not even see is [`Denied::Hidden`], which must look exactly like what does not exist.

use crate::key::Ability;
use crate::literal::literals;
use crate::project::Visibility;
use crate::role::{RosterRole, ScopeRole};

literals! {
    /// Everything that can be asked for.
    Action {
        /// Learn about one's own user and key.
        ReadMe = "me.read",
        /// List the organizations one belongs to.
        ListOrganizations = "organization.list",
        /// Look at an organization.
        ReadOrganization = "organization.read",
        /// Rename an organization.
        UpdateOrganization = "organization.update",
        /// Add, change, deactivate and reactivate members.
        ManageMembers = "member.manage",
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
            | Self::ListOrganizations
            | Self::ReadOrganization
            | Self::ListSpaces
            | Self::ReadSpace
            | Self::ListProjects
            | Self::ReadProject
            | Self::ReadRoster
            | Self::ReadTasks
            | Self::ListOwnTasks => Ability::Read,
            Self::UpdateOrganization
            | Self::ManageMembers
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

/// The table itself. A standing of the wrong kind for an action allows nothing.
fn role_allows(action: Action, standing: Standing) -> bool {
    use Action as A;
    match (action, standing) {
        (A::ReadMe | A::ListOrganizations, Standing::Oneself) => true,
        (_, Standing::Oneself) => false,

        (A::ListSpaces | A::ListProjects | A::ListOwnTasks, Standing::Scope(Some(_))) => true,
        (A::CreateSpace, Standing::Scope(Some(role))) => role != ScopeRole::Viewer,
        (A::CreateProject, Standing::Scope(Some(role))) => role == ScopeRole::Admin,
        (_, Standing::Scope(_)) => false,

        (A::ReadOrganization | A::ReadSpace, Standing::InScope(_)) => true,
        (A::UpdateOrganization | A::ManageMembers, Standing::InScope(role)) => role == ScopeRole::Admin,
        (A::UpdateSpace | A::DeleteSpace, Standing::InScope(role)) => role != ScopeRole::Viewer,
        (_, Standing::InScope(_)) => false,

        (A::ReadProject | A::ReadTasks, Standing::Project(_)) => true,
        (A::UpdateProject | A::ManageRoster, Standing::Project(standing)) => standing.is_project_admin(),
        (A::DeleteProject, Standing::Project(standing)) => standing.scope_role == ScopeRole::Admin,
        (A::ReadRoster | A::WriteTasks, Standing::Project(standing)) => standing.roster_role.is_some(),
        (_, Standing::Project(_)) => false,
    }
}
