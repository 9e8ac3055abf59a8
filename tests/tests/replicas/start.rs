//! Eight processes that start on one database at the same moment: each migration is applied once, and all processes become ready (promise
//! B44).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use loggia_testpg::TestDatabase;
use loggia_tests::postgres;
use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use loggia_tests::binary::{binary, root};

use crate::processes::Process;
use crate::town::{connect, count};
use crate::wire::{Client, becomes};

const REPLICAS: usize = 8;
/// The maximum time until all processes are ready.
const READY_WITHIN: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(20);

/// Returns the files of the migrations in their order.
fn migrations() -> Vec<PathBuf> {
    let folder = root().join("migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Returns a database with the schema before the last migration.
async fn previous_schema() -> TestDatabase {
    let database = postgres::empty_database().await;
    let (folder, files) = (tempfile::tempdir().unwrap(), migrations());
    for file in &files[..files.len() - 1] {
        std::fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let mut connection = connect(&database).await;
    let migrator = Migrator::new(folder.path()).await.unwrap();
    migrator.run(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    database
}

fn start(database: &TestDatabase, number: usize) -> Vec<Process> {
    (0..number).map(|_| Process::start(database.url())).collect()
}

/// Waits until every process is ready; returns the time that this took.
async fn all_ready(processes: Vec<Process>, started: Instant) -> (Vec<Process>, Duration) {
    let deadline = started + READY_WITHIN;
    let waiting = tokio::task::spawn_blocking(move || {
        let mut processes = processes;
        let addresses: Vec<_> = processes.iter_mut().map(|process| process.address(deadline)).collect();
        (processes, addresses)
    });
    let (processes, addresses) = waiting.await.unwrap();
    for address in addresses {
        let mut client = Client::connect(address, "").await.unwrap();
        assert_eq!(client.get("/readyz").await.status, 200);
    }
    let took = started.elapsed();
    assert!(took <= READY_WITHIN, "it took {took:?}");
    (processes, took)
}

/// Asserts that each migration was applied once and completely, that no deadlock occurred, and that one process made the first
/// organization.
async fn is_whole(database: &TestDatabase) {
    let applied = count(database, "SELECT count(*) FROM _sqlx_migrations WHERE success").await;
    assert_eq!(usize::try_from(applied).unwrap(), migrations().len());
    assert_eq!(count(database, "SELECT count(*) FROM _sqlx_migrations WHERE NOT success").await, 0);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(database, deadlocks).await, 0);
    assert_eq!(count(database, "SELECT count(*) FROM organizations").await, 1);
}

/// Starts all processes on a database and checks the result.
async fn eight_start_on(database: TestDatabase) -> Duration {
    let started = Instant::now();
    let (processes, took) = all_ready(start(&database, REPLICAS), started).await;
    is_whole(&database).await;
    drop(processes);
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_replicas_start_at_once_on_an_empty_database_and_on_the_previous_schema() {
    tokio::task::spawn_blocking(binary).await.unwrap();
    let empty = eight_start_on(postgres::empty_database().await).await;
    let previous = eight_start_on(previous_schema().await).await;
    println!("eight replicas: ready after {empty:?} from nothing, {previous:?} from the previous schema");
}

/// Returns the number of sessions of replicas, and the number of those that wait for a lock.
async fn sessions(connection: &mut PgConnection) -> (i64, i64) {
    sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'loggia'",
    )
    .fetch_one(connection)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_killed_while_migrating_does_not_stop_the_others() {
    tokio::task::spawn_blocking(binary).await.unwrap();
    let database = previous_schema().await;
    let (mut watching, mut holding) = (connect(&database).await, connect(&database).await);
    // The migrating process has to wait before it can record that a migration is applied.
    let mut hold = holding.begin().await.unwrap();
    sqlx::query("LOCK TABLE _sqlx_migrations IN SHARE MODE").execute(&mut *hold).await.unwrap();
    let victim = Process::start(database.url());
    let halfway = becomes(TIMEOUT, async || sessions(&mut watching).await.1 == 1).await;
    assert!(halfway, "no process migrates");
    let (alone, _) = sessions(&mut watching).await;
    let started = Instant::now();
    let others = start(&database, REPLICAS - 1);
    let come = becomes(TIMEOUT, async || sessions(&mut watching).await.0 > alone).await;
    assert!(come, "the other processes do not connect");
    assert_eq!(sessions(&mut watching).await.1, 1, "it is still at it");
    assert!(victim.kill(), "it was alive");
    hold.rollback().await.unwrap();
    let (processes, took) = all_ready(others, started).await;
    println!("seven replicas: ready after {took:?}, though one was killed while it migrated");
    is_whole(&database).await;
    drop(processes);
}
