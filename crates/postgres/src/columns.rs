//! Columns of Postgres' rows.

use loggia_domain::port::StoreError;
use loggia_sql::{Get, Record, select_list};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, QueryBuilder, Row as _, Type, ValueRef as _};

use crate::error::store_error;

/// A row of Postgres.
pub(crate) struct Row<'r>(&'r PgRow);

/// A row of Postgres whose columns are read from left to right.
pub(crate) type Columns<'r> = loggia_sql::Columns<Row<'r>>;

impl<'r> From<&'r PgRow> for Row<'r> {
    fn from(row: &'r PgRow) -> Self {
        Self(row)
    }
}

impl loggia_sql::Row for Row<'_> {
    fn is_null(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.0.try_get_raw(column).map_err(store_error)?.is_null())
    }
}

impl<'r, T: Decode<'r, Postgres> + Type<Postgres>> Get<T> for Row<'r> {
    fn get(&self, column: usize) -> Result<T, StoreError> {
        self.0.try_get(column).map_err(store_error)
    }
}

/// Writes the record's columns into a select list, each qualified by the table's `alias`.
pub(crate) fn push_columns<R: Record>(query: &mut QueryBuilder<Postgres>, alias: &str) {
    query.push(select_list::<R, _>(|_| alias));
}
