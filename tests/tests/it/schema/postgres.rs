//! Postgres' catalogue.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, FromRow};

use super::catalogue::{COUNTED, Column, Key, Reference, Table, ordered};
use crate::harness::{Engine, Home, text};

#[derive(FromRow)]
struct ColumnRow {
    name: String,
    declared: String,
    not_null: bool,
    default_value: Option<String>,
    is_counted: bool,
}

#[derive(FromRow)]
struct KeyColumnRow {
    index_name: String,
    is_key: bool,
    is_primary: bool,
    is_unique: bool,
    predicate: Option<String>,
    column_name: Option<String>,
    /// The collation of text that is not ordered by its bytes.
    ordered_by: Option<String>,
    is_descending: bool,
}

#[derive(FromRow)]
struct ReferenceRow {
    target: String,
    source_columns: Vec<String>,
    target_columns: Vec<String>,
    on_delete: String,
    on_update: String,
}

/// A database that the binary has migrated.
pub(super) struct Migrated {
    home: Home,
}

impl Migrated {
    pub(super) fn new() -> Self {
        let home = Home::on(Engine::Postgres);
        let output = home.run(&["migrate"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        Self { home }
    }

    /// Opens a session as the owner of the database.
    pub(super) async fn session(&self) -> PgConnection {
        PgConnection::connect(&self.home.database_url()).await.unwrap()
    }
}

/// Returns all tables.
pub(super) async fn tables(session: &mut PgConnection) -> Vec<Table> {
    let names = "SELECT relname::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut *session).await.unwrap();
    let mut tables = Vec::new();
    for name in names {
        tables.push(Table {
            // All tables of Postgres are strict.
            strict: true,
            columns: columns(session, &name).await,
            keys: keys(session, &name).await,
            references: references(session, &name).await,
            checks: checks(session, &name).await.into_iter().collect(),
            name,
        });
    }
    tables
}

async fn columns(session: &mut PgConnection, table: &str) -> BTreeMap<String, Column> {
    let rows = "SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS declared,
                    a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS default_value,
                    a.attidentity <> '' AS is_counted
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
                WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped";
    let rows: Vec<ColumnRow> = sqlx::query_as(rows).bind(table).fetch_all(session).await.unwrap();
    let columns = rows.into_iter().map(|row| {
        let column = Column {
            class: class(&row.declared),
            declared: row.declared,
            nullable: !row.not_null,
            default: if row.is_counted { Some(COUNTED.to_owned()) } else { row.default_value.map(plain) },
        };
        (row.name, column)
    });
    columns.collect()
}

fn class(declared: &str) -> &'static str {
    match declared {
        "bigint" | "integer" | "boolean" => "integer",
        "text" | "jsonb" => "text",
        "uuid" | "bytea" => "bytes",
        // Only the migrator's table has this type.
        "timestamp with time zone" => "a time",
        other => panic!("the type {other} is not known here"),
    }
}

/// Removes the differences of a default from SQLite's, which has numbers for flags and no type names after texts.
fn plain(default: String) -> String {
    match default.as_str() {
        "false" => "0".to_owned(),
        "true" => "1".to_owned(),
        _ => default.trim_end_matches("::text").to_owned(),
    }
}

async fn keys(session: &mut PgConnection, table: &str) -> Vec<Key> {
    let rows =
        "SELECT c.relname::text AS index_name, con.oid IS NOT NULL AS is_key, i.indisprimary AS is_primary,
                    i.indisunique AS is_unique, pg_get_expr(i.indpred, i.indrelid, true) AS predicate,
                    a.attname::text AS column_name,
                    CASE WHEN l.collname <> 'C' THEN l.collname::text END AS ordered_by,
                    (part.option & 1) = 1 AS is_descending
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u')
                CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indcollation::oid[], i.indoption::int2[])
                    WITH ORDINALITY AS part (number, coll, option, place)
                LEFT JOIN pg_attribute a ON (a.attrelid, a.attnum) = (i.indrelid, part.number)
                LEFT JOIN pg_collation l ON l.oid = part.coll
                WHERE i.indrelid = $1::regclass ORDER BY c.relname, part.place";
    let rows: Vec<KeyColumnRow> = sqlx::query_as(rows).bind(table).fetch_all(session).await.unwrap();
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    for row in rows {
        let key = keys.entry(row.index_name.clone()).or_insert_with(|| Key {
            name: Some(row.index_name).filter(|_| !row.is_key),
            is_primary: row.is_primary,
            is_unique: row.is_unique,
            columns: Vec::new(),
            // Without the type names after texts, which SQLite does not have.
            predicate: row.predicate.map(|predicate| predicate.replace("::text", "")),
        });
        key.columns.push(ordered(row.column_name, row.ordered_by.as_deref(), row.is_descending));
    }
    keys.into_values().collect()
}

async fn references(session: &mut PgConnection, table: &str) -> Vec<Reference> {
    let rows = "SELECT confrelid::regclass::text AS target,
                    ARRAY(SELECT a.attname::text FROM unnest(conkey) WITH ORDINALITY AS part (number, place)
                          JOIN pg_attribute a ON (a.attrelid, a.attnum) = (conrelid, part.number)
                          ORDER BY place) AS source_columns,
                    ARRAY(SELECT a.attname::text FROM unnest(confkey) WITH ORDINALITY AS part (number, place)
                          JOIN pg_attribute a ON (a.attrelid, a.attnum) = (confrelid, part.number)
                          ORDER BY place) AS target_columns,
                    confdeltype::text AS on_delete, confupdtype::text AS on_update
                FROM pg_constraint WHERE contype = 'f' AND conrelid = $1::regclass";
    let rows: Vec<ReferenceRow> = sqlx::query_as(rows).bind(table).fetch_all(session).await.unwrap();
    let references = rows.into_iter().map(|row| Reference {
        columns: row.source_columns,
        target: row.target,
        target_columns: row.target_columns,
        on_delete: action(&row.on_delete),
        on_update: action(&row.on_update),
    });
    references.collect()
}

fn action(letter: &str) -> String {
    let action = match letter {
        "a" => "NO ACTION",
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        other => panic!("the action {other} is not known here"),
    };
    action.to_owned()
}

/// Returns the CHECKs of a table, in the form in which Postgres shows conditions.
pub(super) async fn checks(session: &mut PgConnection, table: &str) -> Vec<String> {
    let checks =
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = $1::regclass";
    sqlx::query_scalar(checks).bind(table).fetch_all(session).await.unwrap()
}
