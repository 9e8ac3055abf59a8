//! Rows of tables as plain values, read by column index: for statements that join several tables.
//!
//! [`record!`](crate::columns::record) declares a table's columns once. The checked macros fill the struct by name,
//! composed statements select its columns with [`push_columns`] and read them back, in the same order, from [`Columns`].

use std::collections::HashMap;

use loggia_domain::port::StoreError;
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, QueryBuilder, Row, Type, ValueRef};
use uuid::Uuid;

use crate::error::store_error;

/// The columns of a table that are read together.
pub(crate) trait Record: Sized {
    /// The columns' names. The first column is never null, so a null there means that an outer join found no row.
    const COLUMNS: &'static [&'static str];

    /// Reads the columns in the order of [`Self::COLUMNS`].
    fn read(columns: &mut Columns<'_>) -> Result<Self, sqlx::Error>;
}

/// Declares a struct whose fields are named as the columns of a table.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($column:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name { $(pub(crate) $column: $type),+ }

        impl $crate::columns::Record for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn read(columns: &mut $crate::columns::Columns<'_>) -> Result<Self, sqlx::Error> {
                Ok(Self { $($column: columns.next()?),+ })
            }
        }
    };
}
pub(crate) use record;

/// Writes the record's columns into a select list, each qualified by the table's `alias`.
pub(crate) fn push_columns<R: Record>(query: &mut QueryBuilder<Postgres>, alias: &str) {
    for (i, column) in R::COLUMNS.iter().enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push(alias).push(".").push(column);
    }
}

/// A row whose columns are read from left to right.
pub(crate) struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r PgRow) -> Self {
        Self::after(row, 0)
    }

    /// Reads the row from behind its first `columns` columns.
    pub(crate) fn after(row: &'r PgRow, columns: usize) -> Self {
        Self { row, next: columns }
    }

    /// Returns `true` if the next column is null.
    pub(crate) fn next_is_null(&self) -> Result<bool, sqlx::Error> {
        Ok(self.row.try_get_raw(self.next)?.is_null())
    }

    /// Reads the next column.
    pub(crate) fn next<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Result<T, sqlx::Error> {
        let value = self.row.try_get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// Reads the next columns as a record.
    pub(crate) fn record<R: Record>(&mut self) -> Result<R, sqlx::Error> {
        R::read(self)
    }

    /// Reads the next columns as a record, or returns `None` if the record's first column is null because an outer join found no row.
    pub(crate) fn optional<R: Record>(&mut self) -> Result<Option<R>, sqlx::Error> {
        if self.next_is_null()? {
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
        let Some(id) = self.row.try_get::<Option<Uuid>, _>(self.next).map_err(store_error)? else {
            self.next += R::COLUMNS.len();
            return Ok(None);
        };
        if let Some(found) = known.get(&id) {
            self.next += R::COLUMNS.len();
            return Ok(Some(found.clone()));
        }
        let made = make(self.record().map_err(store_error)?)?;
        known.insert(id, made.clone());
        Ok(Some(made))
    }
}
