//! Tests of two handles on one file, as a server and a command line beside it have.

use std::time::Duration;

use loggia_domain::port::{Store, StoreError};
use loggia_sqlite::SqliteStore;
use loggia_testkit::seed::{self, World};
use sqlx::Connection;

use crate::support::{Temporary, ports};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_handles_on_one_file_lose_nothing() {
    const EACH: i64 = 50;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let other = SqliteStore::open(temporary.path()).await.expect("a second handle");
    let tasks: Vec<_> = [temporary.store.clone(), other]
        .into_iter()
        .map(|store| {
            let (viewer, id, scope) = (world.as_admin(), world.project.id, world.scope);
            tokio::spawn(async move {
                let ports = ports(&store);
                let mut numbers = Vec::new();
                for _ in 0..EACH {
                    let mut work = seed::begin(&ports).await;
                    let (mut project, _) =
                        work.lock_project(&viewer, id).await.expect("a lock").expect("there");
                    project.revision += 1;
                    work.update_project(&project).await.expect("an update");
                    numbers.push(work.next_task_number(scope, id).await.expect("a number").get());
                    seed::commit(work).await;
                }
                numbers
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.extend(task.await.expect("a task"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=2 * EACH).collect::<Vec<_>>(), "each number was given out once");
    let (project, _) = temporary
        .ports
        .views
        .project(&world.as_admin(), world.project.id)
        .await
        .expect("a look")
        .expect("there");
    assert_eq!(i64::try_from(project.record.revision), Ok(1 + 2 * EACH), "each change was kept");
}

/// The busy timeout of these tests: short, but long enough on a busy machine for a unit of work that must succeed.
const TIMEOUT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_timeout_waiting_for_another_process_fails_as_unavailable() {
    let temporary = Temporary::new().await;
    let options = temporary.options().busy_timeout(TIMEOUT);
    let store = SqliteStore::open_with(&options).await.expect("a store");
    let mut outsider = temporary.raw().await;
    let held = outsider.begin_with("BEGIN IMMEDIATE").await.expect("the write lock");
    let refused = store.begin().await.err();
    assert!(matches!(refused, Some(StoreError::Unavailable(Some(_)))), "{refused:?}");
    held.rollback().await.expect("a rollback");
    let work = store.begin().await.expect("it goes through now");
    work.commit().await.expect("a commit");
}

#[tokio::test]
async fn a_timeout_waiting_for_another_unit_of_work_fails_as_unavailable() {
    let temporary = Temporary::new().await;
    let options = temporary.options().busy_timeout(TIMEOUT);
    let store = SqliteStore::open_with(&options).await.expect("a store");
    let held = store.begin().await.expect("the one writer");
    let refused = store.begin().await.err();
    assert!(matches!(refused, Some(StoreError::Unavailable(Some(_)))), "{refused:?}");
    drop(held);
    store.begin().await.expect("the writer is free again").commit().await.expect("a commit");
}

#[tokio::test]
async fn readers_continue_during_a_write_and_see_it_only_after_the_commit() {
    let temporary = Temporary::new().await;
    let mut work = seed::begin(&temporary.ports).await;
    let organization = loggia_testkit::builders::organization(&temporary.ports, "Harbour Works");
    work.insert_organization(&organization).await.expect("an organization");
    assert!(!temporary.ports.views.has_organizations().await.expect("a look"), "not committed, not seen");
    work.commit().await.expect("a commit");
    assert!(temporary.ports.views.has_organizations().await.expect("a look"));
}
