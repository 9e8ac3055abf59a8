//! Use cases of rosters.

use loggia_domain::page::membership_position;
use loggia_domain::role::RosterRole;
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::service::Acting;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Reference, nth, reference};
use crate::values;

#[derive(Clone, Debug)]
pub(crate) enum RosterStep {
    List {
        project: Reference,
        part: Part,
    },
    /// Adds people. Repeated users are left out, since the domain accepts no such batch.
    Add {
        project: Reference,
        people: Vec<(Reference, RosterRole)>,
    },
    /// `None` is the caller.
    Remove {
        project: Reference,
        user: Option<Reference>,
    },
    /// `None` is the caller.
    ChangeRole {
        project: Reference,
        user: Option<Reference>,
        role: RosterRole,
    },
    Leave {
        project: Reference,
    },
}

pub(crate) fn step() -> BoxedStrategy<RosterStep> {
    let role = || values::one_of(RosterRole::ALL);
    let add = (reference(), vec((reference(), role()), 1..4));
    let user = || option::weighted(0.7, reference());
    let change = (reference(), user(), role());
    prop_oneof![
        3 => (reference(), part()).prop_map(|(project, part)| RosterStep::List { project, part }),
        6 => add.prop_map(|(project, people)| RosterStep::Add { project, people }),
        5 => (reference(), user()).prop_map(|(project, user)| RosterStep::Remove { project, user }),
        4 => change.prop_map(|(project, user, role)| RosterStep::ChangeRole { project, user, role }),
        3 => reference().prop_map(|project| RosterStep::Leave { project }),
    ]
    .boxed()
}

impl RosterStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list_roster",
            Self::Add { .. } => "add_to_roster",
            Self::Remove { .. } => "remove_from_roster",
            Self::ChangeRole { .. } => "change_roster_role",
            Self::Leave { .. } => "leave_roster",
        }
    }

    pub(crate) async fn perform(&self, acting: &Acting, book: &Book) -> Outcome {
        let caller = acting.caller();
        let membership = |view| Answer::Membership(Box::new(view));
        let person = |user: &Option<Reference>| user.map_or(caller.user, |user| book.user(caller, user));
        match self {
            Self::List { project, part } => {
                let project = book.project(caller, *project);
                let known = |number| {
                    let memberships =
                        book.memberships.iter().filter(|(_, membership)| membership.project == project);
                    nth(memberships, number).map(|(_, membership)| membership_position(membership))
                };
                let page = part.request(Sort::Number, known);
                outcome(acting.list_roster(project, &page).await, Answer::Roster)
            }
            Self::Add { project, people } => {
                let mut named: Vec<NewMembership> = Vec::new();
                for (user, role) in people {
                    let user = book.user(caller, *user);
                    if !named.iter().any(|person| person.user == user) {
                        named.push(NewMembership { user, role: *role });
                    }
                }
                let people = NewMemberships::new(named).expect("different people");
                let project = book.project(caller, *project);
                outcome(acting.add_to_roster(project, &people).await, Answer::Memberships)
            }
            Self::Remove { project, user } => {
                let project = book.project(caller, *project);
                let memberships =
                    book.memberships.iter().filter(|(_, membership)| membership.project == project);
                // The user is mostly on the roster, since the use case fails for any other user.
                let user = match user {
                    Some(Reference::Near(number)) => {
                        nth(memberships, *number).map(|(_, membership)| membership.user)
                    }
                    _ => None,
                }
                .unwrap_or_else(|| person(user));
                outcome(acting.remove_from_roster(project, user).await, membership)
            }
            Self::ChangeRole { project, user, role } => {
                let (project, user) = (book.project(caller, *project), person(user));
                outcome(acting.change_roster_role(project, user, *role).await, membership)
            }
            Self::Leave { project } => {
                let project = book.project(caller, *project);
                outcome(acting.leave_roster(project).await, membership)
            }
        }
    }
}
