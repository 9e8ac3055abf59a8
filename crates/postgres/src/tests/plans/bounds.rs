//! Tests that every read is bounded: it has a LIMIT, or finds each row by all columns of a unique key. The others are known as long
//! reads, for which their callers take separate permits (`long_reads.rs` of the HTTP side).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::PgConnection;

use super::super::statements::{Prepared, every_read};
use super::super::{database, open, options, superuser};
use super::data;
use super::node::Node;

/// The reads that may read any number of rows, by parts of their labels, and the reasons.
const LONG: [(&str, &str); 6] = [
    ("count_", "it counts"),
    ("filtered ", "it reads what the filter leaves out"),
    ("one project's spaces ", "it reads what the filter leaves out"),
    ("nobody's tasks ", "it reads what the filter leaves out"),
    (" from an offset", "it reads what it skips"),
    ("my_tasks ", "it counts the tasks of each project"),
];

fn is_long(label: &str) -> bool {
    LONG.iter().any(|(part, _)| label.contains(part))
}

/// Records with their relations. If few rows match a part of a key, the planner may search by that part; `growth.rs` counts the rows that
/// these reads touch.
const COUNTED: [&str; 4] = ["open_with_key, and", "space", "project", "task"];

/// The tables of the whole instance: with one row, and with one for each migration.
const SMALL: [&str; 2] = ["instance", "_sqlx_migrations"];

/// For each index, the unique keys of its table. A partial unique index is a key for the reads that go by it.
type UniqueKeys = BTreeMap<String, Vec<Vec<String>>>;

async fn unique_keys(outsider: &mut PgConnection) -> UniqueKeys {
    let columns: Vec<(String, Vec<String>)> = sqlx::query_as(
        "SELECT i.indexrelid::regclass::text, array_agg(a.attname::text) FROM pg_index i
             JOIN pg_index key ON key.indrelid = i.indrelid AND key.indisunique
                 AND (key.indpred IS NULL OR key.indexrelid = i.indexrelid)
             JOIN pg_attribute a ON a.attrelid = key.indrelid AND a.attnum = ANY (key.indkey)
         WHERE i.indrelid::regclass::text NOT LIKE 'pg_%' GROUP BY i.indexrelid, key.indexrelid",
    )
    .fetch_all(outsider)
    .await
    .expect("the unique keys");
    let mut keys = UniqueKeys::new();
    for (index, key) in columns {
        keys.entry(index).or_default().push(key);
    }
    keys
}

/// Returns why the read is not bounded, or `None` if it is.
fn problem(sql: &str, plan: &Node, keys: &UniqueKeys) -> Option<String> {
    if sql.contains(" LIMIT ") {
        return None;
    }
    plan.all().into_iter().find_map(|node| {
        if node.kind == "Seq Scan" && !SMALL.contains(&node.relation.as_str()) {
            return Some(format!("{} is read from end to end", node.relation));
        }
        let is_small = node.index.is_empty() || SMALL.iter().any(|table| node.index.starts_with(table));
        let compares = |column: &String| node.condition.contains(&format!("({column} = "));
        let by_key =
            keys.get(&node.index).is_some_and(|keys| keys.iter().any(|key| key.iter().all(compares)));
        (!is_small && !by_key).then(|| format!("{} {} is no unique key", node.index, node.condition))
    })
}

#[tokio::test]
async fn every_read_has_a_limit_or_uses_a_unique_key_or_is_listed_as_long() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    data::fill(&mut outsider).await;
    let keys = unique_keys(&mut outsider).await;
    let store = open(&options(&database)).await;
    let question = data::question();
    let mut found = String::new();
    let (mut long, mut bounded) = (0, 0);
    for Prepared { label, sql, plan } in every_read(&store, &question, async |_, _| ()).await {
        let plan = Node::read(&plan);
        if plan.reads_the_catalogue() {
            assert_eq!(label, "check_ready", "the first session is opened, and its role checked");
        } else if is_long(&label) {
            long += 1;
        } else if COUNTED.iter().any(|part| label.starts_with(part)) {
            bounded += 1;
        } else if let Some(problem) = problem(&sql, &plan, &keys) {
            writeln!(found, "{label}: {problem}\n{sql}\n{plan}").expect("text");
        } else {
            bounded += 1;
        }
    }
    assert!(found.is_empty(), "{found}");
    assert!(long > 20 && bounded > 40, "{long} and {bounded}");
    // The lists of own records as they were before they were paginated are reported.
    for (sql, why) in [
        ("SELECT id FROM api_keys WHERE user_id = $1 ORDER BY created_at, id", "api_keys_by_user"),
        ("SELECT role FROM members WHERE user_id = $1 AND active", "members"),
        ("SELECT count(*) FROM organizations", "organizations is read"),
    ] {
        let explain = format!("EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}");
        let Ok(row) = sqlx::raw_sql(sqlx::AssertSqlSafe(explain)).fetch_one(&mut outsider).await else {
            // Only Postgres 16 and later explain a statement without its values.
            continue;
        };
        let plan = Node::read(&super::plan_of(&row));
        let problem = problem(sql, &plan, &keys);
        assert!(problem.as_ref().is_some_and(|problem| problem.contains(why)), "{sql}: {problem:?}");
    }
}
