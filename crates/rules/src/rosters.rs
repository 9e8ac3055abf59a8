//! Rosters: who can be removed, which roles change, and how many people are added together.

use loggia_domain::id::UserId;
use loggia_domain::organization::LastAdmin;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{BatchError, NewMembership, NewMemberships, RemovalRefused, judge_removal};
use loggia_domain::uuid::Uuid;

use crate::cases::Cases;
use crate::records::{ADA, GRACE, member, membership};

pub(crate) fn removals() -> Cases {
    let mut cases = Cases::default();
    for caller in [ADA, GRACE] {
        for scope_role in ScopeRole::ALL {
            for active in [true, false] {
                for roster_role in [None, Some(RosterRole::Member), Some(RosterRole::Admin)] {
                    let grace = member(*scope_role, active);
                    let target = roster_role.map(membership);
                    let outcome = judge_removal(caller, &grace, target).map(|membership| membership.role);
                    let expected = match (caller == GRACE, roster_role, *scope_role, active) {
                        (true, ..) => Err(RemovalRefused::Oneself),
                        (_, None, ..) => Err(RemovalRefused::NotAMember),
                        (_, Some(RosterRole::Admin), ..) => Err(RemovalRefused::RosterAdmin),
                        (_, Some(RosterRole::Member), ScopeRole::Admin, true) => {
                            Err(RemovalRefused::ScopeAdmin)
                        }
                        (_, Some(RosterRole::Member), ..) => Ok(RosterRole::Member),
                    };
                    let by = if caller == GRACE { "herself" } else { "another" };
                    let name = format!(
                        "{scope_role}, active: {active}, {roster_role:?} on the roster, removed by {by}"
                    );
                    cases.add(name, outcome, expected);
                }
            }
        }
    }
    cases
}

pub(crate) fn roles() -> Cases {
    let mut cases = Cases::default();
    for role in RosterRole::ALL.iter().copied() {
        for admins in [0, 1, 2, 100] {
            if role == RosterRole::Admin && admins == 0 {
                continue;
            }
            let is_last = role == RosterRole::Admin && admins == 1;
            let leaving = membership(role).judge_leaving(admins);
            let expected = if is_last { Err(LastAdmin) } else { Ok(()) };
            cases.add(format!("{role} of {admins} admins leaves"), leaving, expected);
            for new_role in RosterRole::ALL.iter().copied() {
                let mut grace = membership(role);
                let outcome = grace.change_role(new_role, admins).map(|changes| changes.len());
                let expected = match (role == new_role, is_last) {
                    (true, _) => (Ok(0), role),
                    (false, true) => (Err(LastAdmin), role),
                    (false, false) => (Ok(1), new_role),
                };
                let name = format!("{role} of {admins} admins on a roster becomes {new_role}");
                cases.add(name, (outcome, grace.role), expected);
            }
        }
    }
    cases
}

pub(crate) fn batches() -> Cases {
    let person = |number: u128| {
        let user = UserId::from_uuid(Uuid::from_u128(number));
        NewMembership { user, role: RosterRole::Member }
    };
    let people = |count: u128| (1..=count).map(person).collect::<Vec<_>>();
    let mut cases = Cases::default();
    for (count, expected) in [
        (0, Err(BatchError::Empty)),
        (1, Ok(1)),
        (2, Ok(2)),
        (99, Ok(99)),
        (100, Ok(100)),
        (101, Err(BatchError::TooMany)),
        (1_000, Err(BatchError::TooMany)),
    ] {
        let outcome = NewMemberships::new(people(count)).map(|batch| batch.as_slice().len());
        cases.add(format!("{count} people are added together"), outcome, expected);
    }
    for again in 1..10 {
        let mut twice = people(9);
        twice.insert(again, person(1));
        let outcome = NewMemberships::new(twice).map(|batch| batch.as_slice().len());
        let name = format!("the first person is named again at index {again}");
        cases.add(name, outcome, Err(BatchError::Duplicate(again)));
    }
    cases
}

#[test]
fn admins_and_oneself_are_not_removed() {
    removals().assert();
}

#[test]
fn a_roster_keeps_an_admin() {
    roles().assert();
}

#[test]
fn a_batch_is_one_to_a_hundred_different_people() {
    batches().assert();
}
