//! From SQLite's result codes to the port's errors, all in this one place.

use std::error::Error;
use std::fmt::Display;
use std::sync::Arc;

use loggia_domain::port::StoreError;
use sqlx::migrate::MigrateError;
use uuid::Uuid;

/// Why a file could not be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The library that this program was built with may damage write-ahead logs.
    #[error("SQLite {found} is too old: {needed} or later is needed")]
    Library {
        /// The version that answers.
        found: String,
        /// The least that will do.
        needed: &'static str,
    },
    /// There is no such file, it cannot be read or written, it is no database, or its disk is full.
    #[error("the database file cannot be used")]
    File(#[source] Box<dyn Error + Send + Sync>),
    /// Another process kept the file to itself for too long.
    #[error("the database file is in use by another process")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The file has tables, and they are not this program's; it was left as it is.
    #[error("the file is a SQLite database of another program")]
    Foreign,
    /// The schema could not be brought to the state that this program knows.
    #[error("the database's schema cannot be migrated")]
    Migration(#[source] MigrateError),
}

/// The primary result codes that mean something here (<https://www.sqlite.org/rescode.html>). Extended codes have more
/// bits above the lowest eight: 261 (`BUSY_RECOVERY`) and 517 (`BUSY_SNAPSHOT`) are kinds of 5.
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

/// SQLite's primary result code, if that is what the error is about.
fn result_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code & 0xff)
}

/// The same of what opens and migrates a file.
fn opening_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse().ok().map(|code: i32| code & 0xff)
}

/// Whether another connection was in the way.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(result_code(error), Some(BUSY | LOCKED))
}

/// Whether another connection kept the file from being opened.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    matches!(opening_code(error), Some(BUSY | LOCKED))
}

/// Whether something would have had to be written through a connection that only reads.
pub(crate) fn is_read_only(error: &sqlx::Error) -> bool {
    opening_code(error) == Some(READONLY)
}

/// What a failure while a file is opened means.
pub(crate) fn open_error(error: sqlx::Error) -> OpenError {
    if is_taken(&error) { OpenError::Busy(error.into()) } else { OpenError::File(error.into()) }
}

/// The same of one of the connections that are kept.
pub(crate) fn connect_error(error: rusqlite::Error) -> OpenError {
    if is_busy(&error) { OpenError::Busy(error.into()) } else { OpenError::File(error.into()) }
}

/// What a failed statement means to the domain.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    match result_code(&error) {
        Some(BUSY | LOCKED) => return StoreError::Contended(Some(error.into())),
        // It was interrupted because it took too long, see `Readers`.
        Some(READONLY | IOERR | FULL | CANTOPEN | INTERRUPT) => {
            return StoreError::Unavailable(Some(error.into()));
        }
        Some(CORRUPT | NOTADB) => return StoreError::Corrupt(error.to_string()),
        _ => {}
    }
    match error {
        // The columns are STRICT and the ids' lengths are checked, so this is a damaged or foreign file.
        rusqlite::Error::InvalidColumnType(_, column, kind) => {
            StoreError::Corrupt(format!("the column {column} holds {kind}, which does not fit"))
        }
        other => StoreError::Failed(other.into()),
    }
}

/// The same for opening a unit of work. There, whoever is told that others are in the way has waited for them in vain
/// already, as long as the busy timeout says: to try again at once would only make it that much longer.
pub(crate) fn begin_error(error: rusqlite::Error) -> StoreError {
    if is_busy(&error) { StoreError::Unavailable(Some(error.into())) } else { store_error(error) }
}

/// Why a commit failed, which several units of work are told.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CommitFailure(#[source] Arc<rusqlite::Error>);

impl From<rusqlite::Error> for CommitFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self(Arc::new(error))
    }
}

/// What that means to each of them, of which it must be told whether it is certain that nothing was written.
pub(crate) fn commit_error(failure: CommitFailure) -> StoreError {
    match result_code(&failure.0) {
        // Nothing reached the log, or a deferred constraint refused it.
        Some(BUSY | LOCKED) => StoreError::Contended(Some(failure.into())),
        Some(FULL | READONLY) => StoreError::Unavailable(Some(failure.into())),
        Some(CONSTRAINT) => StoreError::Failed(failure.into()),
        // An I/O error may strike after the commit record was written: then recovery will find it.
        _ => StoreError::OutcomeUnknown(Some(failure.into())),
    }
}

/// A statement that must have touched one row touched another number of them: a bug of this program.
#[derive(Debug, thiserror::Error)]
#[error("{statement} touched {rows} rows instead of one")]
struct WrongRowCount {
    statement: &'static str,
    rows: u64,
}

/// Checks that a statement touched exactly the one row it was meant for.
pub(crate) fn one_row(statement: &'static str, rows: u64) -> Result<(), StoreError> {
    match rows {
        1 => Ok(()),
        rows => Err(StoreError::Failed(WrongRowCount { statement, rows }.into())),
    }
}

/// Which row is being read, for the message if it turns out to be corrupt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowName {
    pub(crate) table: &'static str,
    pub(crate) id: Uuid,
}

impl RowName {
    /// The row breaks a rule in that column.
    pub(crate) fn corrupt(self, column: &'static str, why: impl Display) -> StoreError {
        StoreError::Corrupt(format!("{} {}: {column} {why}", self.table, self.id))
    }
}

/// For values that the domain parses, and for numbers whose range it narrows.
pub(crate) trait Sound<T> {
    /// The value, or word that the row's column breaks a rule.
    fn sound(self, row: RowName, column: &'static str) -> Result<T, StoreError>;
}

impl<T, E: Display> Sound<T> for Result<T, E> {
    fn sound(self, row: RowName, column: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| row.corrupt(column, error))
    }
}

/// A number as SQLite keeps it.
pub(crate) fn integer(
    number: impl TryInto<i64, Error: std::error::Error + Send + Sync + 'static>,
) -> Result<i64, StoreError> {
    number.try_into().map_err(|error| StoreError::Failed(Box::new(error)))
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
            StoreError::Corrupt(_) => "corrupt",
            StoreError::Failed(_) => "failed",
        }
    }

    #[test]
    fn each_result_code_means_something_where_it_comes_up() {
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
    fn a_file_that_others_keep_to_themselves_is_busy() {
        for code in [BUSY, 261, LOCKED] {
            assert!(matches!(connect_error(failure(code)), OpenError::Busy(_)));
        }
        for code in [CANTOPEN, NOTADB] {
            assert!(matches!(connect_error(failure(code)), OpenError::File(_)));
        }
    }
}
