//! Eight processes on one database, started at the same moment: each migration is applied once, and all come to serve (promise
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
/// How long it may take until all of them can work.
const READY_WITHIN: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(20);

/// The migrations, in their order.
fn migrations() -> Vec<PathBuf> {
    let folder = root().join("migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// A database with the schema of the version before.
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

/// Waits until each of them answers that it can work; tells how long that took.
async fn all_ready(processes: Vec<Process>, started: Instant) -> (Vec<Process>, Duration) {
    let deadline = started + READY_WITHIN;
    let told = tokio::task::spawn_blocking(move || {
        let mut processes = processes;
        let addresses: Vec<_> = processes.iter_mut().map(|process| process.address(deadline)).collect();
        (processes, addresses)
    });
    let (processes, addresses) = told.await.unwrap();
    for address in addresses {
        let mut client = Client::connect(address, "").await.unwrap();
        assert_eq!(client.get("/readyz").await.status, 200);
    }
    let took = started.elapsed();
    assert!(took <= READY_WITHIN, "it took {took:?}");
    (processes, took)
}

/// Each migration is there, once, and finished; nobody met a deadlock; and one of all made the first organization.
async fn is_whole(database: &TestDatabase) {
    let applied = count(database, "SELECT count(*) FROM _sqlx_migrations WHERE success").await;
    assert_eq!(usize::try_from(applied).unwrap(), migrations().len());
    assert_eq!(count(database, "SELECT count(*) FROM _sqlx_migrations WHERE NOT success").await, 0);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(database, deadlocks).await, 0);
    assert_eq!(count(database, "SELECT count(*) FROM organizations").await, 1);
}

/// Starts all of them on a database and checks what comes of it.
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

/// How many sessions of replicas there are, and how many of these wait for a lock.
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
async fn where_one_replica_is_killed_while_it_migrates_the_others_finish() {
    tokio::task::spawn_blocking(binary).await.unwrap();
    let database = previous_schema().await;
    let (mut watching, mut holding) = (connect(&database).await, connect(&database).await);
    // Whoever migrates has to wait before it can say that a migration is done.
    let mut hold = holding.begin().await.unwrap();
    sqlx::query("LOCK TABLE _sqlx_migrations IN SHARE MODE").execute(&mut *hold).await.unwrap();
    let victim = Process::start(database.url());
    let halfway = becomes(PATIENCE, async || sessions(&mut watching).await.1 == 1).await;
    assert!(halfway, "nobody migrates");
    let (alone, _) = sessions(&mut watching).await;
    let started = Instant::now();
    let others = start(&database, REPLICAS - 1);
    let come = becomes(PATIENCE, async || sessions(&mut watching).await.0 > alone).await;
    assert!(come, "the others do not come");
    assert_eq!(sessions(&mut watching).await.1, 1, "it is still at it");
    assert!(victim.kill(), "it was alive");
    hold.rollback().await.unwrap();
    let (processes, took) = all_ready(others, started).await;
    println!("seven replicas: ready after {took:?}, though one was killed while it migrated");
    is_whole(&database).await;
    drop(processes);
}
