//! A store on a temporary database, and access to that database that bypasses the ports.

use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::Ports;
use loggia_postgres::{PostgresOptions, PostgresStore, migrate};
use loggia_testpg::{TestDatabase, TestDatabases};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, QueryBuilder};

/// A store on a temporary database, which is removed with it.
pub(crate) struct Temporary {
    pub(crate) store: PostgresStore,
    pub(crate) ports: Ports,
    pub(crate) database: TestDatabase,
}

impl Temporary {
    pub(crate) async fn new() -> Self {
        let database = fresh().await;
        let store = PostgresStore::open_existing(&options(&database)).await.expect("a store");
        let ports = ports(&store);
        Self { store, ports, database }
    }

    /// Opens a superuser's session.
    pub(crate) async fn raw(&self) -> PgConnection {
        PgConnection::connect(self.database.url()).await.expect("a session")
    }

    /// Runs a statement that bypasses the store, and returns the error's text if it fails.
    pub(crate) async fn execute(&self, sql: impl Into<String>) -> Result<u64, String> {
        let mut connection = self.raw().await;
        let result = QueryBuilder::<sqlx::Postgres>::new(sql).build().execute(&mut connection).await;
        connection.close().await.expect("closing");
        result.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }
}

/// Creates a database with the schema.
pub(crate) async fn fresh() -> TestDatabase {
    let prepare = async |url: String| migrate(&url.parse().expect("a URL")).await.map(|_| ());
    TestDatabases::from_env().fresh(&fingerprint(), prepare).await.expect("a database")
}

/// Returns the options of a store with long timeouts, since tests share the machine.
pub(crate) fn options(database: &TestDatabase) -> PostgresOptions {
    with_long_timeouts(database.url().parse().expect("a URL"))
}

/// Sets timeouts that are long enough for everything.
pub(crate) fn with_long_timeouts(options: PostgresOptions) -> PostgresOptions {
    let timeout = Duration::from_secs(20);
    options.acquire_timeout(timeout).statement_timeout(timeout).lock_timeout(timeout).idle_timeout(timeout)
}

pub(crate) fn ports(store: &PostgresStore) -> Ports {
    let store = Arc::new(store.clone());
    loggia_testkit::ports(store.clone(), store)
}

/// Returns a fingerprint of the compiled migrations, which may differ from those in the folder by now: another text is another schema.
fn fingerprint() -> String {
    loggia_migrations::POSTGRES.iter().map(|migration| format!("{:02x?}", migration.checksum)).collect()
}
