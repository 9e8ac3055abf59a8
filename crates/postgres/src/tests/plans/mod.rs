//! Tests of Postgres's plan for every read on a large instance: it uses an index that begins with the scope or is in [`LOOKUP_INDEXES`],
//! and neither scans a table nor sorts one.

mod bounds;
mod data;
mod demo;
mod growth;
mod node;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use loggia_domain::page::{
    AssigneeFilter, Direction, ProjectOrder, ProjectQuery, SortValue, SpaceOrder, SpaceQuery, TaskQuery,
};
use loggia_domain::port::OwnTasksQuery;
use loggia_domain::task::TaskStatus;
use loggia_domain::text::SearchText;
use loggia_testkit::builders::at_most;
use sqlx::{AssertSqlSafe, Execute, PgConnection, Postgres, QueryBuilder};

use super::statements::{
    ALL, Question, every_read, plan_of, project_value, space_filters, space_value, task_value, windows,
};
use super::{database, open, options, superuser};
use crate::read::{
    invitations_query, my_tasks_query, projects_query, roster_query, spaces_query, tasks_query,
};
use crate::tenancy::context::TenantContext;
use node::Node;

/// The indexes that do not begin with the scope, because it is not known yet: by an id in a path, by a user, an address or a key.
const LOOKUP_INDEXES: [&str; 10] = [
    "projects_by_id",
    "spaces_by_id",
    "tasks_by_id",
    "members_by_user",
    "users_pkey",
    "accounts_by_address",
    "api_keys_pkey",
    "api_keys_hash_key",
    "api_keys_by_user",
    "stored_responses_pkey",
];

/// The reads of projects. They sort, although they use the index of the list's order.
const LISTS_PROJECTS: &str = "projects by";

/// The reads that may sort, and what they sort.
const SORTS: [(&str, &str); 5] = [
    (LISTS_PROJECTS, "the viewer's own private projects, each found by its id"),
    (
        "organizations from",
        "the viewer's own organizations, where they are few; `growth` counts what is read of many",
    ),
    ("my_tasks", "the viewer's own tasks, grouped by project, and those of one page"),
    ("one project's spaces", "the spaces that point at one project"),
    ("standing", "one project, found by its id"),
];

/// Returns the first column of each index.
async fn first_columns(outsider: &mut PgConnection) -> BTreeMap<String, String> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT i.indexrelid::regclass::text, a.attname::text FROM pg_index i
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid::regclass::text NOT LIKE 'pg_%'",
    )
    .fetch_all(outsider)
    .await
    .expect("the indexes");
    columns.into_iter().collect()
}

/// The amounts that are too small to matter.
#[derive(Clone, Copy, Default)]
struct Little<'a> {
    /// These tables may be scanned.
    tables: &'a [&'a str],
    /// Any read may sort up to this number of rows.
    sorted: u64,
}

/// Returns the problems of a plan.
fn problems(
    label: &str,
    plan: &Node,
    first_columns: &BTreeMap<String, String>,
    little: Little<'_>,
) -> Vec<String> {
    // The index must find the first row of a page, unless a small table is scanned.
    let reads_all = |node: &Node| node.kind == "Seq Scan" && little.tables.contains(&node.relation.as_str());
    let seeks = label.contains("a position") && !plan.all().into_iter().any(reads_all);
    let may_sort = SORTS.iter().any(|(read, _)| label.contains(read));
    let mut problems = Vec::new();
    if seeks
        && (!may_sort || label.contains(LISTS_PROJECTS))
        && !plan.all().iter().any(|node| node.condition.contains(['<', '>']))
    {
        problems.push("the position is not sought".to_owned());
    }
    for node in plan.all() {
        let relation = node.relation.as_str();
        if node.kind == "Seq Scan" && super::TABLES.contains(&relation) && !little.tables.contains(&relation)
        {
            problems.push(format!("{} is read from end to end", node.relation));
        }
        if node.kind.contains("Sort") && !may_sort && node.rows > little.sorted {
            problems.push("rows are sorted".to_owned());
        }
        // The tables without tenants are small: the instance's one row, and the applied migrations.
        if node.index.is_empty() || node.index == "_sqlx_migrations_pkey" {
            continue;
        }
        let first = first_columns.get(&node.index).map_or("", String::as_str);
        // A scope or an organization has the id of the scope, and so have a user's home and the one organization that a key reaches.
        let begins_with_the_scope = ["scope_id", "home_scope", "confined_to"].contains(&first)
            || ["scopes_pkey", "organizations_pkey"].contains(&node.index.as_str());
        if !begins_with_the_scope && !LOOKUP_INDEXES.contains(&node.index.as_str()) {
            problems.push(format!("{} does not begin with the scope", node.index));
        }
        // Members are joined to other rows one by one, since a scope may have any number of them. Only their own lists read them all.
        let lists_members = label.contains("members by") || label.starts_with("count_members");
        if !lists_members && node.index.starts_with("members_") && !node.condition.contains("user_id") {
            problems.push(format!("all members of a scope are read by {}", node.index));
        }
        if !node.condition.contains(first) {
            problems.push(format!("{} is read from end to end", node.index));
        }
    }
    problems
}

/// Returns the plan for these values, in a session in which the query would run.
async fn plan_for_values(session: &mut PgConnection, mut query: QueryBuilder<Postgres>) -> Node {
    let mut query = query.build();
    let arguments = query.take_arguments().expect("values").expect("they were not taken before");
    let explain = format!("EXPLAIN (FORMAT JSON) {}", query.sql().as_str());
    let row = sqlx::query_with(AssertSqlSafe(explain), arguments).persistent(false).fetch_one(session).await;
    Node::read(&plan_of(&row.expect("a plan")))
}

/// Returns each list in each order, through each window.
fn lists(question: &Question) -> Vec<(String, QueryBuilder<Postgres>)> {
    let Question { viewer, organization, scope, project, user, .. } = question;
    let mut lists = Vec::new();
    for direction in [Direction::Ascending, Direction::Descending] {
        for order in SpaceOrder::ALL.iter().copied() {
            for (filter, query) in space_filters(*project) {
                for (name, window) in windows(&space_value(order), 21) {
                    let query = SpaceQuery { order, direction, ..query.clone() };
                    let label = format!("{filter}spaces by {order:?} {name}");
                    lists.push((label, spaces_query(viewer, *scope, &query, ALL, &window)));
                }
            }
        }
        for order in ProjectOrder::ALL.iter().copied() {
            for search in [None, SearchText::parse("a").ok()] {
                for (name, window) in windows(&project_value(order), 21) {
                    let query = ProjectQuery { search: search.clone(), order, direction };
                    lists.push((
                        format!("projects by {order:?} {name}"),
                        projects_query(viewer, *scope, &query, &window),
                    ));
                }
            }
        }
    }
    for (name, window) in windows(&SortValue::Number(2), 21) {
        lists.push((format!("roster {name}"), roster_query(viewer, *project, &window)));
        for status in [None, Some(TaskStatus::Todo)] {
            let query = OwnTasksQuery { status, tasks_limit: at_most(5) };
            lists.push((format!("my_tasks {name}"), my_tasks_query(viewer, *scope, &query, &window)));
        }
    }
    for (name, window) in windows(&SortValue::Id, 21) {
        let query = invitations_query(viewer, *organization, &window);
        lists.push((format!("invitations {name}"), query));
    }
    for (name, window) in windows(&task_value(), 21) {
        for assignee in [None, Some(AssigneeFilter::Nobody), Some(AssigneeFilter::User(*user))] {
            for status in [None, Some(TaskStatus::Todo)] {
                let query = TaskQuery { status, assignee };
                lists.push((format!("tasks {name}"), tasks_query(viewer, *project, &query, &window)));
            }
        }
    }
    lists
}

#[tokio::test]
async fn every_read_uses_an_index_that_begins_with_the_scope() {
    let database = database().await;
    let mut outsider = superuser(&database).await;
    data::fill(&mut outsider).await;
    let first_columns = first_columns(&mut outsider).await;
    let store = open(&options(&database)).await;
    let question = data::question();

    let mut found = String::new();
    // Generic plans, which sessions keep for repeated statements.
    for read in every_read(&store, &question, async |_, _| ()).await {
        let plan = Node::read(&read.plan);
        if plan.reads_the_catalogue() {
            assert_eq!(read.label, "check_ready", "the first session is opened, and its role checked");
            continue;
        }
        for problem in problems(&read.label, &plan, &first_columns, Little::default()) {
            writeln!(found, "{}: {problem}\n{plan}", read.label).expect("text");
        }
    }
    // Custom plans for the given values, which a session makes while a statement is new to it.
    let mut session = store
        .readers
        .enter(&TenantContext::viewer_in(&question.viewer, question.scope))
        .await
        .expect("a session");
    let lists = lists(&question);
    assert!(lists.len() > 100, "{} lists", lists.len());
    for (label, query) in lists {
        let plan = plan_for_values(session.connection().connection, query).await;
        for problem in problems(&label, &plan, &first_columns, Little::default()) {
            writeln!(found, "{label}, for values: {problem}\n{plan}").expect("text");
        }
    }
    assert!(found.is_empty(), "{found}");
}
