//! The callers who may do something, in words, found by asking the policy about every possible standing. So the rules are written down only
//! once.

use loggia_domain::key::Ability;
use loggia_domain::policy::{Action, ProjectStanding, Standing, decide};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};

/// Returns the callers who are allowed; one of them is enough. The ability of the key is taken for granted.
pub(super) fn who(action: Action) -> Vec<String> {
    let found = Allowed::find(action);
    let mut words = Vec::new();
    if found.oneself {
        words.push("any key".to_owned());
    }
    let mut say = |roles: &[&str], place: &str| {
        if !roles.is_empty() {
            words.push(format!("{} {place}", roles.join(", ")));
        }
    };
    say(&scope_words(&found.in_scope), "of the scope");
    say(&scope_words(&found.any_project), "of the scope");
    say(&found.on_roster.iter().map(|role| role.as_str()).collect::<Vec<_>>(), "on the roster");
    say(&scope_words(&found.open_project), "of the scope, unless the project is private");
    words
}

fn scope_words(roles: &[ScopeRole]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

/// The roles that are enough, for each kind of standing towards a record.
#[derive(Debug, Default)]
struct Allowed {
    /// `true` if every user is allowed.
    oneself: bool,
    /// The roles in the scope, for actions on the scope as a whole or on a record in it.
    in_scope: Vec<ScopeRole>,
    /// The roles in the scope, for actions on any of its projects.
    any_project: Vec<ScopeRole>,
    /// The roles on the roster, with any role in the scope.
    on_roster: Vec<RosterRole>,
    /// The further roles in the scope, for actions on its projects that are not private.
    open_project: Vec<ScopeRole>,
}

impl Allowed {
    fn find(action: Action) -> Self {
        let may = |standing| decide(action, standing, Ability::Write).is_ok();
        let may_in_project = |scope_role, roster_role, visibility| {
            may(Standing::Project(ProjectStanding { scope_role, roster_role, visibility }))
        };
        let scope_roles = |allowed: &dyn Fn(ScopeRole) -> bool| -> Vec<ScopeRole> {
            ScopeRole::ALL.iter().copied().filter(|role| allowed(*role)).collect()
        };
        let any_project = scope_roles(&|role| may_in_project(role, None, Visibility::Private));
        let open_project = scope_roles(&|role| {
            !any_project.contains(&role) && may_in_project(role, None, Visibility::Organization)
        });
        let on_roster = RosterRole::ALL
            .iter()
            .copied()
            .filter(|role| may_in_project(ScopeRole::Viewer, Some(*role), Visibility::Private))
            .collect();
        Self {
            oneself: may(Standing::Oneself),
            in_scope: scope_roles(&|role| may(Standing::Scope(Some(role))) || may(Standing::InScope(role))),
            any_project,
            on_roster,
            open_project,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_descriptions_name_the_roles_of_the_policy() {
        assert_eq!(who(Action::ReadMe), ["any key"]);
        assert_eq!(who(Action::ListSpaces), ["admin, member, viewer of the scope"]);
        assert_eq!(who(Action::UpdateSpace), ["admin, member of the scope"]);
        assert_eq!(who(Action::CreateProject), ["admin of the scope"]);
        assert_eq!(who(Action::UpdateProject), ["admin of the scope", "admin on the roster"]);
        assert_eq!(who(Action::ReadRoster), ["admin, member on the roster"]);
        assert_eq!(who(Action::LeaveRoster), ["admin, member on the roster"]);
        assert_eq!(who(Action::LeaveOrganization), ["admin, member, viewer of the scope"]);
        assert_eq!(who(Action::EraseMember), ["admin of the scope"]);
        let readers = [
            "admin of the scope",
            "admin, member on the roster",
            "member, viewer of the scope, unless the project is private",
        ];
        assert_eq!(who(Action::ReadProject), readers);
    }

    #[test]
    fn the_descriptions_decide_every_case_as_the_policy_does() {
        for action in Action::ALL.iter().copied() {
            let allowed = Allowed::find(action);
            for scope_role in ScopeRole::ALL.iter().copied() {
                for roster_role in [None, Some(RosterRole::Member), Some(RosterRole::Admin)] {
                    for visibility in Visibility::ALL.iter().copied() {
                        let standing = ProjectStanding { scope_role, roster_role, visibility };
                        let by_words = allowed.any_project.contains(&scope_role)
                            || roster_role.is_some_and(|role| allowed.on_roster.contains(&role))
                            || visibility == Visibility::Organization
                                && allowed.open_project.contains(&scope_role);
                        let by_policy = decide(action, Standing::Project(standing), Ability::Write).is_ok();
                        assert_eq!(by_words, by_policy, "{action} for {standing:?}");
                    }
                }
            }
            assert!(
                decide(action, Standing::Scope(None), Ability::Write).is_err(),
                "{action} for a stranger"
            );
            assert!(!who(action).is_empty(), "somebody may {action}");
        }
    }
}
