//! Two admins who demote or deactivate each other, step down or leave at the same moment: one admin remains (promise B9).

use std::ops::RangeInclusive;

use loggia_domain::id::UserId;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::service::Loggia;
use loggia_domain::user::MemberPatch;

use crate::pair::Pair;
use crate::race::{Call, ROUNDS, Verdict, breaks, call, done, holds, race};
use crate::town::{Town, count};
use crate::unlocked::Keys;

/// The number of concurrent rounds.
const LANES: usize = 8;

const ORGANIZATIONS_WITHOUT_ADMINS: &str = "SELECT count(*) FROM organizations o WHERE NOT EXISTS (
    SELECT FROM members m WHERE m.scope_id = o.id AND m.role = 'admin' AND m.active)";
const ROSTERS_WITHOUT_ADMINS: &str = "SELECT count(*) FROM projects p WHERE NOT EXISTS (
    SELECT FROM project_members m WHERE m.project_id = p.id AND m.role = 'admin')";

fn demoted() -> MemberPatch {
    MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() }
}

fn out() -> MemberPatch {
    MemberPatch { active: Some(false), ..MemberPatch::default() }
}

fn change(loggia: &Loggia, town: Town, who: UserId, whom: UserId, patch: MemberPatch) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(async move { loggia.acting_as(&caller).update_member(town.organization(), whom, patch).await })
}

/// Runs rounds in which two admins demote each other, deactivate each other, demote themselves, or deactivate themselves, in turn.
async fn organizations(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let (ada, barbara) = (town.ada(), town.barbara());
        let (hers, patch) = match town.0 % 4 {
            0 => (false, demoted()),
            1 => (false, out()),
            2 => (true, demoted()),
            _ => (true, out()),
        };
        let (by_ada, by_barbara) = if hers { (ada, barbara) } else { (barbara, ada) };
        vec![
            change(&replicas[0], town, ada, by_ada, patch.clone()),
            change(&replicas[1], town, barbara, by_barbara, patch),
        ]
    })
    .await;
    let without = count(&pair.database, ORGANIZATIONS_WITHOUT_ADMINS).await;
    Verdict::on(&rounds, without, |round| done(round) == 1)
}

fn demote(loggia: &Loggia, town: Town, who: UserId, whom: UserId) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(async move {
        loggia.acting_as(&caller).change_roster_role(town.project(), whom, RosterRole::Member).await
    })
}

/// Runs rounds in which two roster admins demote each other or demote themselves, in turn.
async fn rosters(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let (ada, barbara) = (town.ada(), town.barbara());
        let (by_ada, by_barbara) = if town.0 % 2 == 0 { (barbara, ada) } else { (ada, barbara) };
        vec![demote(&replicas[0], town, ada, by_ada), demote(&replicas[1], town, barbara, by_barbara)]
    })
    .await;
    let without = count(&pair.database, ROSTERS_WITHOUT_ADMINS).await;
    Verdict::on(&rounds, without, |round| done(round) == 1)
}

fn leave(loggia: &Loggia, town: Town, who: UserId) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(async move { loggia.acting_as(&caller).leave_organization(town.organization()).await })
}

/// Runs rounds in which both admins leave, or one leaves while the operator demotes or deactivates the other, in turn.
async fn leaving_organizations(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let (ada, barbara) = (town.ada(), town.barbara());
        let end = |patch: MemberPatch| {
            let loggia = replicas[1].clone();
            call(async move { loggia.operator().update_member(town.organization(), barbara, patch).await })
        };
        let other = match town.0 % 3 {
            0 => leave(&replicas[1], town, barbara),
            1 => end(demoted()),
            _ => end(out()),
        };
        vec![leave(&replicas[0], town, ada), other]
    })
    .await;
    let without = count(&pair.database, ORGANIZATIONS_WITHOUT_ADMINS).await;
    Verdict::on(&rounds, without, |round| done(round) == 1)
}

fn leave_roster(loggia: &Loggia, town: Town, who: UserId) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(async move { loggia.acting_as(&caller).leave_roster(town.project()).await })
}

/// Runs rounds in which both roster admins leave, or one leaves while the other steps down, in turn.
async fn leaving_rosters(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let (ada, barbara) = (town.ada(), town.barbara());
        let other = match town.0 % 2 {
            0 => leave_roster(&replicas[1], town, barbara),
            _ => demote(&replicas[1], town, barbara, barbara),
        };
        vec![leave_roster(&replicas[0], town, ada), other]
    })
    .await;
    let without = count(&pair.database, ROSTERS_WITHOUT_ADMINS).await;
    Verdict::on(&rounds, without, |round| done(round) == 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_organization_loses_both_admins_at_once() {
    println!("admins of organizations: {}", holds(ROUNDS, organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_organizations_lose_their_admins() {
    println!("admins of organizations: {}", breaks(Keys::Reported, organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_roster_loses_both_admins_at_once() {
    println!("admins of rosters: {}", holds(ROUNDS, rosters).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_rosters_lose_their_admins() {
    println!("admins of rosters: {}", breaks(Keys::Reported, rosters).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_organization_loses_both_admins_when_one_leaves() {
    println!("admins who leave organizations: {}", holds(ROUNDS, leaving_organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_organizations_lose_admins_who_leave() {
    println!("admins who leave organizations: {}", breaks(Keys::Reported, leaving_organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_roster_loses_both_admins_when_one_leaves() {
    println!("admins who leave rosters: {}", holds(ROUNDS, leaving_rosters).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_rosters_lose_admins_who_leave() {
    println!("admins who leave rosters: {}", breaks(Keys::Reported, leaving_rosters).await);
}
