//! Two admins who are rid of each other, or go, at the same moment: one stays (promise B9).

use std::ops::RangeInclusive;

use loggia_domain::id::UserId;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::service::{Authority, Loggia};
use loggia_domain::user::MemberPatch;

use crate::careless::Keys;
use crate::pair::Pair;
use crate::race::{Call, ROUNDS, Verdict, breaks, call, done, holds, race};
use crate::town::{Town, count};

/// Rounds beside each other.
const LANES: usize = 8;

fn demoted() -> MemberPatch {
    MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() }
}

fn out() -> MemberPatch {
    MemberPatch { active: Some(false), ..MemberPatch::default() }
}

fn change(loggia: &Loggia, town: Town, who: UserId, whom: UserId, patch: MemberPatch) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(
        async move { loggia.update_member(Authority::Caller(&caller), town.organization(), whom, patch).await },
    )
}

/// By turns they demote each other, put each other out, step down, and leave.
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
    let without = "SELECT count(*) FROM organizations o WHERE NOT EXISTS (
                       SELECT FROM members m WHERE m.scope_id = o.id AND m.role = 'admin' AND m.active)";
    Verdict::on(&rounds, count(&pair.database, without).await, |round| done(round) == 1)
}

fn demote(loggia: &Loggia, town: Town, who: UserId, whom: UserId) -> Call {
    let (loggia, caller) = (loggia.clone(), town.caller(who));
    call(async move { loggia.change_roster_role(&caller, town.project(), whom, RosterRole::Member).await })
}

/// By turns they demote each other, and step down.
async fn rosters(pair: &Pair, towns: RangeInclusive<u64>) -> Verdict {
    let replicas = pair.replicas.clone();
    let rounds = race(towns, LANES, move |town| {
        let (ada, barbara) = (town.ada(), town.barbara());
        let (by_ada, by_barbara) = if town.0 % 2 == 0 { (barbara, ada) } else { (ada, barbara) };
        vec![demote(&replicas[0], town, ada, by_ada), demote(&replicas[1], town, barbara, by_barbara)]
    })
    .await;
    let without = "SELECT count(*) FROM projects p WHERE NOT EXISTS (
                       SELECT FROM project_members m WHERE m.project_id = p.id AND m.role = 'admin')";
    Verdict::on(&rounds, count(&pair.database, without).await, |round| done(round) == 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_organization_loses_both_admins_at_once() {
    println!("admins of organizations: {}", holds(ROUNDS, organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_organizations_lose_their_admins() {
    println!("admins of organizations: {}", breaks(Keys::Told, organizations).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_roster_loses_both_admins_at_once() {
    println!("admins of rosters: {}", holds(ROUNDS, rosters).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_locks_rosters_lose_their_admins() {
    println!("admins of rosters: {}", breaks(Keys::Told, rosters).await);
}
