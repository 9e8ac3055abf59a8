//! SQLite's catalogue: pragmas, and the statements that created tables and indexes, for everything that no pragma shows.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, FromRow};

use super::catalogue::{COUNTED, Column, Key, Reference, Table, ordered};
use crate::harness::{Home, block_on, text};

#[derive(FromRow)]
struct TableRow {
    name: String,
    strict: bool,
    sql: String,
}

#[derive(FromRow)]
struct ColumnRow {
    name: String,
    declared: String,
    not_null: bool,
    default_value: Option<String>,
    place_in_key: i64,
}

#[derive(FromRow)]
struct IndexRow {
    name: String,
    is_unique: bool,
    origin: String,
    /// The statement, or `None` for the index of a key.
    sql: Option<String>,
}

#[derive(FromRow)]
struct IndexColumnRow {
    name: Option<String>,
    is_descending: bool,
    collation: String,
}

#[derive(FromRow)]
struct ReferenceRow {
    number: i64,
    target: String,
    source_column: String,
    target_column: Option<String>,
    on_delete: String,
    on_update: String,
}

/// Returns the tables of a file that the binary has migrated.
pub(super) fn tables() -> Vec<Table> {
    let home = Home::new();
    let output = home.run(&["migrate"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    block_on(async {
        let options = SqliteConnectOptions::new().filename(home.path().join("loggia.db")).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let named = "SELECT list.name, list.strict, master.sql
             FROM pragma_table_list list JOIN sqlite_master master ON master.name = list.name
             WHERE list.schema = 'main' AND list.type = 'table' AND list.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY list.name";
        let named: Vec<TableRow> = sqlx::query_as(named).fetch_all(&mut connection).await.unwrap();
        let mut tables = Vec::new();
        for row in named {
            tables.push(describe(&mut connection, row).await);
        }
        tables
    })
}

async fn describe(connection: &mut SqliteConnection, row: TableRow) -> Table {
    let TableRow { name, strict, sql } = row;
    let sql = without_comments(&sql);
    let columns = "SELECT name, type AS declared, \"notnull\" AS not_null, dflt_value AS default_value, pk AS place_in_key
                   FROM pragma_table_info($1)";
    let rows: Vec<ColumnRow> = sqlx::query_as(columns).bind(&name).fetch_all(&mut *connection).await.unwrap();
    let mut primary: Vec<_> = rows.iter().filter(|row| row.place_in_key > 0).collect();
    primary.sort_by_key(|row| row.place_in_key);
    let primary = Key {
        name: None,
        is_primary: true,
        is_unique: true,
        columns: primary.into_iter().map(|row| row.name.clone()).collect(),
        predicate: None,
    };
    let mut keys = vec![primary];
    keys.extend(other_keys(connection, &name).await);
    let references = references(connection, &name).await;
    let is_counted = sql.contains("AUTOINCREMENT");
    let columns = rows.into_iter().map(|row| {
        let counted = (is_counted && row.place_in_key > 0).then(|| COUNTED.to_owned());
        let column = Column {
            class: class(&row.declared),
            declared: row.declared,
            nullable: !row.not_null,
            default: counted.or(row.default_value),
        };
        (row.name, column)
    });
    Table { columns: columns.collect(), name, strict, keys, references, checks: checks(&sql) }
}

/// Returns the class of a type. The migrator's table has further types beside the three of our tables.
fn class(declared: &str) -> &'static str {
    match declared {
        "INTEGER" | "BIGINT" | "BOOLEAN" => "integer",
        "TEXT" | "TIMESTAMP" => "text",
        "BLOB" => "bytes",
        other => panic!("the type {other} is not known here"),
    }
}

async fn other_keys(connection: &mut SqliteConnection, table: &str) -> Vec<Key> {
    let indexes = "SELECT list.name, list.\"unique\" AS is_unique, list.origin, master.sql
                   FROM pragma_index_list($1) list JOIN sqlite_master master ON master.name = list.name
                   WHERE list.origin <> 'pk'";
    let indexes: Vec<IndexRow> =
        sqlx::query_as(indexes).bind(table).fetch_all(&mut *connection).await.unwrap();
    let mut keys = Vec::new();
    for IndexRow { name, is_unique, origin, sql } in indexes {
        let columns = "SELECT name, \"desc\" AS is_descending, coll AS collation FROM pragma_index_xinfo($1)
                       WHERE key ORDER BY seqno";
        let columns: Vec<IndexColumnRow> =
            sqlx::query_as(columns).bind(&name).fetch_all(&mut *connection).await.unwrap();
        let columns = columns.into_iter().map(|column| {
            let collation = Some(column.collation.as_str()).filter(|collation| *collation != "BINARY");
            ordered(column.name, collation, column.is_descending)
        });
        let sql = sql.as_deref().map(without_comments);
        keys.push(Key {
            name: Some(name).filter(|_| origin == "c"),
            is_primary: false,
            is_unique,
            columns: columns.collect(),
            predicate: sql
                .and_then(|sql| sql.split_once(" WHERE ").map(|(_, predicate)| predicate.trim().to_owned())),
        });
    }
    keys
}

async fn references(connection: &mut SqliteConnection, table: &str) -> Vec<Reference> {
    let parts =
        "SELECT id AS number, \"table\" AS target, \"from\" AS source_column, \"to\" AS target_column,
                     on_delete, on_update
                 FROM pragma_foreign_key_list($1) ORDER BY id, seq";
    let parts: Vec<ReferenceRow> =
        sqlx::query_as(parts).bind(table).fetch_all(&mut *connection).await.unwrap();
    let mut references: BTreeMap<i64, Reference> = BTreeMap::new();
    for part in parts {
        let reference = references.entry(part.number).or_insert_with(|| Reference {
            columns: Vec::new(),
            target: part.target,
            target_columns: Vec::new(),
            on_delete: part.on_delete,
            on_update: part.on_update,
        });
        reference.columns.push(part.source_column);
        reference.target_columns.push(part.target_column.unwrap_or_else(|| "its key".to_owned()));
    }
    references.into_values().collect()
}

/// Returns a statement in one line, without its comments.
fn without_comments(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split_once("--").map_or(line, |(before, _)| before));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Returns the conditions in the parentheses after each CHECK.
fn checks(sql: &str) -> BTreeSet<String> {
    let conditions = sql.split("CHECK (").skip(1).map(|rest| {
        let mut open = 1;
        let end = rest.char_indices().find(|(_, character)| {
            match character {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            open == 0
        });
        rest[..end.unwrap().0].to_owned()
    });
    conditions.collect()
}
