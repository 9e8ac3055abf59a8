//! Writes copies into a SQLite file, in large transactions that need not reach the disk.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::copies::{Change, Copy, JOIN, STEP, TABLES, Table, earlier};

/// The number of copies in a transaction.
const TOGETHER: usize = 50;

/// Reads the rows to copy, as the demo has created them.
pub(super) fn read(file: &Path) -> Result<Vec<Table<Value>>> {
    let connection = Connection::open(file)?;
    let table = |name: &'static str| -> Result<Table<Value>> {
        let mut statement = connection.prepare(&Table::<Value>::query(name, "*"))?;
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let count = columns.len();
        let rows = statement.query_map([], |row| {
            (0..count).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()
        })?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Table::new(name, columns, rows))
    };
    TABLES.into_iter().map(table).collect()
}

/// Writes the copies.
pub(super) fn write(file: &Path, tables: &[Table<Value>], copies: &[Copy]) -> Result<()> {
    let mut connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; PRAGMA wal_autocheckpoint = 50000;",
    )?;
    for some in copies.chunks(TOGETHER) {
        let transaction = connection.transaction()?;
        for copy in some {
            for table in Table::filled_by(tables, *copy) {
                write_table(&transaction, table?, *copy)?;
            }
        }
        transaction.commit()?;
    }
    for statement in JOIN {
        connection.execute(statement, [])?;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn write_table(connection: &Connection, table: &Table<Value>, copy: Copy) -> Result<()> {
    let placeholders = vec!["?"; table.columns.len()].join(", ");
    let insert = format!("INSERT INTO {} ({}) VALUES ({placeholders})", table.name, table.columns.join(", "));
    let mut insert = connection.prepare_cached(&insert)?;
    let (changes, offset) = (table.changes(copy), table.offset(copy));
    for row in &table.rows {
        let values = row.iter().zip(&changes).map(|(value, change)| changed(value, *change, copy, offset));
        let values = values.collect::<Result<Vec<Value>>>()?;
        insert.execute(params_from_iter(values)).with_context(|| format!("{copy:?} of {}", table.name))?;
    }
    Ok(())
}

fn changed(value: &Value, change: Change, copy: Copy, offset: i64) -> Result<Value> {
    Ok(match (change, value) {
        (Change::Id, Value::Blob(id)) => {
            let (upper, rest) = id.split_first_chunk::<4>().context("an id has 16 bytes")?;
            let upper = earlier(u32::from_be_bytes(*upper), copy).to_be_bytes();
            Value::Blob([upper.as_slice(), rest].concat())
        }
        (Change::Time, Value::Integer(time)) => Value::Integer(time - i64::from(copy.number) * STEP),
        (Change::Number, Value::Integer(number)) => Value::Integer(number + offset),
        (Change::Own, Value::Text(text)) => Value::Text(format!("{}.{text}", copy.number)),
        (_, value) => value.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_and_times_of_a_copy_are_earlier_by_its_number_of_steps() {
        let copy = Copy { number: 2, within: None };
        let id = Value::Blob([1, 0, 0, 1].into_iter().chain([9; 12]).collect());
        let expected = Value::Blob([0, 255, 255, 255].into_iter().chain([9; 12]).collect());
        assert_eq!(changed(&id, Change::Id, copy, 0).unwrap(), expected);
        let time = changed(&Value::Integer(200_000_000), Change::Time, copy, 0).unwrap();
        assert_eq!(time, Value::Integer(200_000_000 - 131_072_000));
        assert_eq!(changed(&Value::Null, Change::Id, copy, 0).unwrap(), Value::Null);
        let text = changed(&Value::Text("ada@example.com".to_owned()), Change::Own, copy, 0).unwrap();
        assert_eq!(text, Value::Text("2.ada@example.com".to_owned()));
    }
}
