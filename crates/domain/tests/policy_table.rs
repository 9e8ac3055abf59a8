//! A snapshot of the whole policy as one text: which actions are allowed, and how a denial is reported. A change of the policy shows as a
//! diff.
//!
//! Beside the snapshot, properties of the policy are tested on every action, standing and ability.
#![expect(clippy::expect_used, reason = "writing to a String does not fail")]

use std::fmt::Write as _;

use loggia_domain::id::OrganizationId;
use loggia_domain::key::Ability;
use loggia_domain::policy::{Action, Denied, Forbidden, ProjectStanding, Standing, decide, decide_reach};
use loggia_domain::project::Visibility;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Reach;

/// A standing and the heading of its column.
type Column = (Standing, String);

fn scope_roles() -> impl Iterator<Item = ScopeRole> {
    ScopeRole::ALL.iter().rev().copied()
}

fn in_project(visibility: Visibility) -> Vec<Column> {
    let roster_roles = [None, Some(RosterRole::Member), Some(RosterRole::Admin)];
    scope_roles()
        .flat_map(|scope_role| roster_roles.map(|roster_role| (scope_role, roster_role)))
        .map(|(scope_role, roster_role)| {
            let head = match roster_role {
                None => scope_role.to_string(),
                Some(roster_role) => format!("{scope_role}+{roster_role}"),
            };
            (Standing::Project(ProjectStanding { scope_role, roster_role, visibility }), head)
        })
        .collect()
}

/// Returns every standing, grouped by kind.
fn standings_by_kind() -> Vec<(&'static str, Vec<Column>)> {
    let nobody = (Standing::Scope(None), "(no place)".to_owned());
    let scope = scope_roles().map(|role| (Standing::Scope(Some(role)), role.to_string()));
    let in_scope = scope_roles().map(|role| (Standing::InScope(role), role.to_string()));
    vec![
        ("towards oneself", vec![(Standing::Oneself, "anybody".to_owned())]),
        ("towards a scope that the call names", [nobody].into_iter().chain(scope).collect()),
        ("towards a thing in a scope", in_scope.collect()),
        ("towards an `organization` project (scope+roster)", in_project(Visibility::Organization)),
        ("towards a `private` project (scope+roster)", in_project(Visibility::Private)),
    ]
}

/// Returns the outcome for a key that may write and for one that may only read, as one word if the two are equal.
fn cell(action: Action, standing: Standing) -> String {
    let outcome = |ability| match decide(action, standing, ability) {
        Ok(()) => "yes",
        Err(Denied::Hidden) => "hidden",
        Err(Denied::Forbidden(Forbidden::NotInScope)) => "no scope",
        Err(Denied::Forbidden(Forbidden::Role)) => "role",
        Err(Denied::Forbidden(Forbidden::Ability(Ability::Write))) => "needs write",
        Err(Denied::Forbidden(Forbidden::Ability(Ability::Read))) => "needs read",
        // The reach of a key and the instance's rule on organizations are not part of the table.
        Err(Denied::Forbidden(Forbidden::Reach | Forbidden::CreationClosed)) => "beside the table",
    };
    match (outcome(Ability::Write), outcome(Ability::Read)) {
        (write, read) if write == read => write.to_owned(),
        ("yes", "needs write") => "write".to_owned(),
        (write, read) => format!("{write}/{read}"),
    }
}

fn table() -> String {
    let mut text = String::from(
        "yes: with any key · write: with a key that may write, else 403 insufficient_scope\n\
         role: 403 · no scope: 403 · hidden: 404\n",
    );
    for (kind, columns) in standings_by_kind() {
        let heads: Vec<&str> = columns.iter().map(|(_, head)| head.as_str()).collect();
        write!(text, "\n{:<52}", format!("# {kind}")).expect("a String takes it");
        let widths: Vec<usize> = heads.iter().map(|head| head.chars().count().max(8)).collect();
        for (head, width) in heads.iter().zip(&widths) {
            write!(text, "  {head:<width$}").expect("a String takes it");
        }
        text.push('\n');
        let mut refused = Vec::new();
        for action in Action::ALL {
            let cells: Vec<String> = columns.iter().map(|(standing, _)| cell(*action, *standing)).collect();
            if cells.iter().all(|cell| !cell.contains("yes") && !cell.contains("write")) {
                let mut kinds = cells;
                kinds.sort();
                kinds.dedup();
                refused.push((*action, kinds.join(" or ")));
                continue;
            }
            write!(text, "{:<52}", action.as_str()).expect("a String takes it");
            for (cell, width) in cells.iter().zip(&widths) {
                write!(text, "  {cell:<width$}").expect("a String takes it");
            }
            text.push('\n');
        }
        let mut answers: Vec<&str> = refused.iter().map(|(_, answer)| answer.as_str()).collect();
        answers.sort_unstable();
        answers.dedup();
        for answer in answers {
            let count = refused.iter().filter(|(_, of)| of == answer).count();
            writeln!(text, "({count} other actions: {answer})").expect("a String takes it");
        }
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_policy_is_this_table() {
    insta::assert_snapshot!(table());
}

/// Returns every combination of an action and a standing.
fn cases() -> impl Iterator<Item = (Action, Standing)> {
    let standings: Vec<Standing> = standings_by_kind()
        .into_iter()
        .flat_map(|(_, columns)| columns)
        .map(|(standing, _)| standing)
        .collect();
    Action::ALL
        .iter()
        .flat_map(move |action| standings.clone().into_iter().map(move |standing| (*action, standing)))
}

#[test]
fn every_action_is_tested_in_every_standing() {
    assert_eq!(cases().count(), Action::ALL.len() * (1 + 4 + 3 + 9 + 9));
}

#[test]
fn exactly_the_projects_that_a_caller_does_not_see_are_hidden() {
    for (action, standing) in cases() {
        let unseen = matches!(standing, Standing::Project(standing) if !standing.sees());
        for ability in [Ability::Read, Ability::Write] {
            let hidden = decide(action, standing, ability) == Err(Denied::Hidden);
            assert_eq!(hidden, unseen, "{action} in {standing:?} with {ability}");
        }
    }
}

#[test]
fn a_private_project_is_seen_only_by_its_roster_and_the_admins_of_the_scope() {
    for (standing, _) in standings_by_kind().into_iter().flat_map(|(_, columns)| columns) {
        if let Standing::Project(standing) = standing {
            let outsider = standing.roster_role.is_none() && standing.scope_role != ScopeRole::Admin;
            let unseen = standing.visibility == Visibility::Private && outsider;
            assert_eq!(standing.sees(), !unseen, "{standing:?}");
        }
    }
}

#[test]
fn a_caller_outside_a_scope_gets_not_in_scope_for_every_action() {
    for action in Action::ALL {
        for ability in [Ability::Read, Ability::Write] {
            let outcome = decide(*action, Standing::Scope(None), ability);
            assert_eq!(outcome, Err(Denied::Forbidden(Forbidden::NotInScope)), "{action}");
        }
    }
}

#[test]
fn a_reading_key_never_writes_and_a_writing_key_loses_nothing_by_it() {
    for (action, standing) in cases() {
        let (write, read) =
            (decide(action, standing, Ability::Write), decide(action, standing, Ability::Read));
        match (write, action.ability()) {
            // The role is checked before the ability: a key with more abilities would not help, so none is asked for.
            (Err(_), _) => assert_eq!(read, write, "{action} in {standing:?}"),
            (Ok(()), Ability::Read) => assert_eq!(read, Ok(()), "{action} in {standing:?}"),
            (Ok(()), Ability::Write) => {
                let refused = Err(Denied::Forbidden(Forbidden::Ability(Ability::Write)));
                assert_eq!(read, refused, "{action} in {standing:?}");
            }
        }
    }
}

#[test]
fn each_action_is_allowed_in_one_kind_of_standing_only() {
    for action in Action::ALL {
        let mut kinds: Vec<_> = cases()
            .filter(|(asked, standing)| asked == action && decide(*asked, *standing, Ability::Write).is_ok())
            .map(|(_, standing)| std::mem::discriminant(&standing))
            .collect();
        kinds.dedup();
        assert_eq!(kinds.len(), 1, "{action}");
    }
}

#[test]
fn a_higher_role_in_the_scope_is_never_worse_off() {
    let better_or_same =
        |role: ScopeRole| ScopeRole::ALL.iter().copied().filter(move |better| *better <= role);
    for (action, standing) in cases() {
        if decide(action, standing, Ability::Write).is_err() {
            continue;
        }
        let promoted: Vec<Standing> = match standing {
            Standing::Oneself | Standing::Scope(None) => vec![standing],
            Standing::Scope(Some(role)) => {
                better_or_same(role).map(|role| Standing::Scope(Some(role))).collect()
            }
            Standing::InScope(role) => better_or_same(role).map(Standing::InScope).collect(),
            Standing::Project(project) => better_or_same(project.scope_role)
                .map(|scope_role| Standing::Project(ProjectStanding { scope_role, ..project }))
                .collect(),
        };
        for standing in promoted {
            assert_eq!(decide(action, standing, Ability::Write), Ok(()), "{action} in {standing:?}");
        }
    }
}

#[test]
fn every_action_not_about_the_caller_is_listed_for_one_kind_of_resource() {
    let listed = [Action::IN_SCOPE, Action::ON_ORGANIZATION, Action::ON_SPACE, Action::ON_PROJECT].concat();
    for action in Action::ALL {
        let about_oneself = decide(*action, Standing::Oneself, Ability::Write).is_ok();
        let times = listed.iter().filter(|listed| *listed == action).count();
        assert_eq!(times, usize::from(!about_oneself), "{action}");
    }
}

#[test]
fn a_confined_key_cannot_grant_another_reach() {
    let only = |id| Reach::Only(OrganizationId::from_uuid(uuid::Uuid::from_u128(id)));
    for wanted in [Reach::Everywhere, only(1), only(2)] {
        assert_eq!(decide_reach(Reach::Everywhere, wanted), Ok(()));
        let expected = if wanted == only(1) { Ok(()) } else { Err(Forbidden::Reach) };
        assert_eq!(decide_reach(only(1), wanted), expected, "{wanted:?}");
    }
}
