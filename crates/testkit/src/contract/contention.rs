//! Locks under contention: several tasks on several threads, each with a unit of work that proceeds as the use cases do: lock, check,
//! write, commit.

use std::sync::Arc;

use loggia_domain::port::{Ports, StoreError};
use loggia_domain::project::{Project, ProjectPatch};
use loggia_domain::space::Strength;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

use super::Fixture;
use crate::builders::{self, time, viewer};
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

async fn patch(ports: Ports, project: Project, patch: ProjectPatch) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let viewer = viewer(project.created_by);
        let (mut found, _) = work.lock_project(&viewer, project.id).await?.expect("a project");
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
pub async fn concurrent_changes_of_start_and_end_leave_valid_dates(fixture: &Fixture) {
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
pub async fn concurrent_changes_of_one_space_are_all_kept(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let space = builders::space(ports, world.scope, world.admin.user, "Tides");
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let times = Strength::MAX;
    concurrently(usize::from(times), || {
        let (ports, viewer, id) = (ports.clone(), world.as_member(), space.id);
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let (mut space, _) = work.lock_space(&viewer, id).await?.expect("a space");
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
