//! The text of the statements, made from the lists of columns.

use loggia_domain::port::StoreError;
use loggia_sql::moving::{Row, Source, Table, Value};
use uuid::Uuid;

/// A statement with the values of its parameters.
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// Returns the names, separated by commas.
fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns the columns by which the rows are ordered.
fn order(table: &Table) -> Vec<&'static str> {
    match table.source {
        Source::Rows | Source::Totals => table.key.to_vec(),
        Source::Events => vec!["scope_id", "position"],
    }
}

/// Returns the condition for the rows of one organization, which has one parameter.
fn of_organization(table: &Table) -> &'static str {
    match table.name {
        "scopes" | "organizations" => "id = ?",
        "users" => "id IN (SELECT user_id FROM members WHERE scope_id = ?)",
        _ => "scope_id = ?",
    }
}

/// Returns the values of a row's key.
fn key(table: &Table, row: &Row) -> Vec<Value> {
    table.key_columns().filter_map(|(i, _)| row.get(i).cloned()).collect()
}

/// Counts the rows of a table.
pub(super) fn count(table: &Table, organization: Option<Uuid>) -> Query {
    let mut query = Query { sql: format!("SELECT count(*) FROM {}", table.name), values: Vec::new() };
    if let Some(organization) = organization {
        query.sql.push_str(" WHERE ");
        query.sql.push_str(of_organization(table));
        query.values.push(organization.into());
    }
    query
}

/// Selects rows in order.
pub(super) fn page(table: &Table, organization: Option<Uuid>, after: Option<&Row>, limit: u32) -> Query {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    if let Some(organization) = organization {
        conditions.push(of_organization(table).to_owned());
        values.push(organization.into());
    }
    if let Some(after) = after {
        let key = key(table, after);
        match table.source {
            Source::Rows | Source::Totals => {
                let marks = list(key.iter().map(|_| "?"));
                conditions.push(format!("({}) > ({marks})", list(order(table))));
                values.extend(key);
            }
            Source::Events => {
                conditions.push(
                    "(scope_id, position) > (?, (SELECT position FROM events WHERE scope_id = ? AND id = ?))"
                        .to_owned(),
                );
                values.extend(key.first().cloned());
                values.extend(key);
            }
        }
    }
    let mut query = selected(table, &conditions);
    query.push_str(&format!(" ORDER BY {} LIMIT {limit}", list(order(table))));
    Query { sql: query, values }
}

/// Selects the last row in order.
pub(super) fn last(table: &Table) -> Query {
    let order = order(table).into_iter().map(|column| format!("{column} DESC")).collect::<Vec<_>>();
    let sql = format!("{} ORDER BY {} LIMIT 1", selected(table, &[]), order.join(", "));
    Query { sql, values: Vec::new() }
}

fn selected(table: &Table, conditions: &[String]) -> String {
    let names = table.columns.iter().map(|column| match (table.source, column.name) {
        (Source::Totals, "total") => "sum(total)",
        (_, name) => name,
    });
    let mut sql = format!("SELECT {} FROM {}", list(names), table.name);
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    if table.source == Source::Totals {
        sql.push_str(&format!(" GROUP BY {} HAVING sum(total) <> 0", list(order(table))));
    }
    sql
}

/// Inserts a row.
pub(super) fn insert(table: &Table) -> Result<String, StoreError> {
    if table.source == Source::Totals {
        return Err(StoreError::Corrupt("the totals of lists are kept by triggers".into()));
    }
    let names = list(table.columns.iter().map(|column| column.name));
    let marks = list(table.columns.iter().map(|_| "?"));
    Ok(format!("INSERT INTO {} ({names}) VALUES ({marks})", table.name))
}
