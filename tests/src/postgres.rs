//! Stores and databases on the Postgres server that tests share, see `loggia_testpg`.

use std::sync::Arc;
use std::time::Duration;

use loggia_postgres::{PostgresOptions, PostgresStore, migrate};
use loggia_testkit::contract::Fixture;
use loggia_testpg::{TestDatabase, TestDatabases};

/// The number of sessions of each kind. Each session is a process of the server that loads the catalogue and plans every statement anew. A
/// test that mostly runs one statement after the other would spend more time on that than on its statements.
const SESSIONS: u32 = 2;

/// The timeout of waits: tests share the machine, and slowness is not a failure.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Creates an empty store on a database of its own, with ports that repeat.
///
/// # Panics
/// Panics if there is no server for tests.
pub async fn fresh() -> Fixture {
    let database = database().await;
    let store = Arc::new(open(&options(&database)).await);
    Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(database)
}

/// Opens the store in a database that has the schema.
///
/// # Panics
/// Panics if the store cannot be opened.
pub async fn open(options: &PostgresOptions) -> PostgresStore {
    PostgresStore::open_existing(options).await.expect("a store")
}

/// Returns the options with which a test opens its store.
///
/// # Panics
/// Never panics in practice: a test database has a valid URL.
pub fn options(database: &TestDatabase) -> PostgresOptions {
    let options: PostgresOptions = database.url().parse().expect("a URL");
    let options = options.readers(SESSIONS).writers(SESSIONS);
    options.acquire_timeout(TIMEOUT).statement_timeout(TIMEOUT).lock_timeout(TIMEOUT).idle_timeout(TIMEOUT)
}

/// Creates a database with the schema and nothing else, as the migrations leave it.
///
/// # Panics
/// Panics if there is no server for tests.
pub async fn database() -> TestDatabase {
    let prepare = async |url: String| migrate(&url.parse().expect("a URL")).await.map(|_| ());
    TestDatabases::from_env().fresh(&fingerprint(), prepare).await.expect("a database")
}

/// Creates an empty database, for a program that applies the migrations itself.
///
/// # Panics
/// Panics if there is no server for tests.
pub async fn empty_database() -> TestDatabase {
    TestDatabases::from_env().fresh_empty().await.expect("a database")
}

/// Returns a fingerprint of the migrations that were compiled in: other migrations need another template database.
fn fingerprint() -> String {
    loggia_migrations::POSTGRES.iter().map(|migration| format!("{:02x?}", migration.checksum)).collect()
}
