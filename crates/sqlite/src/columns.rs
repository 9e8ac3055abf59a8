//! Columns of SQLite's rows.

use loggia_domain::port::StoreError;
use loggia_sql::{FromColumns, Get, Record, select_list};
use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::error::store_error;
use crate::statement::Statement;

/// A row of SQLite.
pub(crate) struct Row<'r>(&'r rusqlite::Row<'r>);

/// A row of SQLite whose columns are read from left to right.
pub(crate) type Columns<'r> = loggia_sql::Columns<Row<'r>>;

/// A value that can be read from any row of SQLite.
pub(crate) trait FromRow: for<'r> FromColumns<Row<'r>> {}

impl<T: for<'r> FromColumns<Row<'r>>> FromRow for T {}

impl<'r> From<&'r rusqlite::Row<'r>> for Row<'r> {
    fn from(row: &'r rusqlite::Row<'r>) -> Self {
        Self(row)
    }
}

impl loggia_sql::Row for Row<'_> {
    fn is_null(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.0.get_ref(column).map_err(store_error)? == ValueRef::Null)
    }
}

impl<T: Column> Get<T> for Row<'_> {
    fn get(&self, column: usize) -> Result<T, StoreError> {
        let value = self.0.get_ref(column).map_err(store_error)?;
        T::from_value(value).ok_or_else(|| {
            let name = self.0.as_ref().column_name(column).unwrap_or_default().to_owned();
            store_error(rusqlite::Error::InvalidColumnType(column, name, value.data_type()))
        })
    }
}

/// Writes the record's columns into a select list, each qualified by the table's `alias`.
pub(crate) fn push_columns<R: Record>(query: &mut Statement, alias: &str) {
    query.push(select_list::<R, _>(|_| alias));
}

/// A Rust type that a column's value is read as. Nothing is converted: a value of another type was not written by this program.
pub(crate) trait Column: Sized {
    /// Returns the value, or `None` if its type does not match.
    fn from_value(value: ValueRef<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
}

impl Column for bool {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(0) => Some(false),
            ValueRef::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(str::to_owned)
    }
}

impl Column for Vec<u8> {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().map(<[u8]>::to_vec)
    }
}

impl Column for Uuid {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().and_then(|bytes| Self::from_slice(bytes).ok())
    }
}

impl<T: Column> Column for Option<T> {
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn column_values_are_not_converted() {
        let connection = Connection::open_in_memory().expect("a database");
        let read = |text: &str| {
            connection
                .query_row(&format!("SELECT {text} AS it"), (), |row| {
                    let mut columns = Columns::new(row);
                    Ok((
                        columns.value::<i64>().is_ok(),
                        columns.value::<String>().is_ok(),
                        columns.value::<Uuid>().is_ok(),
                        columns.value::<bool>().is_ok(),
                        columns.value::<Option<String>>().is_ok(),
                    ))
                })
                .expect("a row")
        };
        // A failed read does not advance, so each value is tried as one type after the other until one fits.
        assert_eq!(read("1"), (true, false, false, false, false));
        assert_eq!(read("'1'"), (false, true, false, false, false));
        assert_eq!(read("zeroblob(16)"), (false, false, true, false, false));
        assert_eq!(read("zeroblob(15)"), (false, false, false, false, false));
        assert_eq!(read("NULL"), (false, false, false, false, true));
        assert_eq!(read("2"), (true, false, false, false, false));
    }
}
