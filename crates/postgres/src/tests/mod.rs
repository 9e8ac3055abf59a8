//! Tests that need the store's internals: the open sessions, row-level security, migrations, and the statements' plans.

mod cancelled;
mod errors;
mod examine;
mod key_lookup;
mod migrations;
mod plans;
mod sessions;
mod statements;
mod tenants;

use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::Ports;
use loggia_migrations::POSTGRES as MIGRATIONS;
use loggia_testpg::{TestDatabase, TestDatabases};
use sqlx::migrate::Migration;
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use crate::{PostgresOptions, PostgresStore};

/// The tables whose rows belong to a scope or a user.
const TABLES: [&str; 14] = [
    "scopes",
    "users",
    "organizations",
    "members",
    "projects",
    "project_members",
    "spaces",
    "tasks",
    "api_keys",
    "events",
    "stored_responses",
    "list_totals",
    "invitations",
    "invitation_projects",
];

/// Creates a database with the schema.
async fn database() -> TestDatabase {
    let prepare = async |url: String| crate::migrate(&url.parse().expect("a URL")).await.map(|_| ());
    let fingerprint: String =
        MIGRATIONS.iter().map(|migration| format!("{:02x?}", migration.checksum)).collect();
    TestDatabases::from_env().fresh(&fingerprint, prepare).await.expect("a database")
}

/// Creates an empty database.
async fn empty_database() -> TestDatabase {
    TestDatabases::from_env().fresh_empty().await.expect("a database")
}

/// Returns the name and the text of the file of each of this program's migrations, in order.
fn migration_files() -> Vec<(String, &'static str)> {
    let name = |migration: &Migration| {
        format!("{:04}_{}.sql", migration.version, migration.description.replace(' ', "_"))
    };
    MIGRATIONS.iter().map(|migration| (name(migration), migration.sql.as_str())).collect()
}

/// Counts the lists into `list_totals`, for rows that were inserted without the triggers.
const COUNT_LISTS: &str = include_str!("count_lists.sql");

/// Returns the options of a store with long timeouts, since tests share the machine. It has one session of each kind, so that a test
/// inspects the session that the store has used.
fn options(database: &TestDatabase) -> PostgresOptions {
    let options: PostgresOptions = database.url().parse().expect("a URL");
    let timeout = Duration::from_secs(20);
    options
        .acquire_timeout(timeout)
        .statement_timeout(timeout)
        .lock_timeout(timeout)
        .idle_timeout(timeout)
        .readers(1)
        .writers(1)
}

async fn open(options: &PostgresOptions) -> PostgresStore {
    PostgresStore::open_existing(options).await.expect("a store")
}

fn ports(store: &PostgresStore) -> Ports {
    let store = Arc::new(store.clone());
    loggia_testkit::ports(store.clone(), store)
}

/// Opens a superuser's session.
async fn superuser(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url()).await.expect("a session")
}

/// Runs statements and ignores their results.
async fn run(connection: &mut PgConnection, sql: impl Into<String>) {
    let sql = sql.into();
    raw_sql(AssertSqlSafe(sql.clone())).execute(connection).await.expect(&sql);
}
