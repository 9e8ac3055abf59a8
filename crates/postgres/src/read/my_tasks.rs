//! The viewer's own tasks, by project, in one statement.

use loggia_domain::page::{Direction, Window};
use loggia_domain::port::{MyTasksView, OwnTasksQuery, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{by_project, count as to_count, read_task, scope_key};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};

use super::list::{Order, SEES, fetch, fetch_count, push_membership_in, push_position, push_window};
use super::tasks::{PEOPLE, push_view_columns};
use crate::columns::Columns;
use crate::tenancy::context::TenantContext;
use crate::tenancy::readers::Readers;

/// The viewer's tasks in projects, with the viewer's memberships in the scope (`me`) and on the rosters (`pm`).
const OWN_TASKS: &str = " FROM members me
    JOIN tasks t ON t.scope_id = me.scope_id AND t.assignee_id = me.user_id
    JOIN projects p ON p.scope_id = t.scope_id AND p.id = t.project_id
    LEFT JOIN project_members pm ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id
    WHERE ";

const ORDER: Order = Order { column: "p.number", id: "p.id", unique: true, direction: Direction::Ascending };

/// Writes the conditions of the list, without those of a page.
fn push_filters(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, scope: Scope, filters: &OwnTasksQuery) {
    push_membership_in(query, viewer, scope_key(scope));
    query.push(" AND ");
    push_own(query, "t", viewer, scope, filters);
    query.push(" AND ").push(SEES);
}

/// Writes the conditions for the viewer's own tasks, of the table with this alias. The first columns of `tasks_by_assignee` come first,
/// so that this index is used.
fn push_own(
    query: &mut QueryBuilder<Postgres>,
    alias: &str,
    viewer: &Viewer,
    scope: Scope,
    filters: &OwnTasksQuery,
) {
    query.push(alias).push(".scope_id = ").push_bind(scope_key(scope));
    query.push(" AND ").push(alias).push(".assignee_id = ").push_bind(viewer.user.as_uuid());
    if let Some(status) = filters.status {
        query.push(" AND ").push(alias).push(".status = ").push_bind(status.as_str());
    }
}

/// Builds the statement: first the page of projects, then the first tasks of each in the order of its outline.
pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &OwnTasksQuery,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("WITH page AS MATERIALIZED (SELECT p.id, p.number, count(*) AS total");
    query.push(OWN_TASKS);
    push_filters(&mut query, viewer, scope, filters);
    push_position(&mut query, ORDER, &window.start);
    query.push(" GROUP BY p.number, p.id");
    push_window(&mut query, ORDER, window);
    query.push(") SELECT page.total, ");
    push_view_columns(&mut query);
    query.push(
        " FROM page CROSS JOIN LATERAL (SELECT own.* FROM tasks own WHERE own.project_id = page.id AND ",
    );
    push_own(&mut query, "own", viewer, scope, filters);
    query.push(" ORDER BY own.outline LIMIT ").push_bind(i64::from(filters.tasks_limit.get()));
    query.push(") AS t JOIN projects p ON p.scope_id = t.scope_id AND p.id = t.project_id");
    query.push(PEOPLE).push(" ORDER BY page.number, page.id, t.outline");
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &OwnTasksQuery,
    window: &Window,
) -> Result<Vec<MyTasksView>, StoreError> {
    let context = TenantContext::viewer_in(viewer, scope);
    let rows = fetch(readers, &context, list_query(viewer, scope, filters, window)).await?;
    let read = |row: &PgRow| {
        let mut columns = Columns::new(row);
        let total = to_count(columns.value()?)?;
        Ok((total, read_task(&mut columns, scope)?))
    };
    Ok(by_project(rows.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &OwnTasksQuery,
) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(DISTINCT p.id)");
    query.push(OWN_TASKS);
    push_filters(&mut query, viewer, scope, filters);
    fetch_count(readers, &TenantContext::viewer_in(viewer, scope), query).await
}
