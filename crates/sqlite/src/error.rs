//! From SQLite's result codes to the port's errors, all in this one place.

use std::fmt::Display;

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
    File(#[source] sqlx::Error),
    /// Another process kept the file to itself for too long.
    #[error("the database file is in use by another process")]
    Busy(#[source] sqlx::Error),
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
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;

/// SQLite's primary result code, if that is what the error is about.
fn result_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?;
    code.parse().ok().map(|code: i32| code & 0xff)
}

/// Whether another connection was in the way.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(result_code(error), Some(BUSY | LOCKED))
}

/// Whether something would have had to be written through a connection that only reads.
pub(crate) fn is_read_only(error: &sqlx::Error) -> bool {
    result_code(error) == Some(READONLY)
}

/// What a failure while a file is opened means.
pub(crate) fn open_error(error: sqlx::Error) -> OpenError {
    // A pool that is just being opened has nobody in it who could keep its connections.
    if is_busy(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
        OpenError::Busy(error)
    } else {
        OpenError::File(error)
    }
}

/// What a failed statement means to the domain.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    match result_code(&error) {
        Some(BUSY | LOCKED) => return StoreError::Contended(Some(error.into())),
        Some(READONLY | IOERR | FULL | CANTOPEN) => return StoreError::Unavailable(Some(error.into())),
        Some(CORRUPT | NOTADB) => return StoreError::Corrupt(error.to_string()),
        _ => {}
    }
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::WorkerCrashed => StoreError::Unavailable(Some(error.into())),
        // The columns are STRICT and the ids' lengths are checked, so this is a damaged or foreign file.
        sqlx::Error::ColumnDecode { .. } => StoreError::Corrupt(error.to_string()),
        other => StoreError::Failed(other.into()),
    }
}

/// The same for opening a unit of work. There, whoever is told that others are in the way has waited for them in vain
/// already, as long as the busy timeout says: to try again at once would only make it that much longer.
pub(crate) fn begin_error(error: sqlx::Error) -> StoreError {
    if is_busy(&error) { StoreError::Unavailable(Some(error.into())) } else { store_error(error) }
}

/// The same for a commit, of which it must be told whether it is certain that nothing was written.
pub(crate) fn commit_error(error: sqlx::Error) -> StoreError {
    match result_code(&error) {
        // Nothing reached the log, or a deferred constraint refused it.
        Some(BUSY | LOCKED | FULL | READONLY | CONSTRAINT) => store_error(error),
        // An I/O error may strike after the commit record was written: then recovery will find it.
        _ => StoreError::OutcomeUnknown(Some(error.into())),
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
pub(crate) fn one_row(
    statement: &'static str,
    result: &sqlx::sqlite::SqliteQueryResult,
) -> Result<(), StoreError> {
    match result.rows_affected() {
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
    use std::error::Error;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::*;

    /// A failure with that result code.
    #[derive(Debug, thiserror::Error)]
    #[error("result code {0}")]
    struct Code(i32);

    impl DatabaseError for Code {
        fn message(&self) -> &str {
            "it failed"
        }

        fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
            Some(self.0.to_string().into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn failure(code: i32) -> sqlx::Error {
        sqlx::Error::Database(Box::new(Code(code)))
    }

    fn kind(error: &StoreError) -> &'static str {
        match error {
            StoreError::Contended(_) => "contended",
            StoreError::Unavailable(_) => "unavailable",
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
                assert_eq!(kind(&commit_error(failure(code))), commit, "{code} of a commit");
            }
        }
        assert_eq!(kind(&begin_error(sqlx::Error::PoolTimedOut)), "unavailable");
    }

    #[test]
    fn a_file_that_others_keep_to_themselves_is_busy() {
        for error in [failure(BUSY), failure(261), failure(LOCKED), sqlx::Error::PoolTimedOut] {
            assert!(matches!(open_error(error), OpenError::Busy(_)));
        }
        for error in [failure(CANTOPEN), failure(NOTADB)] {
            assert!(matches!(open_error(error), OpenError::File(_)));
        }
    }
}
