//! The tables and columns that `loggia export`, `loggia import` and `loggia copy` move, compared with the schema: a migration that adds a
//! column fails here until the test lists the column as moved or not moved.

use std::collections::BTreeSet;

use loggia_sql::moving::{Kind, Source, TABLES, TOTALS, Table as Moved};

use super::catalogue::Table;
use super::{MIGRATIONS, both};

/// Tables that are not moved row by row, each with the reason.
const NOT_ROW_BY_ROW: &[(&str, &str)] = &[
    (MIGRATIONS, "each store applies its own migrations"),
    ("instance", "its one row is read and written as a whole"),
];

/// Columns that are not moved, each with the reason.
const NOT_MOVED: &[(&str, &str)] = &[
    ("events.position", "each store numbers the events in the order in which they are written"),
    ("events.transaction", "the same, for writers side by side"),
    ("list_totals.part", "each store splits its totals itself; their sums are compared"),
];

/// The columns of `instance` that a copy writes, and those that belong to the store.
const OF_THE_INSTANCE: &[&str] = &["secret", "has_organizations", "folding"];
const OF_THE_STORE: &[&str] = &["id", "transaction_offset", "system_identifier"];

fn moved(name: &str) -> Option<&'static Moved> {
    TABLES.into_iter().chain([&TOTALS]).find(|table| table.name == name)
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Bytes | Kind::Outline => "bytes",
        Kind::Integer | Kind::Time | Kind::Flag => "integer",
        Kind::Text | Kind::Changes => "text",
    }
}

/// Returns the differences between a table of the schema and the one that is moved.
fn differences(table: &Table) -> Vec<String> {
    let Some(moved) = moved(&table.name) else { return vec![format!("{} is not moved", table.name)] };
    let is_left_out =
        |column: &str| NOT_MOVED.iter().any(|(name, _)| *name == format!("{}.{column}", table.name));
    let stored = table.columns.iter().filter(|(name, _)| !is_left_out(name));
    let stored: BTreeSet<_> =
        stored.map(|(name, column)| (name.as_str(), column.class, column.nullable)).collect();
    let known: BTreeSet<_> =
        moved.columns.iter().map(|column| (column.name, class(column.kind), column.is_nullable)).collect();
    let mut found: Vec<_> =
        stored.symmetric_difference(&known).map(|it| format!("{}: {it:?}", table.name)).collect();
    let keys = table.keys.iter().filter(|key| key.is_unique && key.predicate.is_none());
    let key: Vec<String> = moved.key.iter().map(|column| (*column).to_owned()).collect();
    // The parts of a total are added up.
    let is_key =
        |columns: &[String]| columns == key || (moved.source == Source::Totals && columns.starts_with(&key));
    if !keys.map(|key| key.columns.as_slice()).any(is_key) {
        found.push(format!("{} has no unique key {key:?}", table.name));
    }
    found
}

#[test]
fn every_column_of_every_table_is_moved_or_stays_for_a_reason() {
    for (engine, tables) in both() {
        let mut seen = 0;
        for table in tables.iter().filter(|table| NOT_ROW_BY_ROW.iter().all(|(name, _)| table.name != *name))
        {
            assert_eq!(differences(table), Vec::<String>::new(), "{engine}");
            seen += 1;
        }
        assert_eq!(seen, TABLES.len() + 1, "{engine}: every table that is moved exists");
        let instance = tables.iter().find(|table| table.name == "instance").unwrap();
        let known = |name: &&String| OF_THE_INSTANCE.iter().chain(OF_THE_STORE).any(|it| it == name);
        let unknown: Vec<_> = instance.columns.keys().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "{engine}: {unknown:?} is neither moved nor listed as not moved");
        assert!(OF_THE_INSTANCE.iter().all(|name| instance.columns.contains_key(*name)));
    }
}

#[test]
fn a_column_that_is_not_known_is_noticed() {
    for (_, tables) in both() {
        let tasks = tables.iter().find(|table| table.name == "tasks").unwrap();
        let column = tasks.columns.get("revision").unwrap();
        let column = super::catalogue::Column {
            declared: column.declared.clone(),
            class: column.class,
            nullable: column.nullable,
            default: None,
        };
        let mut columns: std::collections::BTreeMap<String, _> = std::collections::BTreeMap::new();
        columns.insert("estimate".to_owned(), column);
        let other = Table {
            name: tasks.name.clone(),
            strict: true,
            columns,
            keys: Vec::new(),
            references: Vec::new(),
            checks: BTreeSet::new(),
        };
        let found = differences(&other);
        assert!(found.iter().any(|it| it.contains("estimate")), "{found:?}");
        assert!(found.iter().any(|it| it.contains("no unique key")), "{found:?}");
    }
}

#[test]
fn every_table_follows_those_that_it_refers_to() {
    for (engine, tables) in both() {
        for (index, table) in TABLES.iter().enumerate() {
            let described = tables.iter().find(|it| it.name == table.name).unwrap();
            for reference in &described.references {
                let target = TABLES.iter().position(|it| it.name == reference.target).unwrap();
                // API keys refer to each other, and are linked afterwards.
                let is_itself = target == index && table.name == "api_keys";
                assert!(target < index || is_itself, "{engine}: {} before {}", table.name, reference.target);
            }
        }
    }
}
