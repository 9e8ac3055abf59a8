//! Values of columns, to and from Postgres.

use loggia_domain::port::StoreError;
use loggia_sql::canonical_changes;
use loggia_sql::moving::{Column, Kind, Row, Table, Value};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use crate::error::store_error;

/// Reads the columns of a table.
pub(super) fn read(table: &Table, row: &PgRow) -> Result<Row, StoreError> {
    table.columns.iter().enumerate().map(|(i, column)| value_of(column, row, i)).collect()
}

fn value_of(column: &Column, row: &PgRow, i: usize) -> Result<Value, StoreError> {
    match column.kind {
        Kind::Id => row.try_get::<Option<Uuid>, _>(i).map(Value::from),
        Kind::Integer | Kind::Time => row.try_get::<Option<i64>, _>(i).map(Value::from),
        Kind::Flag => row.try_get::<Option<bool>, _>(i).map(Value::from),
        Kind::Text => row.try_get::<Option<String>, _>(i).map(Value::from),
        Kind::Bytes | Kind::Outline => row.try_get::<Option<Vec<u8>>, _>(i).map(Value::from),
        Kind::Changes => {
            let text: String = row.try_get(i).map_err(store_error)?;
            return canonical_changes(&text).map(Value::Text);
        }
    }
    .map_err(store_error)
}

/// Binds a value.
pub(super) fn push(query: &mut QueryBuilder<Postgres>, value: Value) {
    match value {
        // No key has a null.
        Value::Null => query.push("NULL"),
        Value::Id(id) => query.push_bind(id),
        Value::Integer(number) => query.push_bind(number),
        Value::Flag(flag) => query.push_bind(flag),
        Value::Text(text) => query.push_bind(text),
        Value::Bytes(bytes) => query.push_bind(bytes),
    };
}

/// Binds the values of one column of all rows as an array, which it takes out of the rows.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value does not have the type of its column.
pub(super) fn push_array(
    query: &mut QueryBuilder<Postgres>,
    column: &Column,
    rows: &mut [Row],
    i: usize,
) -> Result<(), StoreError> {
    fn take<T>(column: &Column, rows: &mut [Row], i: usize) -> Result<Vec<T>, StoreError>
    where
        T: TryFrom<Value>,
    {
        let wrong = || StoreError::Corrupt(format!("{} does not have the type of its column", column.name));
        let values =
            rows.iter_mut().map(|row| row.get_mut(i).map(|value| std::mem::replace(value, Value::Null)));
        values.map(|value| T::try_from(value.ok_or_else(wrong)?).map_err(|_| wrong())).collect()
    }
    match column.kind {
        Kind::Id => query.push_bind(take::<Option<Uuid>>(column, rows, i)?).push("::uuid[]"),
        Kind::Integer | Kind::Time => {
            query.push_bind(take::<Option<i64>>(column, rows, i)?).push("::bigint[]")
        }
        Kind::Flag => query.push_bind(take::<Option<bool>>(column, rows, i)?).push("::boolean[]"),
        Kind::Text | Kind::Changes => {
            query.push_bind(take::<Option<String>>(column, rows, i)?).push("::text[]")
        }
        Kind::Bytes | Kind::Outline => {
            query.push_bind(take::<Option<Vec<u8>>>(column, rows, i)?).push("::bytea[]")
        }
    };
    Ok(())
}
