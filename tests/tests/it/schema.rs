//! The rules that every table keeps, looked up in the file that the binary itself has migrated.
//!
//! They are what lets one organization be moved, or the whole be spread over many machines by the scope's id.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, FromRow};

use crate::harness::{Home, text};

/// Tables without `scope_id`, each with its reason.
const NOT_OF_ONE_SCOPE: &[(&str, &str)] = &[
    ("_sqlx_migrations", "the migrator's own book"),
    ("instance", "belongs to the whole instance"),
    ("scopes", "is the scope: its id is the scope's id"),
    ("organizations", "is one half of the scope: its id is the scope's id"),
    ("users", "a person is the same in every scope; what a scope knows of them is in members"),
    ("api_keys", "a key belongs to its user, and opens scopes"),
];

/// Unique keys and indexes of scoped tables that do not begin with `scope_id`: the ways in, where no scope is known yet.
const WAYS_IN: &[(&str, &str)] = &[
    ("members_by_user", "which scopes somebody has a place in"),
    ("projects_by_id", "a path names a project by its id alone"),
    ("spaces_by_id", "a path names a space by its id alone"),
    ("tasks_by_id", "a path names a task by its id alone"),
    ("events.position", "the one writer's order of commits, in which each scope's order lies"),
];

/// A name, and what is known about it.
#[derive(FromRow)]
struct Named {
    name: String,
    strict: bool,
}

/// A column of a key, in its place.
#[derive(FromRow)]
struct KeyColumn {
    key: String,
    column: Option<String>,
}

#[derive(FromRow)]
struct Reference {
    number: i64,
    target: String,
    source_column: String,
    target_column: Option<String>,
}

/// A table and what it promises.
struct Table {
    name: String,
    strict: bool,
    columns: BTreeSet<String>,
    /// The columns of the primary key and of every index, by the key's name.
    keys: BTreeMap<String, Vec<String>>,
    references: Vec<Vec<Reference>>,
}

impl Table {
    fn is_scoped(&self) -> bool {
        self.columns.contains("scope_id")
    }
}

fn migrated_tables() -> Vec<Table> {
    let home = Home::new();
    let output = home.run(&["migrate"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(home.path().join("loggia.db")).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let tables = "SELECT name, strict FROM pragma_table_list
             WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let named: Vec<Named> = sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap();
        let mut tables = Vec::new();
        for Named { name, strict } in named {
            tables.push(describe(&mut connection, name, strict).await);
        }
        tables
    })
}

async fn describe(connection: &mut SqliteConnection, name: String, strict: bool) -> Table {
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
        .bind(&name)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let keys = "SELECT $1 || '.' || group_concat(name, '.') OVER (ORDER BY pk
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS key, name AS column
                FROM pragma_table_info($1) WHERE pk > 0
                UNION ALL
                SELECT list.name, info.name FROM pragma_index_list($1) list, pragma_index_info(list.name) info
                WHERE list.origin <> 'pk'";
    let columns_of_keys: Vec<KeyColumn> =
        sqlx::query_as(keys).bind(&name).fetch_all(&mut *connection).await.unwrap();
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for KeyColumn { key, column } in columns_of_keys {
        keys.entry(key).or_default().push(column.unwrap_or_else(|| "an expression".to_owned()));
    }
    let references =
        "SELECT id AS number, \"table\" AS target, \"from\" AS source_column, \"to\" AS target_column
                      FROM pragma_foreign_key_list($1) ORDER BY id, seq";
    let parts: Vec<Reference> =
        sqlx::query_as(references).bind(&name).fetch_all(&mut *connection).await.unwrap();
    let mut references: BTreeMap<i64, Vec<Reference>> = BTreeMap::new();
    for part in parts {
        references.entry(part.number).or_default().push(part);
    }
    Table {
        name,
        strict,
        columns: columns.into_iter().collect(),
        keys,
        references: references.into_values().collect(),
    }
}

#[test]
fn every_table_is_strict() {
    for table in migrated_tables() {
        let is_ours = table.name != "_sqlx_migrations";
        assert!(table.strict || !is_ours, "{} is not STRICT", table.name);
    }
}

#[test]
fn every_table_carries_the_scope() {
    let tables = migrated_tables();
    let without: BTreeSet<_> =
        tables.iter().filter(|table| !table.is_scoped()).map(|table| table.name.as_str()).collect();
    assert_eq!(without, NOT_OF_ONE_SCOPE.iter().map(|(name, _)| *name).collect());
    assert!(tables.len() > without.len(), "there are tables that do");
}

#[test]
fn every_unique_key_and_index_begins_with_the_scope() {
    let tables = migrated_tables();
    let scoped = tables.iter().filter(|table| table.is_scoped());
    let keys = scoped.flat_map(|table| &table.keys);
    let others: BTreeSet<_> =
        keys.filter(|(_, columns)| columns[0] != "scope_id").map(|(name, _)| name.as_str()).collect();
    assert_eq!(others, WAYS_IN.iter().map(|(name, _)| *name).collect());
}

#[test]
fn every_foreign_key_between_scoped_tables_carries_the_scope() {
    let tables = migrated_tables();
    let is_scoped = |name: &str| tables.iter().any(|table| table.name == name && table.is_scoped());
    let mut seen = 0;
    for table in tables.iter().filter(|table| table.is_scoped()) {
        for reference in table.references.iter().filter(|reference| is_scoped(&reference[0].target)) {
            let carries = reference.iter().any(|part| {
                part.source_column == "scope_id" && part.target_column.as_deref() == Some("scope_id")
            });
            assert!(carries, "{} refers to {} without the scope", table.name, reference[0].target);
            seen += 1;
        }
    }
    assert!(seen > 0, "there are such foreign keys");
}
