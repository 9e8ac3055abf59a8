//! Rows that break a rule of the domain.

use std::fmt::Display;

use loggia_domain::port::StoreError;
use uuid::Uuid;

/// Names the row that is read, for the message if it is corrupt.
#[derive(Clone, Copy, Debug)]
pub struct RowName {
    /// The name of the table.
    pub table: &'static str,
    /// The id of the row, or of the user or scope that it is about.
    pub id: Uuid,
}

impl RowName {
    /// Returns the error that the row breaks a rule in `column`.
    pub fn corrupt(self, column: &'static str, why: impl Display) -> StoreError {
        StoreError::Corrupt(format!("{} {}: {column} {why}", self.table, self.id))
    }
}

/// Reports a value as corrupt that the domain rejects, or a number that is out of range.
pub trait Sound<T> {
    /// Returns the value.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if the row breaks a rule in `column`.
    fn sound(self, row: RowName, column: &'static str) -> Result<T, StoreError>;
}

impl<T, E: Display> Sound<T> for Result<T, E> {
    fn sound(self, row: RowName, column: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| row.corrupt(column, error))
    }
}
