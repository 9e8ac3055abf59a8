//! The rules of every table on both engines, checked in the catalogue of a database that the binary itself has migrated.
//!
//! The rules make it possible to move one organization, or to distribute the data over many machines by the scope's id.

mod catalogue;
mod moving;
mod parity;
mod postgres;
mod sqlite;
mod walls;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use self::catalogue::Table;
use crate::harness::block_on;

/// Tables without `scope_id`, each with the reason.
const NOT_OF_ONE_SCOPE: &[(&str, &str)] = &[
    (MIGRATIONS, "the migrator's own book"),
    ("instance", "belongs to the whole instance"),
    ("scopes", "is the scope: its id is the scope's id"),
    ("organizations", "is one half of the scope: its id is the scope's id"),
    ("users", "a person is the same in every scope; the data of one scope is in members"),
    ("api_keys", "a key belongs to its user, and opens scopes"),
    (
        "stored_responses",
        "a response belongs to the user who got it; the scope of the write, if any, is a part of the stored response",
    ),
];

/// Unique keys and indexes of scoped tables that do not begin with `scope_id`, for lookups before the scope is known.
const LOOKUPS_ACROSS_SCOPES: &[(&str, &str)] = &[
    ("members_by_user", "the scopes that a user is a member of"),
    ("projects_by_id", "a path names a project by its id alone"),
    ("spaces_by_id", "a path names a space by its id alone"),
    ("tasks_by_id", "a path names a task by its id alone"),
    ("invitations.token_hash", "an acceptance names its invitation by the token alone"),
    ("events.position", "the one writer's order of commits, in which each scope's order lies"),
];

/// The one table that belongs to the migrator.
const MIGRATIONS: &str = "_sqlx_migrations";

static SQLITE: LazyLock<Vec<Table>> = LazyLock::new(sqlite::tables);
static POSTGRES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let migrated = postgres::Migrated::new();
    block_on(async { postgres::tables(&mut migrated.session().await).await })
});

/// Returns the tables of each engine.
fn both() -> [(&'static str, &'static [Table]); 2] {
    [("SQLite", &SQLITE), ("Postgres", &POSTGRES)]
}

#[test]
fn every_table_is_strict() {
    for table in SQLITE.iter() {
        assert!(table.strict || table.name == MIGRATIONS, "{} is not STRICT", table.name);
    }
}

#[test]
fn every_table_carries_the_scope() {
    for (engine, tables) in both() {
        let without: BTreeSet<_> =
            tables.iter().filter(|table| !table.is_scoped()).map(|table| table.name.as_str()).collect();
        assert_eq!(without, NOT_OF_ONE_SCOPE.iter().map(|(name, _)| *name).collect(), "{engine}");
        assert!(tables.len() > without.len(), "there are tables that do on {engine}");
    }
}

#[test]
fn every_unique_key_and_index_begins_with_the_scope() {
    for (engine, tables) in both() {
        let scoped = tables.iter().filter(|table| table.is_scoped());
        let keys = scoped.flat_map(|table| table.keys.iter().map(move |key| (key.label(table), key)));
        let others: BTreeSet<_> =
            keys.filter(|(_, key)| key.columns[0] != "scope_id").map(|(label, _)| label).collect();
        assert_eq!(
            others,
            LOOKUPS_ACROSS_SCOPES.iter().map(|(name, _)| (*name).to_owned()).collect(),
            "{engine}"
        );
    }
}

#[test]
fn every_foreign_key_between_scoped_tables_carries_the_scope() {
    for (engine, tables) in both() {
        let is_scoped = |name: &str| tables.iter().any(|table| table.name == name && table.is_scoped());
        let mut seen = 0;
        for table in tables.iter().filter(|table| table.is_scoped()) {
            for reference in table.references.iter().filter(|reference| is_scoped(&reference.target)) {
                let mut pairs = reference.columns.iter().zip(&reference.target_columns);
                let carries = pairs.any(|(source, target)| source == "scope_id" && target == "scope_id");
                assert!(carries, "{engine}: {} refers to {} without the scope", table.name, reference.target);
                seen += 1;
            }
        }
        assert!(seen > 0, "there are such foreign keys on {engine}");
    }
}
