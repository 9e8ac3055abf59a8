//! What can only be seen from inside: the live sessions, what row-level security lets through, how migrations get along,
//! and the statements' plans.

mod cancelled;
mod errors;
mod key_lookup;
mod migrations;
mod plans;
mod sessions;
mod statements;
mod tenants;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::Ports;
use loggia_testpg::{TestDatabase, TestDatabases};
use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use crate::migration::MIGRATIONS;
use crate::{PostgresOptions, PostgresStore};

/// The tables whose rows belong to somebody.
const TABLES: [&str; 12] = [
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
    "kept_answers",
    "list_totals",
];

/// A database with the schema.
async fn database() -> TestDatabase {
    let prepare = async |url: String| crate::migrate(&url.parse().expect("a URL")).await.map(|_| ());
    // Those that are compiled in, which need not be those that lie in the folder by now.
    let fingerprint: String =
        MIGRATIONS.iter().map(|migration| format!("{:02x?}", migration.checksum)).collect();
    TestDatabases::from_env().fresh(&fingerprint, prepare).await.expect("a database")
}

/// A database without anything.
async fn empty_database() -> TestDatabase {
    TestDatabases::from_env().fresh_empty().await.expect("a database")
}

/// The files of this program's migrations, in order.
fn migration_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let files = fs::read_dir(folder).expect("the migrations").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

/// The statement of the migration that counts what is there, for rows that were written past the triggers.
fn count_lists() -> String {
    let migration = include_str!("../../../../migrations/postgres/0015_list_totals.sql");
    let begin = "INSERT INTO list_totals (scope_id, list, owner_id, part, total)\nSELECT scope_id, 'members'";
    let from = migration.find(begin).expect("the statement");
    let text = &migration[from..];
    text[..text.find(';').expect("its end")].to_owned()
}

/// How a store is opened where others may make it wait: tests share the machine. It has one session of each kind, so that what a
/// test looks at is what the store has used.
fn options(database: &TestDatabase) -> PostgresOptions {
    let options: PostgresOptions = database.url().parse().expect("a URL");
    let patience = Duration::from_secs(20);
    options.acquire_timeout(patience).statement_timeout(patience).lock_timeout(patience).readers(1).writers(1)
}

async fn open(options: &PostgresOptions) -> PostgresStore {
    PostgresStore::open_existing(options).await.expect("a store")
}

fn ports(store: &PostgresStore) -> Ports {
    let store = Arc::new(store.clone());
    loggia_testkit::ports(store.clone(), store)
}

/// A session of somebody who may do anything.
async fn superuser(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(database.url()).await.expect("a session")
}

/// Runs statements whose results do not matter.
async fn run(connection: &mut PgConnection, sql: impl Into<String>) {
    let sql = sql.into();
    raw_sql(AssertSqlSafe(sql.clone())).execute(connection).await.expect(&sql);
}
