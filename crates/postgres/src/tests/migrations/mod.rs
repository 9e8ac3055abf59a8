//! Migrations that many want to run at once, that are killed half-way, and databases that are not what they should be
//! (rule C41, promise B44).

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
use crate::migration::apply;

/// This program's migrations but for the last ones, and further ones after them.
async fn migrations(without: usize, further: &[(&str, &str)]) -> (Migrator, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = migration_files();
    for file in &files[..files.len() - without] {
        fs::copy(file, folder.path().join(file.file_name().expect("a name"))).expect("a copy");
    }
    for (name, text) in further {
        fs::write(folder.path().join(name), text).expect("a migration");
    }
    let path: &Path = folder.path();
    (Migrator::new(path).await.expect("migrations"), folder)
}

/// Brings a database to the schema before this program's, and does no more: what comes after the migrations needs all of
/// them.
async fn apply_previous(database: &TestDatabase) {
    let (previous, _folder) = migrations(1, &[]).await;
    let mut connection = options(database).connect().await.expect("a session");
    previous.run(&mut connection).await.expect("the previous schema");
}

/// How many migrations this program has.
fn known() -> i64 {
    i64::try_from(migration_files().len()).expect("a few")
}

/// A single number.
async fn number(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .persistent(false)
        .fetch_one(connection)
        .await
        .expect(sql)
}

/// Waits until it is so.
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
