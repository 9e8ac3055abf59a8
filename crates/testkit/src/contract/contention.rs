//! Locks under contention: several tasks on several threads, each with a unit of work that proceeds as the use cases do: lock, check,
//! write, commit.

use std::sync::Arc;

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::{MemberInserted, Ports, StoreError};
use loggia_domain::project::{Project, ProjectPatch};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::space::Strength;
use loggia_domain::user::MemberPatch;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

use super::Fixture;
use crate::builders::{self, ADA, BARBARA, time, viewer};
use crate::seed::{self, World};

/// The number of times that each race is run.
pub(super) const ROUNDS: usize = 8;

/// Yields to the other tasks between a check and the write, so that a missing lock shows.
pub(super) async fn linger() {
    for _ in 0..32 {
        yield_now().await;
    }
}

/// Repeats an attempt while the store is contended, as the use cases do, but up to 1000 times.
///
/// # Panics
/// Panics on any other failure, and if no attempt succeeds.
pub(super) async fn insist<T, F>(attempt: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..1_000 {
        match attempt().await {
            Err(StoreError::Contended(_)) => yield_now().await,
            outcome => return outcome.expect("a unit of work"),
        }
    }
    unreachable!("every unit of work gets its turn in the end");
}

/// Runs two attempts that start together. Returns their outcomes.
pub(super) async fn race<A, B>(
    one: impl Future<Output = A> + Send + 'static,
    other: impl Future<Output = B> + Send + 'static,
) -> (A, B)
where
    A: Send + 'static,
    B: Send + 'static,
{
    let gate = Arc::new(Barrier::new(2));
    let second_gate = Arc::clone(&gate);
    let one = tokio::spawn(async move {
        gate.wait().await;
        one.await
    });
    let other = tokio::spawn(async move {
        second_gate.wait().await;
        other.await
    });
    (one.await.expect("the first task"), other.await.expect("the second task"))
}

/// Runs `size` attempts of one kind that start together. Returns their outcomes.
pub(super) async fn concurrently<T, F>(size: usize, each: impl Fn() -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let gate = Arc::new(Barrier::new(size));
    let mut tasks = JoinSet::new();
    for _ in 0..size {
        let (gate, task) = (Arc::clone(&gate), each());
        tasks.spawn(async move {
            gate.wait().await;
            task.await
        });
    }
    tasks.join_all().await
}

/// Makes an admin a member, unless no other admin is left. Returns `true` if it was done.
pub(super) async fn step_down(ports: Ports, organization: OrganizationId, user: UserId) -> bool {
    let scope = Scope::Organization(organization);
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let (_, role) = work.lock_organization(&viewer(user), organization).await?.expect("an organization");
        assert_eq!(role, ScopeRole::Admin);
        let admins = work.count_active_admins(scope).await?;
        let mut own = work.members(scope, &[user]).await?.pop().expect("a member");
        linger().await;
        let demoted = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
        if own.apply(demoted, admins, ports.clock.now()).is_err() {
            return Ok(false);
        }
        assert_eq!(work.update_member(&own).await?, MemberInserted::Yes);
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the scope prevents an organization from losing its last two admins concurrently.
pub async fn of_two_admins_who_step_down_at_once_one_stays(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let ada = seed::member(ports, organization, ADA, ScopeRole::Admin).await.user;
        let barbara = seed::member(ports, organization, BARBARA, ScopeRole::Admin).await.user;
        let (one, other) = race(
            step_down(ports.clone(), organization, ada),
            step_down(ports.clone(), organization, barbara),
        )
        .await;
        let mut work = fixture.begin().await;
        let left = work.count_active_admins(Scope::Organization(organization)).await.expect("a count");
        assert_eq!(left, 1, "in round {round} an organization must keep one admin");
        assert!(one != other, "one stepped down and one did not");
    }
}

async fn leave_the_lead(ports: Ports, project: Project, user: UserId) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_project(&viewer(user), project.id).await?.is_some());
        let admins = work.count_roster_admins(project.scope, project.id).await?;
        let mut own = work.memberships(project.scope, project.id, &[user]).await?.pop().expect("a place");
        linger().await;
        if own.change_role(RosterRole::Member, admins).is_err() {
            return Ok(false);
        }
        work.update_membership(project.scope, &own).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// Creates a project whose roster has two admins.
async fn project_of_two_admins(ports: &Ports, world: &World) -> Project {
    let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    for user in [world.admin.user, world.member.user] {
        seed::place(ports, &project, user, RosterRole::Admin).await;
    }
    project
}

async fn keeps_one_admin(fixture: &Fixture, project: &Project, round: usize) {
    let mut work = fixture.begin().await;
    let left = work.count_roster_admins(project.scope, project.id).await.expect("a count");
    assert_eq!(left, 1, "in round {round} a roster must keep one admin");
}

/// The lock of the project prevents a roster from losing its last two admins concurrently.
pub async fn of_two_roster_admins_who_step_down_at_once_one_stays(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let project = project_of_two_admins(ports, &world).await;
        let (one, other) = race(
            leave_the_lead(ports.clone(), project.clone(), world.admin.user),
            leave_the_lead(ports.clone(), project.clone(), world.member.user),
        )
        .await;
        keeps_one_admin(fixture, &project, round).await;
        assert!(one != other, "one stepped down and one did not");
    }
}

async fn leave_the_roster(ports: Ports, project: Project, user: UserId) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_project(&viewer(user), project.id).await?.is_some());
        let own = work.memberships(project.scope, project.id, &[user]).await?.pop().expect("a place");
        let admins = work.count_roster_admins(project.scope, project.id).await?;
        linger().await;
        if own.judge_leaving(admins).is_err() {
            return Ok(false);
        }
        work.delete_membership(project.scope, project.id, own.id).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the project keeps one of a roster's last two admins from leaving while the other one leaves or steps down.
pub async fn of_two_roster_admins_of_whom_one_leaves_while_the_other_goes_one_stays(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let project = project_of_two_admins(ports, &world).await;
        let leaving = leave_the_roster(ports.clone(), project.clone(), world.admin.user);
        let (one, other) = if round % 2 == 0 {
            race(leaving, leave_the_roster(ports.clone(), project.clone(), world.member.user)).await
        } else {
            race(leaving, leave_the_lead(ports.clone(), project.clone(), world.member.user)).await
        };
        keeps_one_admin(fixture, &project, round).await;
        assert!(one != other, "one went and one did not");
    }
}

async fn patch(ports: Ports, project: Project, patch: ProjectPatch) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let eyes = viewer(project.created_by);
        let (mut found, _) = work.lock_project(&eyes, project.id).await?.expect("a project");
        linger().await;
        if found.apply(patch.clone(), ports.clock.now()).is_err() {
            return Ok(false);
        }
        work.update_project(&found).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the project prevents two concurrent changes, each valid by itself, from leaving invalid dates.
pub async fn a_start_moved_up_and_an_end_moved_down_at_once_stay_in_order(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let dates = |project: &mut Project| {
            let whole = ProjectPatch {
                start: Some(Some(time("2026-01-01"))),
                end: Some(Some(time("2026-01-31"))),
                ..ProjectPatch::default()
            };
            project.apply(whole, project.created_at).expect("dates in order");
        };
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", dates).await;
        let later = ProjectPatch { start: Some(Some(time("2026-01-20"))), ..ProjectPatch::default() };
        let earlier = ProjectPatch { end: Some(Some(time("2026-01-10"))), ..ProjectPatch::default() };
        let (one, other) = race(
            patch(ports.clone(), project.clone(), later),
            patch(ports.clone(), project.clone(), earlier),
        )
        .await;
        assert!(one != other, "in round {round} one went through and one met the other's date");
        let found = fixture.views().project(&world.as_admin(), project.id).await.expect("a look-up");
        let found = found.expect("a project").0.record;
        assert!(found.dates.start() <= found.dates.end(), "in round {round} the dates are in order");
        assert_eq!(found.revision, project.revision + 1);
    }
}

/// A unit of work that loads a row under a lock, changes it and writes it never overwrites a concurrent change.
pub async fn changes_of_one_space_at_once_are_all_kept(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let space = builders::space(ports, world.scope, world.admin.user, "Tides");
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let times = Strength::MAX;
    concurrently(usize::from(times), || {
        let (ports, eyes, id) = (ports.clone(), world.as_member(), space.id);
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let (mut space, _) = work.lock_space(&eyes, id).await?.expect("a space");
                linger().await;
                space.strength = Strength::new(i64::from(space.strength.get()) + 1).expect("a strength");
                space.revision += 1;
                work.update_space(&space).await?;
                work.commit().await
            })
            .await;
        }
    })
    .await;
    let mut work = fixture.begin().await;
    let (found, _) = work.lock_space(&world.as_admin(), space.id).await.expect("a lock").expect("a space");
    assert_eq!((found.strength.get(), found.revision), (times, 1 + u64::from(times)));
}
