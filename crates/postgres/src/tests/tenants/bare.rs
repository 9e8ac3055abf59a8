//! Statements without their scope predicates, and the rows that they return then.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sqlx::{AssertSqlSafe, PgConnection};

use super::super::TABLES;

/// The replacements that remove the predicates of a statement, in this order: pattern and replacement.
const CUTS: [(&str, &str); 27] = [
    (r"\s+", " "),
    // The viewer's membership in the scope of a row.
    (r" AND \(SELECT me\.active AND me\.readmissions <= \$\d+ FROM members me WHERE [^()]*\)", ""),
    (r" AND \(SELECT me\.role FROM members me WHERE [^()]*\) (IS NOT NULL|= 'admin'|<> 'admin')", ""),
    // Counts in parts: replaced by the counted rows.
    (r"^SELECT coalesce\(\(SELECT (CASE .*|\(SELECT .*)\), 0\)$", r"SELECT \1"),
    (
        r"\(SELECT coalesce\(sum\(t\.total\), 0\)::bigint FROM list_totals t ",
        "ARRAY(SELECT t::text FROM list_totals t ",
    ),
    (r"\(SELECT count\(\*\) FROM projects p ", "ARRAY(SELECT p::text FROM projects p "),
    (r"\) \+ ARRAY\(", ") || ARRAY("),
    // All columns, so that the ids of every row show whose it is.
    (r"^SELECT (?!EXISTS|CASE|ARRAY).*? FROM ", "SELECT * FROM "),
    (r"SELECT 1 FROM api_keys ", "SELECT * FROM api_keys "),
    (r"EXISTS \(SELECT 1 FROM (tasks|members) ", r"ARRAY(SELECT \1::text FROM \1 "),
    (r" RETURNING .*$", ""),
    // Assigned values: each column keeps its value.
    (r"(\w+) = (\w+ [+-] )?\$\d+(?=.* WHERE )", r"\1 = \1"),
    // Comparisons with a parameter.
    (r"\(\$\d+::uuid IS NULL OR [\w.]+ = \$\d+\)", "TRUE"),
    (r"[\w.]+ = \(SELECT home.scope_id FROM projects home WHERE home.id = \$\d+\)", "TRUE"),
    (r"\([\w., ]+\) [<>] \([$\d, ]+\)", "TRUE"),
    (r"strpos\([\w.]+, \$\d+\) > 0", "TRUE"),
    (r"[\w.]+ (=|<>) ANY ?\(\$\d+\)", "TRUE"),
    (r"[\w.]+ (=|<>|<=|<|>) \$\d+", "TRUE"),
    (r"\(\w+ IS NULL OR \w+ < \$\d+\)", "TRUE"),
    // Comparisons with the scope of another row.
    (r"[\w.]+ = (\w+\.)?scope_id", "TRUE"),
    (r"\m(\w+\.)?scope_id = [\w.]+", "TRUE"),
    // Locks of the rows that are written, which the statement around them also locks.
    (r" FOR UPDATE SKIP LOCKED", ""),
    (r"(AND|WHERE) (me\.)?active", r"\1 TRUE"),
    (r" (LIMIT|OFFSET) \$\d+", ""),
    // Orders, without which many statements become equal.
    (r" ORDER BY [\w., ]+?(?= FOR |\)|$)", ""),
    (r" FROM (instance i|instance)$", " FROM instance"),
    (r"\s+$", ""),
];

/// Parts of the migrator's statements, which the service never runs.
const OF_THE_MIGRATOR: [&str; 2] =
    ["ORDER BY m.scope_id, m.user_id LIMIT", "SET name_key = $3, search_key = $4"];

/// Removes from a statement the scope predicates, the viewer's membership, and every other condition with a parameter; the joins that
/// hold its rows together are left. Returns `None` for statements that read no tenant's rows, that insert, or that set a tenant context.
pub(super) async fn strip(outsider: &mut PgConnection, statement: &str) -> Option<String> {
    let words: BTreeSet<&str> =
        statement.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let touches = TABLES.iter().any(|table| words.contains(table));
    if !touches
        || words.contains("loggia_enter")
        || words.contains("set_config")
        || words.contains("INSERT")
        || words.contains("pg_class")
    {
        return None;
    }
    if OF_THE_MIGRATOR.iter().any(|part| statement.contains(part)) {
        return None;
    }
    let mut sql = statement.to_owned();
    for (pattern, instead) in CUTS {
        // Only in an UPDATE do assignments precede WHERE.
        if instead == r"\1 = \1" && !sql.starts_with("UPDATE") {
            continue;
        }
        sql = sqlx::query_scalar("SELECT regexp_replace($1, $2, $3, 'g')")
            .bind(&sql)
            .bind(pattern)
            .bind(instead)
            .fetch_one(&mut *outsider)
            .await
            .expect("a replacement");
    }
    let names_scope = [" scope_id =", ".scope_id ="].iter().any(|named| sql.contains(named));
    assert!(!sql.contains('$') && !names_scope, "all is taken out of:\n{statement}\n{sql}");
    Some(sql)
}

/// Returns the fixed statements of the source, from sqlx's descriptions.
pub(super) fn fixed_statements() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = fs::read_dir(folder).expect("the descriptions").map(|entry| entry.expect("a file").path());
    let statements: BTreeSet<String> = files
        .map(|file| {
            let text = fs::read_to_string(file).expect("a text");
            let description: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            description["query"].as_str().expect("a statement").to_owned()
        })
        .collect();
    assert!(statements.len() > 50, "they are there");
    statements
}

/// The kind of rows that a statement returns.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    NothingForeign,
    Foreign,
}

impl Shown {
    /// Runs the statement and searches all that it returns or writes for foreign ids.
    pub(super) async fn by(session: &mut PgConnection, sql: &str, foreign: &str) -> Self {
        let sql = if sql.starts_with("SELECT") || sql.starts_with("WITH") {
            format!("SELECT EXISTS (SELECT FROM ({sql}) AS given WHERE given::text ~ '{foreign}')")
        } else {
            // A space that refers to a project keeps it from being deleted.
            super::run(session, "UPDATE spaces SET project_id = NULL").await;
            format!(
                "WITH given AS ({sql} RETURNING *) SELECT EXISTS (SELECT FROM given WHERE given::text ~ '{foreign}')"
            )
        };
        let found = sqlx::query_scalar(AssertSqlSafe(sql.clone())).persistent(false).fetch_one(session).await;
        if found.expect(&sql) { Self::Foreign } else { Self::NothingForeign }
    }
}
