//! A SQLite file, checked on a copy, so that the next process finds the file and its write-ahead log as they were left.

use std::path::Path;

use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tempfile::TempDir;

use super::block_on;

/// Copies the store in that folder, which nothing writes at the moment, and checks that SQLite finds it whole. Returns the folder of the copy.
pub(crate) fn checked_copy(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for name in ["loggia.db", "loggia.db-wal"] {
        let file = folder.join(name);
        if file.exists() {
            std::fs::copy(file, copy.path().join(name)).unwrap();
        }
    }
    let url = format!("sqlite://{}", copy.path().join("loggia.db").display());
    block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let said: Vec<String> =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
        assert_eq!(said, ["ok"]);
        let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
        assert!(dangling.is_empty(), "{} references lead nowhere", dangling.len());
        connection.close().await.unwrap();
    });
    copy
}
