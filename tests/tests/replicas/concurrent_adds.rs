//! Twenty callers who add one person at once: one succeeds, and nineteen learn that the person is already a member (promise B15).

use std::ops::RangeInclusive;

use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::service::{Loggia, NewMember};
use loggia_testkit::builders::{EDSGER, email};

use crate::pair::Pair;
use crate::race::{Call, ROUNDS, Round, Said, Verdict, breaks, call, done, holds, race};
use crate::town::{Town, count};
use crate::unlocked::Keys;

/// The number of concurrent rounds, each with twenty calls.
const LANES: usize = 2;
const CALLERS: usize = 20;
/// Adds Grace to the roster.
fn to_roster(loggia: &Loggia, town: Town) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.ada()));
    let grace = NewMembership { user: town.grace(), role: RosterRole::Member };
    let people = NewMemberships::new(vec![grace]).expect("one person");
    call(async move { loggia.acting_as(&caller).add_to_roster(town.project(), &people).await })
}

/// Adds Edsger, whom the instance does not know yet, to the organization.
fn to_organization(loggia: &Loggia, town: Town) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(town.barbara()));
    let address = email(&format!("edsger-{}@example.com", town.0));
    let edsger = NewMember::person(address, EDSGER.profile(), ScopeRole::Member);
    call(async move { loggia.acting_as(&caller).add_member(town.organization(), edsger).await })
}

fn one_was_added(round: &Round) -> bool {
    let there = |said: &&Said| matches!(said, Said::Refused(why) if why.starts_with("AlreadyAMember"));
    done(round) == 1 && round.iter().filter(there).count() == CALLERS - 1
}

/// Runs rounds that add a person to the roster or to the organization, in turn.
async fn adds(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let last = *towns.end();
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let add = if town.0 % 2 == 0 { to_roster } else { to_organization };
        (0..CALLERS).map(|index| add(&replicas[index % 2], town)).collect()
    })
    .await;
    // Each town then has one more membership, either on the roster or in the organization.
    let memberships = "SELECT (SELECT count(*) FROM project_members) - 2 * count(*) + (SELECT count(*) FROM members m
                      JOIN scopes s ON s.id = m.scope_id AND s.kind = 'organization') - 3 * count(*) FROM organizations";
    let wrong = count(&pair.database, memberships).await.abs_diff(last);
    Verdict::on(&rounds, wrong, one_was_added)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_concurrent_adds_of_one_person_one_succeeds() {
    println!("adds: {}", holds(ROUNDS, adds).await);
}

/// The lock and the unique key each keep the promise. Without both, it breaks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_and_keys_one_person_is_added_more_than_once() {
    println!("adds: {}", breaks(Keys::Ignored, adds).await);
}

/// The unique key alone keeps the promise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_alone_keeps_a_person_from_being_added_twice() {
    const FEW: u64 = 50;
    let verdict = adds(&Pair::unlocked(FEW, Keys::Reported).await, 1..=FEW).await;
    println!("adds with keys and without locks: {verdict}");
    assert_eq!((verdict.wrong_rows, verdict.wrong_rounds), (0, 0), "{verdict}");
}
