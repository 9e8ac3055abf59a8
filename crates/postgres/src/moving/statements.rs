//! The statements, made from the lists of columns.

use loggia_domain::port::StoreError;
use loggia_sql::moving::{Column, Kind, Row, Source, Table, Value};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::values::{push, push_array};

/// Returns the columns by which the rows are ordered.
fn order(table: &Table) -> Vec<&'static str> {
    match table.source {
        Source::Rows | Source::Totals => table.key.to_vec(),
        Source::Events => vec!["scope_id", "transaction", "position"],
    }
}

/// Writes the condition for the rows of one organization.
fn push_organization(query: &mut QueryBuilder<Postgres>, table: &Table, organization: Uuid) {
    match table.name {
        "scopes" | "organizations" => query.push("id = ").push_bind(organization),
        "users" => query
            .push("id IN (SELECT user_id FROM members WHERE scope_id = ")
            .push_bind(organization)
            .push(")"),
        _ => query.push("scope_id = ").push_bind(organization),
    };
}

/// Counts the rows of a table.
pub(super) fn count(table: &Table, organization: Option<Uuid>) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(format!("SELECT count(*) FROM {}", table.name));
    if let Some(organization) = organization {
        query.push(" WHERE ");
        push_organization(&mut query, table, organization);
    }
    query
}

fn selected(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| match (table.source, column.kind) {
        (Source::Totals, Kind::Integer) => format!("sum({})::bigint", column.name),
        (_, Kind::Changes) => format!("{}::text", column.name),
        _ => column.name.to_owned(),
    });
    format!("SELECT {} FROM {} WHERE true", columns.collect::<Vec<_>>().join(", "), table.name)
}

fn push_groups(query: &mut QueryBuilder<Postgres>, table: &Table) {
    if table.source == Source::Totals {
        query.push(format!(" GROUP BY {} HAVING sum(total) <> 0", order(table).join(", ")));
    }
}

/// Selects rows in order.
pub(super) fn page(
    table: &Table,
    organization: Option<Uuid>,
    after: Option<&Row>,
    limit: u32,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(selected(table));
    if let Some(organization) = organization {
        query.push(" AND ");
        push_organization(&mut query, table, organization);
    }
    if let Some(after) = after {
        let key: Vec<Value> = table.key_columns().filter_map(|(i, _)| after.get(i).cloned()).collect();
        query.push(format!(" AND ({}) > (", order(table).join(", ")));
        match table.source {
            Source::Rows | Source::Totals => push_list(&mut query, &key),
            Source::Events => {
                push_list(&mut query, &key[..1]);
                for column in ["transaction", "position"] {
                    query.push(format!(", (SELECT {column} FROM events WHERE (scope_id, id) = ("));
                    push_list(&mut query, &key);
                    query.push("))");
                }
            }
        }
        query.push(")");
    }
    push_groups(&mut query, table);
    query.push(format!(" ORDER BY {} LIMIT ", order(table).join(", "))).push_bind(i64::from(limit));
    query
}

fn push_list(query: &mut QueryBuilder<Postgres>, values: &[Value]) {
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            query.push(", ");
        }
        push(query, value.clone());
    }
}

/// Selects the last row in order.
pub(super) fn last(table: &Table) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(selected(table));
    push_groups(&mut query, table);
    let order: Vec<_> = order(table).into_iter().map(|column| format!("{column} DESC")).collect();
    query.push(format!(" ORDER BY {} LIMIT 1", order.join(", ")));
    query
}

/// Inserts rows, in their order and without the columns `left_out`.
///
/// # Errors
/// Fails with [`StoreError::Corrupt`] if a value does not have the type of its column.
pub(super) fn insert(
    table: &Table,
    rows: &mut [Row],
    left_out: &[&str],
) -> Result<QueryBuilder<Postgres>, StoreError> {
    if table.source == Source::Totals {
        return Err(StoreError::Corrupt("the totals of lists are kept by triggers".into()));
    }
    let columns: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| !left_out.contains(&column.name)).collect();
    let names: Vec<_> = columns.iter().map(|(_, column)| column.name).collect();
    let cast = |(_, column): &(usize, &Column)| match column.kind {
        Kind::Changes => format!("v.{}::jsonb", column.name),
        _ => format!("v.{}", column.name),
    };
    let (counted, number) = match table.source {
        // The position is counted by the column itself, in the order of the rows.
        Source::Events => (
            "transaction, ",
            "(SELECT transaction_offset FROM instance) + pg_current_xact_id()::text::bigint, ",
        ),
        Source::Rows | Source::Totals => ("", ""),
    };
    let mut query = QueryBuilder::new(format!(
        "INSERT INTO {} ({counted}{}) SELECT {number}{} FROM unnest(",
        table.name,
        names.join(", "),
        columns.iter().map(cast).collect::<Vec<_>>().join(", "),
    ));
    for (position, (i, column)) in columns.iter().enumerate() {
        if position > 0 {
            query.push(", ");
        }
        push_array(&mut query, column, rows, *i)?;
    }
    query.push(format!(") AS v ({})", names.join(", ")));
    Ok(query)
}
