//! Rows read as the records of [`crate::rows`], so that the domain judges every value.

use loggia_domain::port::StoreError;

use super::tables::Table;
use super::value::Value;
use crate::columns::{Columns, FromColumns, Get, Record, Row};

/// Rows of one or more tables, read by the names of their columns as if they were joined.
#[derive(Clone, Copy, Debug)]
pub struct Joined<'r> {
    rows: &'r [(&'r Table, &'r [Value])],
    columns: &'static [&'static str],
}

/// Reads a record from rows. A column that several tables have is that of the first of them.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a column is missing or has another type.
pub fn decode<'r, T: Record + FromColumns<Joined<'r>>>(
    rows: &'r [(&'r Table, &'r [Value])],
) -> Result<T, StoreError> {
    Columns::<Joined<'r>>::new(Joined { rows, columns: T::COLUMNS }).record()
}

impl Joined<'_> {
    fn value(&self, column: usize) -> Result<&Value, StoreError> {
        let name = self.columns.get(column).copied().unwrap_or_default();
        let found = self.rows.iter().find_map(|(table, row)| row.get(table.index(name)?));
        found.ok_or_else(|| StoreError::Corrupt(format!("there is no column {name}")))
    }
}

impl Row for Joined<'_> {
    fn is_null(&self, column: usize) -> Result<bool, StoreError> {
        Ok(*self.value(column)? == Value::Null)
    }
}

impl<T: TryFrom<Value>> Get<T> for Joined<'_> {
    fn get(&self, column: usize) -> Result<T, StoreError> {
        let value = self.value(column)?.clone();
        T::try_from(value).map_err(|_| {
            let name = self.columns.get(column).copied().unwrap_or_default();
            StoreError::Corrupt(format!("{name} does not have the type of its column"))
        })
    }
}
