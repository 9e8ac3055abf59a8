//! Stores and databases on the Postgres server that tests share, see `loggia_testpg`.

use std::sync::Arc;
use std::time::Duration;

use loggia_postgres::{PostgresOptions, PostgresStore, migrate};
use loggia_testkit::contract::Fixture;
use loggia_testpg::{TestDatabase, TestDatabases};

/// Sessions of each kind. Each is a process of the server's that loads the catalogue and plans every statement anew; a test
/// that mostly asks one thing after the other would spend more time on that than on what it asks.
const SESSIONS: u32 = 2;

/// How long others are waited for: tests share the machine, and being slow is no failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// A fresh, empty store on a database of its own, with ports that repeat.
///
/// # Panics
/// If there is no server for tests.
pub async fn fresh() -> Fixture {
    let database = database().await;
    let store = Arc::new(open(&options(&database)).await);
    Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(database)
}

/// The store in a database that has the schema.
///
/// # Panics
/// If it cannot be opened.
pub async fn open(options: &PostgresOptions) -> PostgresStore {
    PostgresStore::open_existing(options).await.expect("a store")
}

/// How a store of a test is opened.
///
/// # Panics
/// Never: the database knows where it is.
pub fn options(database: &TestDatabase) -> PostgresOptions {
    let options: PostgresOptions = database.url().parse().expect("a URL");
    let options = options.readers(SESSIONS).writers(SESSIONS);
    options.acquire_timeout(PATIENCE).statement_timeout(PATIENCE).lock_timeout(PATIENCE)
}

/// A database with the schema and nothing else, as the migrations leave it.
///
/// # Panics
/// If there is no server for tests.
pub async fn database() -> TestDatabase {
    let prepare = async |url: String| migrate(&url.parse().expect("a URL")).await.map(|_| ());
    TestDatabases::from_env().fresh(&fingerprint(), prepare).await.expect("a database")
}

/// A database with nothing in it, for a program that brings its schema itself.
///
/// # Panics
/// If there is no server for tests.
pub async fn empty_database() -> TestDatabase {
    TestDatabases::from_env().fresh_empty().await.expect("a database")
}

/// The migrations as they were compiled in: others are another schema, and need another template.
fn fingerprint() -> String {
    let migrations = sqlx::migrate!("../migrations/postgres");
    migrations.iter().map(|migration| format!("{:02x?}", migration.checksum)).collect()
}
