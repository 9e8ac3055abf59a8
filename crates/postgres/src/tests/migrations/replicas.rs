//! Tests of eight replicas that start at the same time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use loggia_domain::port::{InstanceViews, Store, Views};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::*;
use crate::PostgresStore;

const REPLICAS: usize = 8;
/// The time in which all of them must be ready.
const READY: Duration = Duration::from_secs(10);

/// Opens eight stores at once, and uses each.
async fn start_all(database: &TestDatabase) {
    let gate = Arc::new(Barrier::new(REPLICAS));
    let mut starting = JoinSet::new();
    for _ in 0..REPLICAS {
        let (options, gate) = (options(database), gate.clone());
        starting.spawn(async move {
            gate.wait().await;
            let store = PostgresStore::open(&options).await.expect("a store");
            store.check_ready().await.expect("ready");
            store.begin().await.expect("a unit of work").commit().await.expect("a commit");
            store.instance_secret().await.expect("the secret")
        });
    }
    let started = Instant::now();
    let secrets = starting.join_all().await;
    assert!(started.elapsed() < READY, "all are ready: {:?}", started.elapsed());
    assert!(secrets.iter().all(|secret| *secret == secrets[0]), "it is one instance");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_replicas_start_on_an_empty_database() {
    let database = empty_database().await;
    start_all(&database).await;
    let mut outsider = superuser(&database).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations WHERE success").await, known());
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM instance").await, 1);
    start_all(&database).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations").await, known());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_replicas_start_on_the_previous_schema() {
    let database = empty_database().await;
    apply_previous(&database).await;
    let mut outsider = superuser(&database).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations").await, known() - 1);
    start_all(&database).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations WHERE success").await, known());
}

/// Runs these migrations in eight tasks at once.
pub(super) async fn migrate_eightfold(
    options: &PostgresOptions,
    migrator: &Arc<Migrator>,
) -> JoinSet<Result<(), crate::OpenError>> {
    let gate = Arc::new(Barrier::new(REPLICAS + 1));
    let mut migrating = JoinSet::new();
    for _ in 0..REPLICAS {
        let (options, migrator, gate) = (options.clone(), migrator.clone(), gate.clone());
        migrating.spawn(async move {
            gate.wait().await;
            apply(&options, &migrator).await.map(|_| ())
        });
    }
    gate.wait().await;
    migrating
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_migration_is_applied_once_with_all_that_it_does() {
    let database = empty_database().await;
    let (migrator, _folder) = migrations(
        0,
        &[
            ("0101_book.sql", "CREATE TABLE book (line text)"),
            ("0102_one.sql", "INSERT INTO book VALUES ('one')"),
            ("0103_two.sql", "INSERT INTO book VALUES ('two')"),
            ("0104_index.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY book_lines ON book (line)"),
            ("0105_three.sql", "INSERT INTO book VALUES ('three')"),
        ],
    )
    .await;
    let migrating = migrate_eightfold(&options(&database), &Arc::new(migrator)).await;
    for outcome in migrating.join_all().await {
        outcome.expect("each of them finds it done in the end");
    }
    let mut outsider = superuser(&database).await;
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM book").await, 3);
    assert_eq!(number(&mut outsider, "SELECT count(DISTINCT line) FROM book").await, 3);
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM _sqlx_migrations").await, known() + 5);
    assert_eq!(number(&mut outsider, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, 0);
}
