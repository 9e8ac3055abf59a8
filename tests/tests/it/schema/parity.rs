//! The two schemas compared: the same tables, columns, keys and rules, except for those that are listed here.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{Postgres, QueryBuilder};

use super::catalogue::Table;
use super::{MIGRATIONS, POSTGRES, SQLITE, postgres};
use crate::harness::{block_on, root};

/// Facts about SQLite's schema only.
const ONLY_SQLITE: &[(&str, &str)] = &[
    ("events: unique key (scope_id, position)", "its one writer takes positions in the order of commits"),
    (
        "members: index members_by_user (user_id, active, scope_id)",
        "the memberships of a user who is deleted are sought by it",
    ),
];

/// Facts about Postgres' schema only.
const ONLY_POSTGRES: &[(&str, &str)] = &[
    (
        "events: column transaction: integer, never null",
        "orders the events of writers that work side by side",
    ),
    ("events: unique key (scope_id, transaction, position)", "the order that follows from it"),
    (
        "instance: column transaction_offset: integer, never null, else 0",
        "lets the order go on when a dump is restored on a server that counts from elsewhere",
    ),
    ("instance: CHECK ((transaction_offset >= 0))", "of the same column"),
    (
        "instance: column system_identifier: integer, never null",
        "distinguishes that server from the previous one",
    ),
    (
        "members: index members_by_user (user_id, scope_id) where active",
        "Postgres 15 would take a full index for the policy of users",
    ),
];

/// Constraints that Postgres' types imply, and that SQLite, which has no such types, needs a CHECK for; `{}` is the column.
const SAID_BY_THE_TYPE: &[(&str, &str)] =
    &[("uuid", "length({}) = 16"), ("boolean", "{} IN (0, 1)"), ("jsonb", "json_valid({})")];

/// Expressions in SQLite's CHECKs that Postgres does not know, and their equivalents.
const IN_OTHER_WORDS: &[(&str, &str)] =
    &[("lower(hex(id))", "replace(id::text, '-', '')"), ("ELSE 0", "ELSE false")];

#[test]
fn the_two_schemas_differ_in_nothing_but_this() {
    let migrated = postgres::Migrated::new();
    // Read in advance, since that takes a runtime of its own.
    let (of_sqlite, of_postgres): (&[Table], &[Table]) = (&SQLITE, &POSTGRES);
    let (sqlite, postgres) = block_on(async {
        let mut session = migrated.session().await;
        let mut sqlite = facts(of_sqlite);
        for table in ours(of_sqlite) {
            sqlite.extend(checks_as_postgres_reads_them(&mut session, table).await);
        }
        let mut postgres = facts(of_postgres);
        for table in ours(of_postgres) {
            postgres.extend(table.checks.iter().map(|check| format!("{}: {check}", table.name)));
        }
        (sqlite, postgres)
    });
    assert!(sqlite.len() > 150, "only {} facts are known", sqlite.len());
    let listed =
        |list: &'static [(&str, &str)]| -> BTreeSet<&str> { list.iter().map(|(fact, _)| *fact).collect() };
    let beyond = |one: &'static [(&str, &str)], found: BTreeSet<&str>| assert_eq!(found, listed(one));
    beyond(ONLY_SQLITE, sqlite.difference(&postgres).map(String::as_str).collect());
    beyond(ONLY_POSTGRES, postgres.difference(&sqlite).map(String::as_str).collect());
}

fn ours(tables: &[Table]) -> impl Iterator<Item = &Table> {
    tables.iter().filter(|table| table.name != MIGRATIONS)
}

fn facts(tables: &[Table]) -> BTreeSet<String> {
    let names = ours(tables).map(|table| format!("{}: table", table.name));
    names.chain(ours(tables).flat_map(Table::facts)).collect()
}

/// Puts SQLite's CHECKs on an empty copy of Postgres' table, so that Postgres shows both in the same form.
async fn checks_as_postgres_reads_them(session: &mut PgConnection, table: &Table) -> Vec<String> {
    let copied = POSTGRES.iter().find(|copied| copied.name == table.name).unwrap();
    let copy = format!("{}_of_sqlite", table.name);
    execute(session, format!("CREATE TABLE {copy} (LIKE {})", table.name)).await;
    for check in table.checks.iter().filter(|check| !is_said_by_the_type(copied, check)) {
        let translated = |check: String, (word, other): &(&str, &str)| check.replace(word, other);
        let check = IN_OTHER_WORDS.iter().fold(check.clone(), translated);
        execute(session, format!("ALTER TABLE {copy} ADD CHECK ({check})")).await;
    }
    let checks = postgres::checks(session, &copy).await;
    checks.into_iter().map(|check| format!("{}: {check}", table.name)).collect()
}

async fn execute(session: &mut PgConnection, sql: String) {
    let done = QueryBuilder::<Postgres>::new(&sql).build().execute(session).await;
    done.unwrap_or_else(|error| panic!("{error}: {sql}"));
}

fn is_said_by_the_type(table: &Table, check: &str) -> bool {
    table.columns.iter().any(|(name, column)| {
        let says = |(declared, form): &(&str, &str)| {
            column.declared == *declared && check == form.replace("{}", name)
        };
        SAID_BY_THE_TYPE.iter().any(says)
    })
}

/// A flag or a document needs such a CHECK; an id may have a reference to another row instead.
#[test]
fn sqlite_checks_enforce_the_types_of_postgres() {
    let mut seen = BTreeMap::new();
    for table in ours(&POSTGRES) {
        let beside = SQLITE.iter().find(|beside| beside.name == table.name).unwrap();
        for (name, column) in &table.columns {
            let Some((declared, form)) =
                SAID_BY_THE_TYPE.iter().find(|(declared, _)| *declared == column.declared)
            else {
                continue;
            };
            // A column of Postgres alone, which the comparison above reports.
            if !beside.columns.contains_key(name) {
                continue;
            }
            let is_checked = beside.checks.contains(&form.replace("{}", name));
            let refers = beside.references.iter().any(|reference| reference.columns.contains(name));
            assert!(is_checked || (*declared == "uuid" && refers), "{}.{name} is not checked", table.name);
            *seen.entry(*declared).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), SAID_BY_THE_TYPE.len(), "there are such columns: {seen:?}");
}

#[test]
fn migrations_have_the_same_numbers_and_names() {
    let names = |engine: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(root().join("migrations").join(engine)).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}
