//! The queries of projects.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{ProjectOrder, ProjectQuery, Start, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectView, StoreError};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{ProjectRow, in_list_order, read_project, read_standing, scope_key};
use rusqlite::Row;
use uuid::Uuid;

use super::list::{
    Order, fetch_count, push_membership, push_membership_in, push_order, push_position, push_window,
    read_scope,
};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// The project, and the viewer's memberships in its scope (`me`) and on its roster (`pm`).
const PROJECT_AND_MEMBERSHIPS: &str = " FROM members me JOIN projects p ON p.scope_id = me.scope_id
    LEFT JOIN project_members pm ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id";

/// The relations of the projects: the scope and the creator.
const RELATIONS: &str = " JOIN scopes sc ON sc.id = me.scope_id
    LEFT JOIN members c ON c.scope_id = p.scope_id AND c.user_id = p.created_by
    LEFT JOIN users cu ON cu.id = c.user_id WHERE ";

/// Writes everything up to `FROM`: the columns that [`read_view`] reads, then those in `more`.
fn select(more: &str) -> Statement {
    let mut query = Statement::new("SELECT me.scope_id, sc.kind, ");
    push_columns::<ProjectRow>(&mut query, "p");
    query.push(", ");
    push_member_columns(&mut query, "c", "cu");
    query.push(more);
    query
}

fn read_view(columns: &mut Columns<'_>) -> Result<ProjectView, StoreError> {
    let scope = read_scope(columns)?;
    read_project(columns, scope)
}

fn read(row: &Row<'_>) -> Result<(ProjectView, ProjectStanding), StoreError> {
    let mut columns = Columns::new(row);
    let view = read_view(&mut columns)?;
    let standing = read_standing(&mut columns)?;
    Ok((view, standing))
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
    let mut query = select(", me.user_id, me.role, pm.role, p.id, p.visibility");
    query.push(PROJECT_AND_MEMBERSHIPS).push(RELATIONS);
    push_membership(&mut query, viewer);
    query.push(" AND p.id = ").push_bind(id.as_uuid());
    readers.optional(query.by_key(), read).await
}

/// Selects the viewer's standing in a project, for [`read_standing`].
const STANDING: &str = "SELECT me.user_id, me.role, pm.role, p.id, p.visibility";

pub(crate) async fn standing_of(
    readers: &Readers,
    viewer: &Viewer,
    id: ProjectId,
) -> Result<Option<ProjectStanding>, StoreError> {
    let mut query = Statement::new(STANDING);
    query.push(PROJECT_AND_MEMBERSHIPS).push(" WHERE ");
    push_membership(&mut query, viewer);
    query.push(" AND p.id = ").push_bind(id.as_uuid());
    readers.optional(query.by_key(), |row| read_standing(&mut Columns::new(row))).await
}

fn order(query: &ProjectQuery) -> Order {
    let column = match query.order {
        ProjectOrder::Number => "p.number",
        ProjectOrder::Name => "p.name_key",
        ProjectOrder::UpdatedAt => "p.updated_at",
    };
    Order { column, id: "p.id", direction: query.direction }
}

/// The greatest number of projects that are sorted on the caller's thread.
const MAX_SORTED: u64 = 200;

/// The projects that a viewer sees, as in [`SEES`](super::list::SEES), in three disjoint kinds. The first two are found by an index that
/// has the list's order, so that no project which the viewer does not see is read and skipped. The third, the viewer's own private
/// projects, is sorted, if there are any.
///
/// Each kind is its FROM clause and its condition. `ORDERED` is replaced by the index of the list's order, for the planner would
/// otherwise prefer an index without the visibility.
const KINDS: [(&str, &str); 3] = [
    (
        " FROM members me JOIN projects p INDEXED BY ORDERED ON p.scope_id = me.scope_id",
        "p.visibility = 'organization'",
    ),
    (
        " FROM members me JOIN projects p INDEXED BY ORDERED ON p.scope_id = me.scope_id",
        "p.visibility = 'private' AND me.role = 'admin'",
    ),
    (
        " FROM members me CROSS JOIN project_members pm ON pm.scope_id = me.scope_id AND pm.user_id = me.user_id
              CROSS JOIN projects p ON p.scope_id = pm.scope_id AND p.id = pm.project_id",
        "p.visibility = 'private' AND me.role <> 'admin'
              AND (SELECT sum(t.total) FROM list_totals t WHERE t.scope_id = me.scope_id
                       AND t.list = 'own_private_projects' AND t.owner_id = me.user_id) > 0",
    ),
];

/// Writes the query for the ids of a page's projects.
fn push_page(
    query: &mut Statement,
    viewer: &Viewer,
    scope_id: Uuid,
    filters: &ProjectQuery,
    window: &Window,
) {
    let order = order(filters);
    let index = match filters.order {
        ProjectOrder::Number => "projects_by_number",
        ProjectOrder::Name => "projects_by_name",
        ProjectOrder::UpdatedAt => "projects_by_updated_at",
    };
    for (kind, (from, condition)) in KINDS.into_iter().enumerate() {
        query.push(if kind == 0 { "" } else { " UNION ALL " });
        query.push(format_args!("SELECT * FROM (SELECT {} AS at, p.id AS id", order.column));
        query.push(from.replace("ORDERED", index)).push(" WHERE ");
        push_membership_in(query, viewer, scope_id);
        query.push(" AND p.scope_id = ").push_bind(scope_id).push(" AND ").push(condition);
        push_search(query, filters);
        push_position(query, order, &window.start);
        push_order(query, order, window);
        let skipped = if let Start::Offset(offset) = &window.start { offset.get() } else { 0 };
        query.push(" LIMIT ").push_bind(i64::from(window.rows) + i64::from(skipped)).push(")");
    }
    push_window(query, Order { column: "at", id: "id", ..order }, window);
    query.counted();
}

fn push_search(query: &mut Statement, filters: &ProjectQuery) {
    if let Some(search) = &filters.search {
        // `instr`, not LIKE, which has wildcards.
        query.scattered().push(" AND instr(p.name_key, ").push_bind(search.searched()).push(") > 0");
    }
}

/// Builds the statement for a page, which sorts `sorted` projects; see [`totals::of_sorted_projects`].
pub(crate) fn list_query(
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
    window: &Window,
    sorted: u64,
) -> Statement {
    let scope_id = scope_key(scope);
    let mut query = select("");
    query.push(" FROM (");
    push_page(&mut query, viewer, scope_id, filters, window);
    query.push(") AS page CROSS JOIN members me CROSS JOIN projects p").push(RELATIONS);
    push_membership_in(&mut query, viewer, scope_id);
    query.push(" AND p.scope_id = ").push_bind(scope_id).push(" AND p.id = page.id");
    push_order(&mut query, order(filters), window);
    if sorted > MAX_SORTED {
        query.scattered();
    }
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
    window: &Window,
) -> Result<Vec<ProjectView>, StoreError> {
    let sorted = totals::of_sorted_projects(readers, viewer, scope).await?;
    let query = list_query(viewer, scope, filters, window, sorted);
    let views = readers.all(query, |row| read_view(&mut Columns::new(row))).await?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    scope: Scope,
    filters: &ProjectQuery,
) -> Result<u64, StoreError> {
    if filters.is_unfiltered() {
        return totals::of_projects(readers, viewer, scope).await;
    }
    let scope_id = scope_key(scope);
    let mut query = Statement::new("SELECT coalesce((SELECT CASE WHEN me.role = 'admin' THEN ");
    push_count(&mut query, "", scope_id, filters);
    query.push(" ELSE ");
    push_count(&mut query, "p.visibility = 'organization' AND ", scope_id, filters);
    query.push(" + ");
    let on_roster = "p.visibility <> 'organization' AND p.id IN (
        SELECT pm.project_id FROM project_members pm WHERE pm.scope_id = me.scope_id AND pm.user_id = me.user_id) AND ";
    push_count(&mut query, on_roster, scope_id, filters);
    query.push(" END FROM members me WHERE ");
    push_membership_in(&mut query, viewer, scope_id);
    query.push("), 0)");
    fetch_count(readers, query).await
}

/// Writes a query that counts projects of one kind. The condition [`SEES`](super::list::SEES) is counted in parts: joining every project
/// of the scope to the viewer's roster memberships, which matter for few of them, takes several times as long.
fn push_count(query: &mut Statement, kind: &str, scope_id: Uuid, filters: &ProjectQuery) {
    query
        .push("(SELECT count(*) FROM projects p WHERE ")
        .push(kind)
        .push("p.scope_id = ")
        .push_bind(scope_id);
    push_search(query, filters);
    query.push(")");
}
