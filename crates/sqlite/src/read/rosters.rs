//! The queries of rosters.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::{MembershipView, StoreError};
use loggia_domain::scope::Viewer;
use loggia_sql::{MembershipRow, ProjectRefRow, in_list_order, read_membership};
use rusqlite::Row;

use super::list::{Order, push_membership, push_position, push_window, read_scope};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// The project, the viewer's membership `me` in its scope, and the roster's memberships `r`.
const PROJECT_AND_ROSTER: &str = " FROM projects p JOIN members me ON me.scope_id = p.scope_id
    JOIN project_members r ON r.scope_id = p.scope_id AND r.project_id = p.id";

const ORDER: Order = Order { column: "r.number", id: "r.id", direction: Direction::Ascending };

fn push_filters(query: &mut Statement, viewer: &Viewer, project: ProjectId) {
    push_membership(query, viewer);
    query.push(" AND p.id = ").push_bind(project.as_uuid());
}

pub(crate) fn list_query(viewer: &Viewer, project: ProjectId, window: &Window) -> Statement {
    let mut query = Statement::new("SELECT p.scope_id, sc.kind, ");
    push_columns::<MembershipRow>(&mut query, "r");
    query.push(", ");
    push_columns::<ProjectRefRow>(&mut query, "p");
    query.push(", ");
    push_member_columns(&mut query, "m", "mu");
    query.push(PROJECT_AND_ROSTER).push(
        " JOIN scopes sc ON sc.id = p.scope_id
          LEFT JOIN members m ON m.scope_id = r.scope_id AND m.user_id = r.user_id
          LEFT JOIN users mu ON mu.id = m.user_id WHERE ",
    );
    push_filters(&mut query, viewer, project);
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

fn read(row: &Row<'_>) -> Result<MembershipView, StoreError> {
    let mut columns = Columns::new(row);
    let scope = read_scope(&mut columns)?;
    read_membership(&mut columns, scope)
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    window: &Window,
) -> Result<Vec<MembershipView>, StoreError> {
    let views = readers.all(list_query(viewer, project, window), read).await?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(readers: &Readers, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
    totals::of_project(readers, viewer, project, "roster").await
}
