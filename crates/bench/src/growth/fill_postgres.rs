//! Writes copies into a Postgres database, by COPY.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::copies::{Change, Copy, JOIN, STEP, TABLES, Table, earlier};

/// The number of copies that go into a table at once.
const TOGETHER: usize = 50;

/// Counts the lists into `list_totals`: the triggers that maintain the totals do not see the copies.
const COUNT_LISTS: &str = include_str!("../../../postgres/src/tests/count_lists.sql");

/// Reads the rows to copy, as the demo has created them: every value as text, or `None` for null.
pub(super) async fn read(url: &str) -> Result<Vec<Table<Option<String>>>> {
    let mut connection = PgConnection::connect(url).await?;
    let mut tables = Vec::with_capacity(TABLES.len());
    for name in TABLES {
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
        )
        .bind(name)
        .fetch_all(&mut connection)
        .await?;
        let texts: Vec<String> = columns.iter().map(|column| format!("{column}::text")).collect();
        let query = Table::<Option<String>>::query(name, &texts.join(", "));
        let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut connection).await?;
        let values =
            rows.iter().map(|row| (0..columns.len()).map(|at| row.try_get(at)).collect::<sqlx::Result<_>>());
        let values = values.collect::<sqlx::Result<_>>()?;
        tables.push(Table::new(name, columns, values));
    }
    connection.close().await?;
    Ok(tables)
}

/// Writes the copies.
pub(super) async fn write(url: &str, tables: &[Table<Option<String>>], copies: &[Copy]) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    // The referenced rows were copied before; foreign keys' checks of every row would be half of the work.
    for setting in ["SET session_replication_role = replica", "SET synchronous_commit = off"] {
        sqlx::raw_sql(setting).execute(&mut connection).await?;
    }
    for some in copies.chunks(TOGETHER) {
        for name in TABLES {
            let mut text = String::new();
            let mut columns = String::new();
            for copy in some {
                for table in Table::filled_by(tables, *copy) {
                    let table = table?;
                    if table.name == name {
                        columns = table.columns.join(", ");
                        write_lines(&mut text, table, *copy)?;
                    }
                }
            }
            if text.is_empty() {
                continue;
            }
            let statement = format!("COPY {name} ({columns}) FROM STDIN");
            let mut copying = connection.copy_in_raw(&statement).await?;
            copying.send(text.into_bytes()).await?;
            copying.finish().await.with_context(|| format!("{name} cannot be copied"))?;
        }
    }
    for statement in JOIN {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    for statement in ["TRUNCATE list_totals", COUNT_LISTS] {
        sqlx::raw_sql(statement).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Writes a table's rows in the text format of COPY.
fn write_lines(text: &mut String, table: &Table<Option<String>>, copy: Copy) -> Result<()> {
    let (changes, offset) = (table.changes(copy), table.offset(copy));
    for row in &table.rows {
        for (at, (value, change)) in row.iter().zip(&changes).enumerate() {
            if at > 0 {
                text.push('\t');
            }
            match value {
                Some(value) => write_changed(text, value, *change, copy, offset)?,
                None => text.push_str("\\N"),
            }
        }
        text.push('\n');
    }
    Ok(())
}

fn write_changed(text: &mut String, value: &str, change: Change, copy: Copy, offset: i64) -> Result<()> {
    let number = || value.parse::<i64>().with_context(|| format!("{value} is no number"));
    match change {
        Change::Id => {
            let (upper, rest) = value.split_at_checked(8).with_context(|| format!("{value} is no id"))?;
            write!(text, "{:08x}{rest}", earlier(u32::from_str_radix(upper, 16)?, copy))?;
        }
        Change::Time => write!(text, "{}", number()? - i64::from(copy.number) * STEP)?,
        Change::Number => write!(text, "{}", number()? + offset)?,
        Change::Own => write!(text, "{}.{value}", copy.number)?,
        Change::Keep => {
            for letter in value.chars() {
                match letter {
                    '\\' => text.push_str("\\\\"),
                    '\t' => text.push_str("\\t"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    other => text.push(other),
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_in_the_text_format_of_copy() {
        let columns = ["id", "created_at", "number", "name", "description"].map(str::to_owned).to_vec();
        let row = ["01000001-0000-7000-8000-000000000001", "200000000", "3", "a\tb\\"];
        let mut row: Vec<Option<String>> = row.iter().map(|value| Some((*value).to_owned())).collect();
        row.push(None);
        let table = Table::new("projects", columns, vec![row]);
        let mut text = String::new();
        write_lines(&mut text, &table, Copy { number: 2, within: Some(1) }).unwrap();
        assert_eq!(text, "00ffffff-0000-7000-8000-000000000001\t68928000\t4\ta\\tb\\\\\t\\N\n");
    }
}
