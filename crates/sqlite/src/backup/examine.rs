//! Checking a backup.

use std::path::Path;
use std::sync::Arc;

use loggia_sql::SchemaVersion;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::cancel::{Cancel, CancelOnDrop};
use super::files::failed;
use super::{BackupError, BackupFacts};
use crate::schema::content::{self, Content};
use crate::schema::migration;
use crate::sessions::file::beside;
use crate::sessions::history::open_alone;

/// Checks that a file is a whole store that this program can open or migrate: its content, its schema version, every page and index, and
/// every foreign key. The file is not changed, and no file is made beside it.
///
/// Takes about as long as reading the file twice. See the limits of [`backup`](super).
///
/// # Errors
/// Fails with a [`BackupError`] that says what is wrong with the file.
pub async fn check(file: &Path) -> Result<BackupFacts, BackupError> {
    let cancel = Arc::new(Cancel::default());
    let _until_here = CancelOnDrop(cancel.clone());
    refuse_log(file)?;
    examine(file, &cancel).await
}

/// Fails if a log that is not empty lies beside the file.
pub(super) fn refuse_log(file: &Path) -> Result<(), BackupError> {
    let log = std::fs::metadata(beside(file, "-wal"));
    if log.is_ok_and(|log| log.len() > 0) { Err(BackupError::HasLog(file.to_owned())) } else { Ok(()) }
}

/// Checks a file as [`check`] does, whatever lies beside it.
pub(super) async fn examine(file: &Path, cancel: &Arc<Cancel>) -> Result<BackupFacts, BackupError> {
    let bytes = std::fs::metadata(file).map_err(failed(file))?.len();
    let path = file.to_owned();
    let damaged = move |what: String| BackupError::Damaged { path: path.clone(), what };
    let schema = schema(file).await?.map_err(|error| damaged(error.to_string()))?;
    if schema.found > schema.known {
        return Err(BackupError::Newer { path: file.to_owned(), schema });
    }
    let (path, work) = (file.to_owned(), cancel.clone());
    let problem = tokio::task::spawn_blocking(move || first_problem(&path, &work)).await;
    let problem = problem.map_err(|error| BackupError::Copy(error.into()))?;
    cancel.check()?;
    match problem.map_err(|error| damaged(error.to_string()))? {
        None => Ok(BackupFacts { bytes, schema }),
        Some(problem) => Err(damaged(problem)),
    }
}

/// Returns the version of the schema. Fails with [`BackupError::NotABackup`] if the file has none, or with SQLite's error.
async fn schema(file: &Path) -> Result<Result<SchemaVersion, sqlx::Error>, BackupError> {
    let not_a_backup = |why: &str| BackupError::NotABackup { path: file.to_owned(), why: why.to_owned() };
    let found = async {
        let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
        let mut connection = options.connect().await?;
        let content = content::content(&mut connection).await?;
        let schema = match content {
            Content::Store => Some(migration::version_of(&mut connection).await?),
            _ => None,
        };
        connection.close().await?;
        Ok::<_, sqlx::Error>((content, schema))
    };
    match found.await {
        Ok((_, Some(schema))) => Ok(Ok(schema)),
        Ok((Content::Nothing, _)) => Err(not_a_backup("it is empty")),
        Ok((Content::Unreleased, _)) => Err(not_a_backup("a version before 0.1.0 made it")),
        Ok(_) => Err(not_a_backup("it is a database of another program")),
        Err(error) if crate::error::is_no_database(&error) => Err(not_a_backup("it is no database")),
        Err(error) => Ok(Err(error)),
    }
}

/// Returns the first problem that SQLite finds in the file, or `None` if there is none.
fn first_problem(file: &Path, cancel: &Cancel) -> Result<Option<String>, rusqlite::Error> {
    let connection = open_alone(file)?;
    if cancel.watch(&connection).is_err() {
        return Ok(None);
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if found != "ok" {
        return Ok(Some(found));
    }
    let mut dangling = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = dangling.query(())?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
    Ok(Some(format!("a row of {table} refers to a row of {parent} that does not exist")))
}
