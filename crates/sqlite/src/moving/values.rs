//! Values of columns, to and from SQLite.

use loggia_domain::port::StoreError;
use loggia_sql::canonical_changes;
use loggia_sql::moving::{Column, Kind, Row, Table, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Params, ToSql, params_from_iter};
use uuid::Uuid;

use crate::error::store_error;

/// A value that is bound to a statement.
struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Id(id) => ValueRef::Blob(id.as_bytes()),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Flag(flag) => ValueRef::Integer(i64::from(*flag)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Returns the values as the parameters of a statement.
pub(super) fn bound(values: &[Value]) -> impl Params + '_ {
    params_from_iter(values.iter().map(Bound))
}

/// Reads the columns of a table.
pub(super) fn read(table: &Table, row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let mut values = Row::with_capacity(table.columns.len());
    for (i, column) in table.columns.iter().enumerate() {
        let value = row.get_ref(i).map_err(store_error)?;
        let corrupt = || StoreError::Corrupt(format!("{}: {} has another type", table.name, column.name));
        values.push(value_of(column, value).ok_or_else(corrupt)??);
    }
    Ok(values)
}

/// Returns `None` if the value does not have the type of its column.
fn value_of(column: &Column, value: ValueRef<'_>) -> Option<Result<Value, StoreError>> {
    Some(Ok(match (column.kind, value) {
        (_, ValueRef::Null) if column.is_nullable => Value::Null,
        (Kind::Id, ValueRef::Blob(bytes)) => Value::Id(Uuid::from_slice(bytes).ok()?),
        (Kind::Integer | Kind::Time, ValueRef::Integer(number)) => Value::Integer(number),
        (Kind::Flag, ValueRef::Integer(number @ (0 | 1))) => Value::Flag(number == 1),
        (Kind::Text, ValueRef::Text(_)) => Value::Text(value.as_str().ok()?.to_owned()),
        (Kind::Changes, ValueRef::Text(_)) => {
            return Some(canonical_changes(value.as_str().ok()?).map(Value::Text));
        }
        (Kind::Bytes | Kind::Outline, ValueRef::Blob(bytes)) => Value::Bytes(bytes.to_vec()),
        _ => return None,
    }))
}
