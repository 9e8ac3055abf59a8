//! Tests of migrations that several processes run at once or that are killed half-way, and of databases that are refused (rule C41,
//! promise B44).

mod killed;
mod refused;
mod replicas;
mod restored;

use std::fs;
use std::path::Path;
use std::time::Duration;

use loggia_testpg::TestDatabase;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgConnection};
use tempfile::TempDir;

use super::{database, empty_database, migration_files, open, options, ports, run, superuser};
use crate::PostgresOptions;
use crate::schema::migration::apply;

/// Returns this program's migrations without the last `without` ones, followed by further ones.
async fn migrations(without: usize, further: &[(&str, &str)]) -> (Migrator, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = migration_files();
    let own = files[..files.len() - without].iter().map(|(name, text)| (name.as_str(), *text));
    for (name, text) in own.chain(further.iter().copied()) {
        fs::write(folder.path().join(name), text).expect("a migration");
    }
    let path: &Path = folder.path();
    (Migrator::new(path).await.expect("migrations"), folder)
}

/// Migrates a database to the schema before this program's, without the steps that follow the migrations, which need all of them.
async fn apply_previous(database: &TestDatabase) {
    let (previous, _folder) = migrations(1, &[]).await;
    let mut connection = options(database).connect().await.expect("a session");
    previous.run(&mut connection).await.expect("the previous schema");
}

/// Returns the number of this program's migrations.
fn known() -> i64 {
    i64::try_from(migration_files().len()).expect("a few")
}

/// Runs a query that returns a single number.
async fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .persistent(false)
        .fetch_one(connection)
        .await
        .expect(sql)
}

/// Waits until the condition holds.
async fn until(connection: &mut PgConnection, condition: &str) {
    for _ in 0..10_000 {
        if sqlx::query_scalar(AssertSqlSafe(format!("SELECT {condition}")))
            .persistent(false)
            .fetch_one(&mut *connection)
            .await
            .expect(condition)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it never came true that {condition}");
}
