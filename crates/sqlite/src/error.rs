//! Maps SQLite's result codes to the port's errors.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use loggia_domain::port::StoreError;
use sqlx::migrate::MigrateError;

/// A file could not be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite library linked into this program may damage write-ahead logs.
    #[error("SQLite {found} is too old: {needed} or later is needed")]
    Library {
        /// The version of the linked library.
        found: String,
        /// The oldest version that is accepted.
        needed: &'static str,
    },
    /// The file does not exist, cannot be read or written, is no database, or its disk is full.
    #[error("the database file cannot be used")]
    File(#[source] Box<dyn Error + Send + Sync>),
    /// Another process kept the file locked for too long.
    #[error("the database file is in use by another process")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The file has tables of another program; it was left unchanged.
    #[error("the file is a SQLite database of another program")]
    Foreign,
    /// The write-ahead log beside the file belongs to another state of it, or to another file: the file was replaced, and the log was not.
    /// Nothing was changed.
    #[error(
        "{log} does not belong to {file}, which was replaced while its write-ahead log stayed; opening both would mix two states. If {file} \
         is the state that you want, move {log} and its neighbour that ends in -shm away, or put a backup in place by `loggia restore`. If \
         not, put the file back that belongs to the log",
        log = log.display(),
        file = file.display()
    )]
    ForeignLog {
        /// The file.
        file: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// The schema could not be migrated to the version that this program knows.
    #[error("the database's schema cannot be migrated")]
    Migration(#[source] MigrateError),
    /// The file was made by a version before 0.1.0; it was left unchanged.
    #[error(
        "the file was created by a version before 0.1.0, which later versions cannot migrate: use a new file"
    )]
    Unreleased,
    /// The file is the target of a copy that was interrupted; it was left unchanged.
    #[error("the file is the unfinished copy of another store: run `loggia copy` again, or use a new file")]
    Unfinished,
}

/// The primary result codes that are handled here (<https://www.sqlite.org/rescode.html>). Extended codes have more bits above the lowest
/// eight: 261 (`BUSY_RECOVERY`) and 517 (`BUSY_SNAPSHOT`) are kinds of 5.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const INTERRUPT: i32 = 9;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

/// Returns SQLite's primary result code, or `None` if the error is not SQLite's.
fn result_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code & 0xff)
}

/// Returns SQLite's primary result code of an error of sqlx, which opens and migrates files.
fn opening_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse().ok().map(|code: i32| code & 0xff)
}

/// Returns `true` if another connection held a lock.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(result_code(error), Some(BUSY | LOCKED))
}

/// Returns `true` if another connection's lock kept the file from being opened.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    matches!(opening_code(error), Some(BUSY | LOCKED))
}

/// Returns `true` if a read-only connection would have had to write.
pub(crate) fn is_read_only(error: &sqlx::Error) -> bool {
    opening_code(error) == Some(READONLY)
}

/// Returns `true` if the file is no database.
pub(crate) fn is_no_database(error: &sqlx::Error) -> bool {
    opening_code(error) == Some(NOTADB)
}

/// Maps a failure to open a file.
pub(crate) fn open_error(error: sqlx::Error) -> OpenError {
    if is_taken(&error) { OpenError::Busy(error.into()) } else { OpenError::File(error.into()) }
}

/// Maps a failure to open one of the store's own connections.
pub(crate) fn connect_error(error: rusqlite::Error) -> OpenError {
    if is_busy(&error) { OpenError::Busy(error.into()) } else { OpenError::File(error.into()) }
}

/// Maps the error of a failed statement to the port's.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    match result_code(&error) {
        Some(BUSY | LOCKED) => return StoreError::Contended(Some(error.into())),
        // INTERRUPT: the statement ran for too long, see `Readers`.
        Some(READONLY | IOERR | FULL | CANTOPEN | INTERRUPT) => {
            return StoreError::Unavailable(Some(error.into()));
        }
        Some(CORRUPT | NOTADB) => return StoreError::Corrupt(error.to_string()),
        _ => {}
    }
    match error {
        // The columns are STRICT and the ids' lengths are checked, so this is a damaged or foreign file.
        rusqlite::Error::InvalidColumnType(_, column, kind) => {
            StoreError::Corrupt(format!("the column {column} contains {kind}, which is not valid"))
        }
        other => StoreError::Failed(other.into()),
    }
}

/// Maps the error of opening a unit of work as [`store_error`] does, except that a busy error becomes [`StoreError::Unavailable`]: the
/// caller has already waited for the busy timeout, and an immediate retry would only wait as long again.
pub(crate) fn begin_error(error: rusqlite::Error) -> StoreError {
    if is_busy(&error) { StoreError::Unavailable(Some(error.into())) } else { store_error(error) }
}

/// The error of a failed commit, shared by all units of work in its group.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CommitFailure(#[source] Arc<rusqlite::Error>);

impl From<rusqlite::Error> for CommitFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self(Arc::new(error))
    }
}

/// Maps a failed commit to the error of each unit of work in it. Only errors other than [`StoreError::OutcomeUnknown`] mean that nothing
/// was written.
pub(crate) fn commit_error(failure: CommitFailure) -> StoreError {
    match result_code(&failure.0) {
        // Nothing reached the log, or a deferred constraint refused it.
        Some(BUSY | LOCKED) => StoreError::Contended(Some(failure.into())),
        Some(FULL | READONLY) => StoreError::Unavailable(Some(failure.into())),
        Some(CONSTRAINT) => StoreError::Failed(failure.into()),
        // An I/O error may occur after the commit record was written, and recovery then finds that record.
        _ => StoreError::OutcomeUnknown(Some(failure.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)
    }

    fn kind(error: &StoreError) -> &'static str {
        match error {
            StoreError::Contended(_) => "contended",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::UnknownCaller => "unknown caller",
            StoreError::OutcomeUnknown(_) => "unknown",
            StoreError::Unsupported(_) => "unsupported",
            StoreError::Corrupt(_) => "corrupt",
            StoreError::Failed(_) => "failed",
        }
    }

    #[test]
    fn each_result_code_maps_to_a_store_error_by_operation() {
        for (code, statement, begin, commit) in [
            (1, "failed", "failed", "unknown"),
            (BUSY, "contended", "unavailable", "contended"),
            (LOCKED, "contended", "unavailable", "contended"),
            (READONLY, "unavailable", "unavailable", "unavailable"),
            (INTERRUPT, "unavailable", "unavailable", "unknown"),
            (IOERR, "unavailable", "unavailable", "unknown"),
            (CORRUPT, "corrupt", "corrupt", "unknown"),
            (FULL, "unavailable", "unavailable", "unavailable"),
            (CANTOPEN, "unavailable", "unavailable", "unknown"),
            (CONSTRAINT, "failed", "failed", "failed"),
            (NOTADB, "corrupt", "corrupt", "unknown"),
        ] {
            // The code itself, and an extended one of the same kind.
            for code in [code, code | 2 << 8] {
                assert_eq!(kind(&store_error(failure(code))), statement, "{code} of a statement");
                assert_eq!(kind(&begin_error(failure(code))), begin, "{code} of a beginning");
                assert_eq!(kind(&commit_error(failure(code).into())), commit, "{code} of a commit");
            }
        }
    }

    #[test]
    fn a_file_locked_by_another_connection_is_busy() {
        for code in [BUSY, 261, LOCKED] {
            assert!(matches!(connect_error(failure(code)), OpenError::Busy(_)));
        }
        for code in [CANTOPEN, NOTADB] {
            assert!(matches!(connect_error(failure(code)), OpenError::File(_)));
        }
    }
}
