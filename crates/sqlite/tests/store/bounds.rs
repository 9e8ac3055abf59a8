//! Checks the bounds of all statements that run in place: each statement that the store contract's tests run is explained by SQLite, and
//! a test fails if the plan does not bear out the bound.
//!
//! A plan does not show everything. Whether a further condition skips rows between those of a page is tested by the cost of pages, in the
//! store's own `tests/cost.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, PoisonError};

use rusqlite::Connection;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// Checks every statement that this program runs from now on, each text once.
pub(crate) fn watch() {
    static WATCHING: LazyLock<()> = LazyLock::new(|| {
        let subscriber = Registry::default().with(Judge);
        tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    });
    LazyLock::force(&WATCHING);
}

/// The statements that were checked so far, and the schema on which they are explained.
static BOOK: LazyLock<Mutex<Book>> = LazyLock::new(|| Mutex::new(Book::new()));

struct Judge;

#[derive(Default)]
struct EventFields(BTreeMap<&'static str, String>);

impl Visit for EventFields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Judge {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut fields = EventFields::default();
        event.record(&mut fields);
        // sqlx, which migrates, logs no bound.
        let (Some(text), Some(bound)) = (fields.0.get("db.statement"), fields.0.get("bound")) else { return };
        let problem = {
            let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
            if !book.seen.insert((bound.clone(), text.clone())) {
                return;
            }
            book.problem(bound, text)
        };
        if let Some(problem) = problem {
            panic!("a statement that claims to be bounded by {bound} is not: {problem}\n{text}");
        }
    }
}

struct Book {
    connection: Connection,
    seen: BTreeSet<(String, String)>,
}

impl Book {
    fn new() -> Self {
        let connection = Connection::open_in_memory().expect("a database");
        for migration in loggia_migrations::SQLITE.iter() {
            connection.execute_batch(migration.sql.as_str()).expect("the schema");
        }
        let book = "CREATE TABLE _sqlx_migrations (version INTEGER PRIMARY KEY, success INTEGER NOT NULL)";
        connection.execute_batch(book).expect("the book of migrations");
        Self { connection, seen: BTreeSet::new() }
    }

    /// Returns why the statement is not bounded as it claims to be, or `None` if it is.
    fn problem(&self, bound: &str, text: &str) -> Option<String> {
        if bound == "None" || is_transaction_control(text) {
            return None;
        }
        let steps = self.plan(text);
        let is_schema = |table: &str| ["sqlite_schema", "_sqlx_migrations"].contains(&table);
        // `json_each` returns the ids of a batch, and a subquery that is scanned again has the rows of a page.
        let is_small = |table: &str| {
            ["CONSTANT", "json_each", "page"].contains(&table) || table.starts_with("(subquery")
        };
        // SQLite looks for rows that refer to a new row only while a violation is counted, and the store never commits one.
        let is_insert = text.starts_with("INSERT INTO") && !text.contains("SELECT");
        let mut ranges = Vec::new();
        for step in &steps {
            let mut words = step.split(' ');
            let (verb, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            match verb {
                "SCAN" if is_small(table) || (bound == "Schema" && is_schema(table)) => {}
                "SCAN" => return Some(format!("{step}: it reads a table from end to end")),
                "SEARCH" if bound == "Schema" && is_schema(table) => {}
                "SEARCH" if !is_insert && !self.is_by_key(text, step) => ranges.push(step),
                _ => {}
            }
        }
        let has_cascade =
            self.cascades().iter().any(|table| text.starts_with(&format!("DELETE FROM {table} ")));
        if has_cascade {
            return Some("it deletes what refers to the row as well".to_owned());
        }
        match bound {
            "Key" | "Schema" => {
                ranges.first().map(|step| format!("{step}: that is no unique key\n{steps:#?}"))
            }
            "Limit" => {
                let sorts = steps.iter().find(|step| step.contains("TEMP B-TREE"));
                if !text.contains("LIMIT ?") {
                    Some("it has no LIMIT".to_owned())
                } else if let Some(step) = sorts {
                    Some(format!("{step}: what is sorted is read first"))
                } else if ranges.len() > 1 {
                    Some(format!("it multiplies ranges of rows: {ranges:#?}"))
                } else {
                    None
                }
            }
            "Counted" => (!text.contains("LIMIT ?") || !text.contains("list_totals"))
                .then(|| "it counts nothing".to_owned()),
            other => Some(format!("there is no bound {other}")),
        }
    }

    fn plan(&self, text: &str) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {text}");
        let mut explain = self.connection.prepare(&explain).unwrap_or_else(|error| panic!("{error}: {text}"));
        let mut rows = explain.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().expect("a plan") {
            steps.push(row.get("detail").expect("a step"));
        }
        steps
    }

    /// Returns `true` if a step such as `SEARCH m USING INDEX name (a=? AND b=?)` compares all columns of a unique key.
    fn is_by_key(&self, text: &str, step: &str) -> bool {
        if step.contains("USING INTEGER PRIMARY KEY (rowid=?)") {
            return true;
        }
        let alias = step.split(' ').nth(1).unwrap_or_default();
        let table = self.table_of(text, alias);
        let Some((_, columns)) = step.split_once('(') else { return false };
        let columns = columns.split_once(')').map_or(columns, |(columns, _)| columns);
        let equal: BTreeSet<&str> =
            columns.split(" AND ").filter_map(|column| column.strip_suffix("=?")).collect();
        // A total has at most sixteen parts.
        let total = ["scope_id", "list", "owner_id"];
        if table == "list_totals" && total.iter().all(|column| equal.contains(column)) {
            return true;
        }
        // An invitation has at most a hundred projects.
        let invitation = ["scope_id", "invitation_id"];
        if table == "invitation_projects" && invitation.iter().all(|column| equal.contains(column)) {
            return true;
        }
        let index =
            step.split_once("INDEX ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
        self.unique_keys(&table, index)
            .iter()
            .any(|key| key.iter().all(|column| equal.contains(column.as_str())))
    }

    /// Returns the table that has this alias in the statement, or the alias itself if it is no alias.
    fn table_of(&self, text: &str, alias: &str) -> String {
        let words: Vec<&str> =
            text.split([' ', '\n', ',', '(', ')']).filter(|word| !word.is_empty()).collect();
        let is_table = |word: &str| !self.unique_keys(word, "").is_empty();
        let named = words.windows(2).find(|pair| pair[1] == alias && is_table(pair[0]));
        named.map_or(alias, |pair| pair[0]).to_owned()
    }

    /// Returns the unique keys of a table. A partial unique index is a key for the reads that go by it.
    fn unique_keys(&self, table: &str, index: &str) -> Vec<Vec<String>> {
        let keys = "SELECT il.seq, ii.name FROM pragma_index_list(?1) il, pragma_index_info(il.name) ii
                    WHERE il.\"unique\" AND (NOT il.partial OR il.name = ?2) ORDER BY il.seq, ii.seqno";
        let mut statement = self.connection.prepare_cached(keys).expect("a statement");
        let rows =
            statement.query_map([table, index], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
        let mut keys: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in rows.expect("the indexes") {
            let (key, column) = row.expect("a column");
            keys.entry(key).or_default().push(column);
        }
        keys.into_values().collect()
    }

    /// Returns the tables whose deleted rows cascade to other tables.
    fn cascades(&self) -> Vec<String> {
        let cascades = "SELECT DISTINCT fk.\"table\" FROM sqlite_schema s, pragma_foreign_key_list(s.name) fk
                        WHERE s.type = 'table' AND fk.on_delete <> 'NO ACTION'";
        let mut statement = self.connection.prepare_cached(cascades).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("the foreign keys");
        rows.map(|row| row.expect("a table")).collect()
    }
}

/// Returns `true` for a statement that begins or ends a transaction or savepoint; it has no plan.
fn is_transaction_control(text: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].iter().any(|word| text.starts_with(word))
}

#[test]
fn a_bound_that_contradicts_the_query_plan_is_detected() {
    let book = Book::new();
    for (bound, text) in [
        ("Key", "SELECT name FROM organizations WHERE id = ?1"),
        (
            "Key",
            "SELECT role FROM members WHERE scope_id = ?1 AND user_id IN (SELECT unhex(value) FROM json_each(?2))",
        ),
        ("Limit", "SELECT k.id FROM api_keys k WHERE k.user_id = ?1 ORDER BY k.created_at, k.id LIMIT ?2"),
        ("None", "SELECT count(*) FROM members"),
        ("Schema", "SELECT max(version) FROM _sqlx_migrations WHERE success"),
        ("Key", "DELETE FROM tasks WHERE scope_id = ?1 AND id = ?2"),
        ("Key", "SELECT role FROM invitation_projects WHERE scope_id = ?1 AND invitation_id = ?2"),
        ("Key", "BEGIN IMMEDIATE"),
    ] {
        assert_eq!(book.problem(bound, text), None, "{bound}: {text}");
    }
    for (bound, text, why) in [
        // The lists as they were before they were paginated.
        (
            "Key",
            "SELECT k.id FROM api_keys k WHERE k.user_id = ?1 ORDER BY k.created_at, k.id",
            "no unique key",
        ),
        (
            "Limit",
            "SELECT k.id FROM api_keys k WHERE k.user_id = ?1 ORDER BY k.created_at, k.id",
            "has no LIMIT",
        ),
        (
            "Limit",
            "SELECT o.id FROM members me JOIN organizations o ON o.id = me.scope_id
             WHERE me.user_id = ?1 AND me.active = 1 ORDER BY o.name_key, o.id LIMIT ?2",
            "TEMP B-TREE",
        ),
        ("Limit", "SELECT id FROM organizations ORDER BY name LIMIT ?1", "from end to end"),
        (
            "Limit",
            "SELECT s.id FROM members m JOIN spaces s ON s.scope_id = m.scope_id WHERE m.scope_id = ?1 LIMIT ?2",
            "multiplies",
        ),
        ("Key", "SELECT count(*) FROM members WHERE scope_id = ?1", "no unique key"),
        ("Key", "UPDATE instance SET has_organizations = 1", "from end to end"),
        ("Schema", "SELECT count(*) FROM members", "from end to end"),
        ("Key", "DELETE FROM projects WHERE scope_id = ?1 AND id = ?2", "as well"),
        (
            "Key",
            "SELECT role FROM invitation_projects WHERE scope_id = ?1 AND project_id = ?2",
            "no unique key",
        ),
        ("Key", "DELETE FROM project_members WHERE scope_id = ?1 AND user_id = ?2", "no unique key"),
    ] {
        let problem = book.problem(bound, text);
        assert!(
            problem.as_ref().is_some_and(|problem| problem.contains(why)),
            "{bound}: {text}: {problem:?}"
        );
    }
}
