//! Rows of tables as plain values, read by column index: for statements that join several tables.
//!
//! [`record!`](crate::columns::record) declares a table's columns once. Statements select them, with [`push_columns`] where they are
//! composed, and [`Columns`] reads them back in the same order.

use std::collections::HashMap;

use loggia_domain::port::StoreError;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::error::store_error;
use crate::statement::Statement;

/// The columns of a table that are read together.
pub(crate) trait Record: Sized {
    /// The columns' names. The first column is never null, so a null there means that an outer join found no row.
    const COLUMNS: &'static [&'static str];

    /// Reads the columns in the order of [`Self::COLUMNS`].
    fn read(columns: &mut Columns<'_>) -> Result<Self, rusqlite::Error>;
}

/// Declares a struct whose fields are named as the columns of a table.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($column:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name { $(pub(crate) $column: $type),+ }

        impl $crate::columns::Record for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn read(columns: &mut $crate::columns::Columns<'_>) -> Result<Self, rusqlite::Error> {
                Ok(Self { $($column: columns.next()?),+ })
            }
        }
    };
}
pub(crate) use record;

/// Writes the record's columns into a select list, each qualified by the table's `alias`.
pub(crate) fn push_columns<R: Record>(query: &mut Statement, alias: &str) {
    for (i, column) in R::COLUMNS.iter().enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push(alias).push(".").push(column);
    }
}

/// A Rust type that a column's value is read as. Nothing is converted: a value of another type was not written by this program.
pub(crate) trait Column: Sized {
    /// Returns the value, or `None` if its type does not match.
    fn of(value: ValueRef<'_>) -> Option<Self>;
}

impl Column for i64 {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        value.as_i64().ok()
    }
}

impl Column for bool {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(0) => Some(false),
            ValueRef::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Column for String {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        value.as_str().ok().map(str::to_owned)
    }
}

impl Column for Vec<u8> {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().map(<[u8]>::to_vec)
    }
}

impl Column for Uuid {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        value.as_blob().ok().and_then(|bytes| Self::from_slice(bytes).ok())
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

/// A row whose columns are read from left to right.
pub(crate) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    /// Reads the next column.
    ///
    /// Fails with [`rusqlite::Error::InvalidColumnType`] if its type does not match.
    pub(crate) fn next<T: Column>(&mut self) -> Result<T, rusqlite::Error> {
        let value = self.row.get_ref(self.next)?;
        let read = T::of(value).ok_or_else(|| {
            let name = self.row.as_ref().column_name(self.next).unwrap_or_default().to_owned();
            rusqlite::Error::InvalidColumnType(self.next, name, value.data_type())
        })?;
        self.next += 1;
        Ok(read)
    }

    /// Reads the next columns as a record.
    pub(crate) fn record<R: Record>(&mut self) -> Result<R, rusqlite::Error> {
        R::read(self)
    }

    /// Reads the next columns as a record, or returns `None` if the record's first column is null because an outer join found no row.
    pub(crate) fn optional<R: Record>(&mut self) -> Result<Option<R>, rusqlite::Error> {
        if self.row.get_ref(self.next)? == ValueRef::Null {
            self.next += R::COLUMNS.len();
            return Ok(None);
        }
        R::read(self).map(Some)
    }

    /// Reads the next columns as [`Self::optional`] does, for a record that begins with its id and that many rows share. Only the first
    /// row with an id reads the record and calls `make`; later rows get a clone from `known`.
    pub(crate) fn shared<R: Record, T: Clone>(
        &mut self,
        known: &mut HashMap<Uuid, T>,
        make: impl FnOnce(R) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let id = Option::<Uuid>::of(self.row.get_ref(self.next).map_err(store_error)?).flatten();
        if let Some(found) = id.and_then(|id| known.get(&id)) {
            self.next += R::COLUMNS.len();
            return Ok(Some(found.clone()));
        }
        let Some(record) = self.optional::<R>().map_err(store_error)? else { return Ok(None) };
        let made = make(record)?;
        if let Some(id) = id {
            known.insert(id, made.clone());
        }
        Ok(Some(made))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn nothing_is_converted() {
        let connection = Connection::open_in_memory().expect("a database");
        let read = |text: &str| {
            connection
                .query_row(&format!("SELECT {text} AS it"), (), |row| {
                    let mut columns = Columns::of(row);
                    Ok((
                        columns.next::<i64>().is_ok(),
                        columns.next::<String>().is_ok(),
                        columns.next::<Uuid>().is_ok(),
                        columns.next::<bool>().is_ok(),
                        columns.next::<Option<String>>().is_ok(),
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
