//! Tests of files that belong to another program, or that another process has locked.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loggia_sqlite::{OpenError, SqliteOptions, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, QueryBuilder, Sqlite};
use tempfile::TempDir;

use crate::support::Temporary;

async fn execute(connection: &mut SqliteConnection, statements: &[&str]) {
    for statement in statements {
        QueryBuilder::<Sqlite>::new(*statement).build().execute(&mut *connection).await.expect(statement);
    }
}

async fn another_programs(statements: &[&str]) -> (PathBuf, SqliteConnection, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a connection");
    execute(&mut connection, statements).await;
    (path, connection, folder)
}

async fn assert_refused_unchanged(path: &Path) {
    let before = std::fs::read(path).expect("a file");
    for refused in
        [SqliteStore::open(path).await, SqliteStore::open_existing(&SqliteOptions::new(path)).await]
    {
        assert!(matches!(refused, Err(OpenError::Foreign)), "{refused:?}");
        assert!(before == std::fs::read(path).expect("a file"), "not a byte was changed");
    }
}

#[tokio::test]
async fn the_file_of_another_program_is_refused_and_left_as_it_is() {
    for statements in [
        &["CREATE TABLE notes (text TEXT)", "INSERT INTO notes VALUES ('keep')"] as &[_],
        // Other programs migrate with sqlx too.
        &["CREATE TABLE _sqlx_migrations (version BIGINT)", "CREATE TABLE notes (text TEXT)"],
        &["PRAGMA journal_mode = WAL", "CREATE TABLE notes (text TEXT)"],
    ] {
        let (path, connection, _folder) = another_programs(statements).await;
        connection.close().await.expect("closing");
        assert_refused_unchanged(&path).await;
    }
}

#[tokio::test]
async fn the_log_of_another_program_is_not_checkpointed_into_its_file() {
    let statements = ["PRAGMA journal_mode = WAL", "CREATE TABLE notes (text TEXT)"];
    let (path, connection, folder) = another_programs(&statements).await;
    // The state after a crash: the table is in the log only.
    let left = folder.path().join("left.db");
    for side in ["", "-wal"] {
        let from = format!("{}{side}", path.display());
        std::fs::copy(from, format!("{}{side}", left.display())).expect("a copy");
    }
    connection.close().await.expect("closing");
    assert_refused_unchanged(&left).await;
}

#[tokio::test]
async fn looking_into_an_empty_file_leaves_it_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("empty.db");
    std::fs::write(&path, []).expect("an empty file");
    let store = SqliteStore::open_existing(&SqliteOptions::new(&path)).await.expect("an empty database");
    assert_eq!(store.schema_version().await.expect("a version").found, 0);
    store.close().await;
    assert_eq!(std::fs::metadata(&path).expect("a file").len(), 0);
}

#[tokio::test]
async fn a_journal_left_by_a_crash_is_rolled_back_when_the_file_is_opened() {
    let temporary = Temporary::new().await;
    let secret = temporary.ports.views.instance_secret().await.expect("a secret");
    temporary.store.close().await;
    let mut connection = temporary.raw().await;
    // A cache of one page makes SQLite spill the incomplete transaction into the file.
    let half = [
        "PRAGMA journal_mode = DELETE",
        "PRAGMA cache_size = 1",
        "BEGIN IMMEDIATE",
        "UPDATE instance SET secret = zeroblob(32)",
        "CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
             SELECT i, randomblob(500) FROM n",
    ];
    execute(&mut connection, &half).await;
    let left = temporary.folder.path().join("left.db");
    for side in ["", "-journal"] {
        let from = format!("{}{side}", temporary.path().display());
        std::fs::copy(from, format!("{}{side}", left.display())).expect("a copy");
    }
    let options = SqliteConnectOptions::new().filename(&left).read_only(true);
    let mut reader = SqliteConnection::connect_with(&options).await.expect("a connection");
    let refused = sqlx::query("SELECT secret FROM instance").execute(&mut reader).await;
    assert!(refused.expect_err("the journal is hot").to_string().contains("readonly"));
    reader.close().await.expect("closing");

    let store = SqliteStore::open_existing(&SqliteOptions::new(&left)).await.expect("a store");
    let seen = loggia_domain::port::InstanceViews::instance_secret(&store).await.expect("a secret");
    assert_eq!(seen, secret, "what was half written is undone");
}

#[tokio::test]
async fn a_file_locked_by_another_process_is_busy_after_the_timeout() {
    const TIMEOUT: Duration = Duration::from_millis(500);
    let temporary = Temporary::new().await;
    temporary.store.close().await;
    let mut outsider = temporary.raw().await;
    execute(&mut outsider, &["PRAGMA locking_mode = EXCLUSIVE", "UPDATE instance SET secret = secret"]).await;
    let options = temporary.options().busy_timeout(TIMEOUT);
    for existing in [false, true] {
        let started = Instant::now();
        let refused = if existing {
            SqliteStore::open_existing(&options).await
        } else {
            SqliteStore::open_with(&options).await
        };
        assert!(matches!(refused, Err(OpenError::Busy(_))), "{refused:?}");
        let waited = started.elapsed();
        assert!(waited >= TIMEOUT && waited < 10 * TIMEOUT, "{waited:?}");
    }
    outsider.close().await.expect("closing");
    SqliteStore::open_with(&temporary.options()).await.expect("the file is free again");
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_and_its_log_are_accessible_only_to_their_owner() {
    use std::os::unix::fs::PermissionsExt;

    let temporary = Temporary::new().await;
    for side in ["", "-wal", "-shm"] {
        let path = format!("{}{side}", temporary.path().display());
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}
