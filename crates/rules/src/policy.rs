//! The policy: each action by each standing, with a key that may write and one that may only read.

use loggia_domain::key::Ability;
use loggia_domain::policy::{
    Action, Denied, Forbidden, OrganizationCreation, ProjectStanding, Standing, decide, decide_creation,
};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Reach;

use crate::cases::Cases;
use crate::records::HARBOUR_WORKS;

/// The kind of standing in which an action is allowed at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Oneself,
    NamedScope,
    ThingInScope,
    Project,
}

/// Those whom an action is allowed to, beside the kind of standing.
#[derive(Clone, Copy)]
enum To {
    Everyone,
    /// Members and admins of the scope.
    Writers,
    ScopeAdmins,
    /// Those on the roster, with either role.
    Roster,
    /// Admins on the roster and admins of the scope.
    ProjectAdmins,
}

use Ability::{Read, Write};
use At::{NamedScope, Oneself, Project, ThingInScope};
use To::{Everyone, ProjectAdmins, Roster, ScopeAdmins, Writers};

/// The policy: the kind of standing, those who may, and the ability that their key needs.
fn rule(action: Action) -> (At, To, Ability) {
    match action {
        Action::ReadMe => (Oneself, Everyone, Read),
        Action::UpdateMe => (Oneself, Everyone, Write),
        Action::ReadPermissions => (Oneself, Everyone, Read),
        Action::ListKeys => (Oneself, Everyone, Read),
        Action::ManageKeys => (Oneself, Everyone, Write),
        Action::ListOrganizations => (Oneself, Everyone, Read),
        Action::CreateOrganization => (Oneself, Everyone, Write),
        Action::AcceptInvitation => (Oneself, Everyone, Write),
        Action::ListSpaces => (NamedScope, Everyone, Read),
        Action::CreateSpace => (NamedScope, Writers, Write),
        Action::ListProjects => (NamedScope, Everyone, Read),
        Action::CreateProject => (NamedScope, ScopeAdmins, Write),
        Action::ListOwnTasks => (NamedScope, Everyone, Read),
        Action::ReadOrganization => (ThingInScope, Everyone, Read),
        Action::UpdateOrganization => (ThingInScope, ScopeAdmins, Write),
        Action::LeaveOrganization => (ThingInScope, Everyone, Write),
        Action::ReadMembers => (ThingInScope, Everyone, Read),
        Action::ManageMembers => (ThingInScope, ScopeAdmins, Write),
        Action::EraseMember => (ThingInScope, ScopeAdmins, Write),
        Action::ListMemberKeys => (ThingInScope, ScopeAdmins, Read),
        Action::ManageMemberKeys => (ThingInScope, ScopeAdmins, Write),
        Action::ListInvitations => (ThingInScope, ScopeAdmins, Read),
        Action::ManageInvitations => (ThingInScope, ScopeAdmins, Write),
        Action::ReadSpace => (ThingInScope, Everyone, Read),
        Action::UpdateSpace => (ThingInScope, Writers, Write),
        Action::DeleteSpace => (ThingInScope, Writers, Write),
        Action::ReadProject => (Project, Everyone, Read),
        Action::UpdateProject => (Project, ProjectAdmins, Write),
        Action::DeleteProject => (Project, ScopeAdmins, Write),
        Action::ReadRoster => (Project, Roster, Read),
        Action::ManageRoster => (Project, ProjectAdmins, Write),
        Action::LeaveRoster => (Project, Roster, Write),
        Action::ReadTasks => (Project, Everyone, Read),
        Action::WriteTasks => (Project, Roster, Write),
        other => panic!("{other} has no row in this table"),
    }
}

/// Returns every standing.
fn standings() -> Vec<Standing> {
    let mut standings = vec![Standing::Oneself, Standing::Scope(None)];
    for role in ScopeRole::ALL {
        standings.extend([Standing::Scope(Some(*role)), Standing::InScope(*role)]);
        for roster_role in [None, Some(RosterRole::Member), Some(RosterRole::Admin)] {
            for visibility in Visibility::ALL {
                let standing = ProjectStanding { scope_role: *role, roster_role, visibility: *visibility };
                standings.push(Standing::Project(standing));
            }
        }
    }
    standings
}

fn expected(action: Action, standing: Standing, ability: Ability) -> Result<(), Denied> {
    let (at, to, needed) = rule(action);
    let (found, scope_role, roster_role) = match standing {
        Standing::Oneself => (Oneself, None, None),
        Standing::Scope(None) => return Err(Denied::Forbidden(Forbidden::NotInScope)),
        Standing::Scope(role) => (NamedScope, role, None),
        Standing::InScope(role) => (ThingInScope, Some(role), None),
        Standing::Project(ProjectStanding { scope_role, roster_role, visibility }) => {
            let is_seen = visibility == Visibility::Organization
                || roster_role.is_some()
                || scope_role == ScopeRole::Admin;
            if !is_seen {
                return Err(Denied::Hidden);
            }
            (Project, Some(scope_role), roster_role)
        }
    };
    let is_scope_admin = scope_role == Some(ScopeRole::Admin);
    let may = at == found
        && match to {
            Everyone => true,
            Writers => matches!(scope_role, Some(ScopeRole::Admin | ScopeRole::Member)),
            ScopeAdmins => is_scope_admin,
            Roster => roster_role.is_some(),
            ProjectAdmins => is_scope_admin || roster_role == Some(RosterRole::Admin),
        };
    match (may, needed, ability) {
        (false, ..) => Err(Denied::Forbidden(Forbidden::Role)),
        (true, Write, Read) => Err(Denied::Forbidden(Forbidden::Ability(Write))),
        (true, ..) => Ok(()),
    }
}

pub(crate) fn cases() -> Cases {
    let mut cases = Cases::default();
    for action in Action::ALL {
        for standing in standings() {
            for ability in [Read, Write] {
                let name = format!("{action} as {standing:?} with a key that may {ability}");
                cases.add(name, decide(*action, standing, ability), expected(*action, standing, ability));
            }
        }
    }
    cases
}

pub(crate) fn creation_of_organizations() -> Cases {
    use OrganizationCreation::{Everyone, Operators};
    let only = Reach::Only(HARBOUR_WORKS);
    let closed = Err(Denied::Forbidden(Forbidden::CreationClosed));
    let unable = Err(Denied::Forbidden(Forbidden::Ability(Write)));
    let mut cases = Cases::default();
    for (rule, reach, ability, expected) in [
        (Everyone, Reach::Everywhere, Write, Ok(())),
        (Everyone, Reach::Everywhere, Read, unable),
        (Everyone, only, Write, Err(Denied::Forbidden(Forbidden::Reach))),
        (Everyone, only, Read, unable),
        (Operators, Reach::Everywhere, Write, closed),
        (Operators, Reach::Everywhere, Read, closed),
        (Operators, only, Write, closed),
        (Operators, only, Read, closed),
    ] {
        let name = format!("an organization is created where {rule} may, with {reach:?} and {ability}");
        cases.add(name, decide_creation(rule, reach, ability), expected);
    }
    cases
}

#[test]
fn each_action_is_allowed_to_those_of_the_table() {
    cases().assert();
}

#[test]
fn organizations_are_created_as_the_instance_allows() {
    creation_of_organizations().assert();
}
