//! Tests that each problem of a file is found, and that a sound file has none.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use loggia_domain::instant::Timestamp;
use loggia_sql::{Examination, Severity};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{blob, fill, store};
use crate::{SqliteOptions, examine};

/// The time of the examinations: after that of every record.
const NOW: i64 = 1_800_000_000_000_000;

/// Creates a closed store with some records.
async fn closed() -> (SqliteOptions, TempDir) {
    let (store, folder) = store().await;
    fill(&store, 500).await;
    let options = SqliteOptions::new(folder.path().join("loggia.db"));
    store.close().await;
    (options, folder)
}

/// Examines a store after a change to its file by another program.
async fn after(change: impl FnOnce(&Connection)) -> Vec<(&'static str, Severity, String)> {
    let (options, _folder) = closed().await;
    let connection = Connection::open(options.path()).expect("a connection");
    change(&connection);
    drop(connection);
    found(&examined(&options).await)
}

async fn examined(options: &SqliteOptions) -> Examination {
    examine(options, Timestamp::from_micros(NOW).expect("a time")).await
}

fn found(examination: &Examination) -> Vec<(&'static str, Severity, String)> {
    let findings = examination.findings().iter();
    findings.map(|finding| (finding.check, finding.severity, finding.problem.clone())).collect()
}

#[tokio::test]
async fn a_sound_store_has_no_findings_while_open_and_when_closed() {
    let (store, folder) = store().await;
    fill(&store, 10).await;
    let options = SqliteOptions::new(folder.path().join("loggia.db"));
    let checks = ["store", "integrity", "foreign keys", "schema version", "write-ahead log", "clock"];
    let beside = examined(&options).await;
    assert_eq!((beside.checks(), found(&beside)), (&checks[..], Vec::new()));
    store.close().await;
    let at_rest = examined(&options).await;
    assert_eq!((at_rest.checks(), found(&at_rest)), (&checks[..], Vec::new()));
}

#[tokio::test]
async fn a_damaged_page_is_found() {
    let (options, _folder) = closed().await;
    let mut file = OpenOptions::new().write(true).open(options.path()).expect("the file");
    let length = file.metadata().expect("its length").len();
    // The middle of the file: the first pages have the schema, without which nothing can be read at all.
    file.seek(SeekFrom::Start(length / 2 / 4_096 * 4_096)).expect("a page");
    file.write_all(&[0x5a; 4_096]).expect("rubbish");
    drop(file);
    let found = found(&examined(&options).await);
    assert!(!found.is_empty());
    let first = &found[0];
    assert_eq!((first.0, first.1), ("integrity", Severity::Error), "{found:?}");
}

#[tokio::test]
async fn a_row_that_refers_to_nothing_is_found() {
    let found = after(|connection| {
        let missing = blob(uuid::Uuid::from_u128(0xdead));
        connection
            .execute_batch(&format!("PRAGMA foreign_keys = OFF; UPDATE spaces SET created_by = {missing}"))
            .expect("rows");
    })
    .await;
    assert!(
        matches!(found.as_slice(), [("foreign keys", Severity::Error, problem)] if problem.contains("500 rows of the table spaces")),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_older_and_a_newer_schema_are_found() {
    let older = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    let newer = "INSERT INTO _sqlx_migrations SELECT version + 1, description, installed_on, success, checksum, execution_time
         FROM _sqlx_migrations ORDER BY version DESC LIMIT 1";
    for change in [older, newer] {
        let found = after(|connection| connection.execute_batch(change).expect("a change")).await;
        assert!(matches!(found.as_slice(), [("schema version", Severity::Error, _)]), "{found:?}");
    }
}

#[tokio::test]
async fn another_journal_mode_is_found() {
    let found = after(|connection| {
        let mode: String =
            connection.query_row("PRAGMA journal_mode = DELETE", (), |row| row.get(0)).expect("a mode");
        assert_eq!(mode, "delete");
    })
    .await;
    assert!(matches!(found.as_slice(), [("write-ahead log", Severity::Warning, _)]), "{found:?}");
}

#[tokio::test]
async fn a_log_that_is_never_checkpointed_is_found() {
    let (store, folder) = store().await;
    let options = SqliteOptions::new(folder.path().join("loggia.db"));
    // Behind the last frame nothing is read. The file takes no room on the disk.
    let log = OpenOptions::new().write(true).open(folder.path().join("loggia.db-wal")).expect("the log");
    log.set_len(300 << 20).expect("a length");
    let found = found(&examined(&options).await);
    assert!(
        matches!(found.as_slice(), [("write-ahead log", Severity::Warning, problem)] if problem.contains("300 MiB")),
        "{found:?}"
    );
    store.close().await;
}

#[tokio::test]
async fn a_change_in_the_future_is_found() {
    let found = after(|connection| {
        let (scope, id) = (blob(super::ORGANIZATION), blob(super::PROJECT));
        let at = NOW + 120_000_000;
        connection
            .execute_batch(&format!(
                "INSERT INTO events (scope_id, id, actor, at, subject_kind, subject_id, verb, changes)
                 VALUES ({scope}, {id}, 'operator', {at}, 'project', {id}, 'created', '[]')"
            ))
            .expect("an event");
    })
    .await;
    assert!(
        matches!(found.as_slice(), [("clock", Severity::Warning, problem)] if problem.contains("120 s")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_store_is_found_and_examined_no_further() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loggia.db");
    let found_in = async || found(&examined(&SqliteOptions::new(&path)).await);
    assert!(matches!(found_in().await.as_slice(), [("store", Severity::Error, _)]), "a missing file");
    std::fs::write(&path, "").expect("a file");
    assert!(
        matches!(found_in().await.as_slice(), [("store", Severity::Error, problem)] if problem.contains("empty"))
    );
    std::fs::write(&path, "x".repeat(8_192)).expect("a file");
    assert!(matches!(found_in().await.as_slice(), [("store", Severity::Error, _)]), "no database");
    std::fs::remove_file(&path).expect("the file");
    Connection::open(&path).expect("a file").execute_batch("CREATE TABLE t (x)").expect("a table");
    let found = found_in().await;
    assert!(
        matches!(found.as_slice(), [("store", Severity::Error, problem)] if problem.contains("another program")),
        "{found:?}"
    );
}
