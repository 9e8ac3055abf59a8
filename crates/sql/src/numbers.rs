//! Numbers of rows, and the integers of columns.

use loggia_domain::port::StoreError;

use crate::corrupt::{RowName, Sound};

/// A statement that must affect one row affected another number of rows: a bug of this program.
#[derive(Debug, thiserror::Error)]
#[error("{statement} affected {rows} rows instead of one")]
struct WrongRowCount {
    statement: &'static str,
    rows: u64,
}

/// Checks that the statement affected exactly one row.
///
/// # Errors
/// Fails with [`StoreError::Failed`] otherwise.
pub fn one_row(statement: &'static str, rows: u64) -> Result<(), StoreError> {
    match rows {
        1 => Ok(()),
        rows => Err(StoreError::Failed(WrongRowCount { statement, rows }.into())),
    }
}

/// Converts a number to the integer type of columns.
///
/// # Errors
/// Fails with [`StoreError::Failed`] if the number is too large.
pub fn integer(
    number: impl TryInto<i64, Error: std::error::Error + Send + Sync + 'static>,
) -> Result<i64, StoreError> {
    number.try_into().map_err(|error| StoreError::Failed(Box::new(error)))
}

/// Converts the result of `count(*)`.
///
/// # Errors
/// Fails with [`StoreError::Failed`] if it is negative.
pub fn count(rows: i64) -> Result<u64, StoreError> {
    u64::try_from(rows).map_err(|error| StoreError::Failed(error.into()))
}

/// Converts a revision or a position, which is never negative.
pub(crate) fn unsigned(number: i64, row: RowName, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).sound(row, column)
}
