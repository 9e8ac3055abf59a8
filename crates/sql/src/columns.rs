//! Rows of tables as plain values, read by column index: for statements that join several tables.
//!
//! [`record!`](crate::record) declares a table's columns once. Statements select them, with [`select_list`] where they are composed, and
//! [`Columns`] reads them back in the same order.

use std::collections::HashMap;
use std::fmt::{self, Display};

use loggia_domain::port::StoreError;
use uuid::Uuid;

/// A row of a result, as a driver returns it.
pub trait Row {
    /// Returns `true` if the column with this index is null.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if there is no such column.
    fn is_null(&self, column: usize) -> Result<bool, StoreError>;
}

/// A row whose columns can be read as values of type `T`.
pub trait Get<T>: Row {
    /// Returns the value of the column with this index.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if the column's type does not match.
    fn get(&self, column: usize) -> Result<T, StoreError>;
}

/// A row whose columns can be read as every type that the tables' columns have in common.
pub trait AnyRow:
    Get<i64>
    + Get<bool>
    + Get<String>
    + Get<Uuid>
    + Get<Vec<u8>>
    + Get<Option<i64>>
    + Get<Option<String>>
    + Get<Option<Uuid>>
{
}

impl<R> AnyRow for R where
    R: Get<i64>
        + Get<bool>
        + Get<String>
        + Get<Uuid>
        + Get<Vec<u8>>
        + Get<Option<i64>>
        + Get<Option<String>>
        + Get<Option<Uuid>>
{
}

/// The columns of a table that are read together.
pub trait Record {
    /// The columns' names. The first column is never null, so a null there means that an outer join found no row.
    const COLUMNS: &'static [&'static str];
}

/// A value that is read from consecutive columns of a row.
pub trait FromColumns<R>: Sized {
    /// Reads the columns, a [`Record`]'s in the order of [`Record::COLUMNS`].
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if a column is missing or has another type.
    fn read(columns: &mut Columns<R>) -> Result<Self, StoreError>;
}

/// Declares a struct whose fields are named as the columns of a table.
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* $visibility:vis $name:ident { $($column:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        $visibility struct $name {
            $(#[doc = concat!("The column `", stringify!($column), "`.")] $visibility $column: $type),+
        }

        impl $crate::Record for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
        }

        impl<R> $crate::FromColumns<R> for $name
        where
            $(R: $crate::Get<$type>),+
        {
            fn read(columns: &mut $crate::Columns<R>) -> Result<Self, $crate::StoreError> {
                Ok(Self { $($column: columns.value()?),+ })
            }
        }
    };
}

/// Returns the record's columns as a select list, each qualified by the alias of its table.
pub fn select_list<'a, R: Record, F: Fn(&'static str) -> &'a str>(alias: F) -> impl Display {
    SelectList { columns: R::COLUMNS, alias }
}

struct SelectList<F> {
    columns: &'static [&'static str],
    alias: F,
}

impl<'a, F: Fn(&'static str) -> &'a str> Display for SelectList<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, column) in self.columns.iter().copied().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{}.{column}", (self.alias)(column))?;
        }
        Ok(())
    }
}

/// A row whose columns are read from left to right.
#[derive(Debug)]
pub struct Columns<R> {
    row: R,
    next: usize,
}

impl<R> Columns<R> {
    /// Creates a reader that begins with the row's first column.
    pub fn new(row: impl Into<R>) -> Self {
        Self::after(row, 0)
    }

    /// Creates a reader that skips the row's first `columns` columns.
    pub fn after(row: impl Into<R>, columns: usize) -> Self {
        Self { row: row.into(), next: columns }
    }

    /// Returns `true` if the next column is null.
    ///
    /// # Errors
    /// Fails with a [`StoreError`] if there is no further column.
    pub fn next_is_null(&self) -> Result<bool, StoreError>
    where
        R: Row,
    {
        self.row.is_null(self.next)
    }

    /// Reads the next column.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if its type does not match.
    pub fn value<T>(&mut self) -> Result<T, StoreError>
    where
        R: Get<T>,
    {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// Reads the next columns as a record.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if the type of one does not match.
    pub fn record<T: FromColumns<R>>(&mut self) -> Result<T, StoreError> {
        T::read(self)
    }

    /// Reads the next columns as a record, or returns `None` if the record's first column is null because an outer join found no row.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if the type of one does not match.
    pub fn optional<T: Record + FromColumns<R>>(&mut self) -> Result<Option<T>, StoreError>
    where
        R: Row,
    {
        if self.next_is_null()? {
            self.next += T::COLUMNS.len();
            return Ok(None);
        }
        T::read(self).map(Some)
    }

    /// Reads the next columns as [`Self::optional`] does, for a record that begins with its id and that many rows share. Only the first
    /// row with an id reads the record and calls `make`; later rows get a clone from `known`.
    ///
    /// # Errors
    /// Fails with [`StoreError::Corrupt`] if the type of a column does not match, and with the error of `make`.
    pub fn shared<T: Record + FromColumns<R>, V: Clone>(
        &mut self,
        known: &mut HashMap<Uuid, V>,
        make: impl FnOnce(T) -> Result<V, StoreError>,
    ) -> Result<Option<V>, StoreError>
    where
        R: Get<Option<Uuid>>,
    {
        let Some(id) = self.row.get(self.next)? else {
            self.next += T::COLUMNS.len();
            return Ok(None);
        };
        if let Some(found) = known.get(&id) {
            self.next += T::COLUMNS.len();
            return Ok(Some(found.clone()));
        }
        let made = make(self.record()?)?;
        known.insert(id, made.clone());
        Ok(Some(made))
    }
}
