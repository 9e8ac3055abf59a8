//! Tests of several stores on one database, as replicas have, and of waits that time out.

use std::time::Duration;

use loggia_domain::page::{Offset, SpaceQuery, Start, Window};
use loggia_domain::port::{Includes, Ports, Store, StoreError};
use loggia_postgres::{PostgresOptions, PostgresStore};
use loggia_testkit::seed::{self, World};
use loggia_testkit::{SequentialIds, builders};
use sqlx::{Connection, raw_sql};

use crate::support::{Temporary, options, ports};

/// The shorter of two timeouts: short enough to end first on a busy machine.
const SHORT: Duration = Duration::from_millis(300);

async fn open(options: &PostgresOptions) -> (PostgresStore, Ports) {
    let store = PostgresStore::open_existing(options).await.expect("a store");
    let ports = ports(&store);
    (store, ports)
}

fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Unavailable(Some(_)))), "{result:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_lose_nothing() {
    const EACH: i64 = 50;
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (other, _) = open(&options(&temporary.database)).await;
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
    let found = temporary.ports.views.project(&world.as_admin(), world.project.id).await.expect("a look");
    let revision = found.expect("there").0.record.revision;
    assert_eq!(i64::try_from(revision), Ok(1 + 2 * EACH), "each change was kept");
}

#[tokio::test]
async fn a_lock_timeout_fails_as_unavailable_until_the_lock_is_released() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (_store, short_timeout) = open(&options(&temporary.database).lock_timeout(SHORT)).await;
    let (viewer, project) = (world.as_admin(), world.project.id);

    let mut holder = seed::begin(&temporary.ports).await;
    assert!(holder.lock_project(&viewer, project).await.expect("a lock").is_some());
    let mut waiter = seed::begin(&short_timeout).await;
    // Not `Contended`: the wait has timed out already, and three retries would only take three times as long.
    assert_unavailable(waiter.lock_project(&viewer, project).await.map(|found| found.is_some()));
    drop(waiter);
    drop(holder);
    let mut work = seed::begin(&short_timeout).await;
    assert!(work.lock_project(&viewer, project).await.expect("it goes through now").is_some());
    seed::commit(work).await;
}

#[tokio::test]
async fn a_session_timeout_fails_as_unavailable_until_a_session_is_free() {
    let temporary = Temporary::new().await;
    let (store, _) = open(&options(&temporary.database).writers(1).acquire_timeout(SHORT)).await;
    let held = store.begin().await.expect("the one session");
    assert_unavailable(store.begin().await.map(|_| ()));
    drop(held);
    store.begin().await.expect("the session is free again").commit().await.expect("a commit");
}

#[tokio::test]
async fn a_statement_timeout_fails_as_unavailable() {
    let temporary = Temporary::new().await;
    let world = World::seed(&temporary.ports).await;
    let (_store, short_timeout) = open(&options(&temporary.database).statement_timeout(SHORT)).await;
    let mut outsider = temporary.raw().await;
    let mut held = outsider.begin().await.expect("a transaction");
    raw_sql("LOCK TABLE spaces IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.expect("the table");
    let window = Window { start: Start::Offset(Offset::default()), rows: 1 };
    let list = async || {
        let (viewer, query) = (world.as_admin(), SpaceQuery::default());
        short_timeout.views.spaces(&viewer, world.scope, &query, Includes::default(), &window).await
    };
    assert_unavailable(list().await);
    held.rollback().await.expect("a rollback");
    assert_eq!(list().await.expect("it goes through now"), []);
}

#[tokio::test]
async fn readers_continue_during_a_write_and_see_it_only_after_the_commit() {
    let temporary = Temporary::new().await;
    let mut work = seed::begin(&temporary.ports).await;
    let organization = builders::organization(&temporary.ports, "Harbour Works");
    work.insert_organization(&organization).await.expect("an organization");
    assert!(!temporary.ports.views.has_organizations().await.expect("a look"), "not committed, not seen");
    work.commit().await.expect("a commit");
    assert!(temporary.ports.views.has_organizations().await.expect("a look"));
}

#[tokio::test]
async fn a_unit_of_work_in_which_a_statement_has_failed_is_not_committed() {
    let temporary = Temporary::new().await;
    let ports = &temporary.ports;
    let organization = builders::organization(ports, "Harbour Works");
    let mut work = seed::begin(ports).await;
    work.insert_organization(&organization).await.expect("an organization");
    let twice = work.insert_organization(&organization).await;
    assert!(matches!(twice, Err(StoreError::Contended(Some(_)))), "its key is taken: {twice:?}");
    // Postgres would respond to this COMMIT with a rollback, and with no error.
    let refused = work.commit().await.expect_err("nothing can be committed any more");
    assert!(
        matches!(&refused, StoreError::Failed(why) if why.to_string().contains("has failed")),
        "{refused:?}"
    );
    assert!(!ports.views.has_organizations().await.expect("a look"), "and nothing was");
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let temporary = Temporary::new().await;
    temporary.ports.views.check_ready().await.expect("ready");
    temporary.store.close().await;
    assert_unavailable(temporary.ports.views.check_ready().await);
    assert_unavailable(temporary.store.begin().await.map(|_| ()));
}

#[tokio::test]
async fn ids_that_are_taken_already_are_refused_and_change_nothing() {
    let temporary = Temporary::new().await;
    World::seed(&temporary.ports).await;
    // A second program whose ids happen to be the same.
    let clash = Ports { ids: std::sync::Arc::new(SequentialIds::new()), ..temporary.ports.clone() };
    let mut work = seed::begin(&clash).await;
    let taken = work.insert_organization(&builders::organization(&clash, "Elsewhere")).await;
    assert!(matches!(taken, Err(StoreError::Contended(Some(_)))), "{taken:?}");
    drop(work);
    assert_eq!(temporary.execute("SELECT FROM organizations").await, Ok(1));
}
