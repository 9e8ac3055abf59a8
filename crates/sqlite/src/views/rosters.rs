//! The queries of rosters.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::{MembershipView, StoreError};
use loggia_domain::scope::Viewer;
use rusqlite::Row;
use uuid::Uuid;

use super::list::{Order, in_list_order, push_place, push_position, push_window};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::decode;
use crate::decode::organizations::{MemberRow, push_member_columns};
use crate::decode::projects::ProjectRefRow;
use crate::decode::rosters::MembershipRow;
use crate::error::{RowName, store_error};
use crate::readers::Readers;
use crate::statement::Statement;

/// The project, the viewer's membership `me` in its scope, and the roster's memberships `r`.
const PROJECT_AND_ROSTER: &str = " FROM projects p JOIN members me ON me.scope_id = p.scope_id
    JOIN project_members r ON r.scope_id = p.scope_id AND r.project_id = p.id";

const ORDER: Order = Order { column: "r.number", id: "r.id", direction: Direction::Ascending };

fn push_filters(query: &mut Statement, viewer: &Viewer, project: ProjectId) {
    push_place(query, viewer);
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
    let mut columns = Columns::of(row);
    let scope_id: Uuid = columns.next().map_err(store_error)?;
    let kind: String = columns.next().map_err(store_error)?;
    let scope = decode::scope(scope_id, &kind)?;
    let membership: MembershipRow = columns.record().map_err(store_error)?;
    let name = RowName { table: "project_members", id: membership.id };
    let project: ProjectRefRow = columns.record().map_err(store_error)?;
    let member = columns.optional::<MemberRow>().map_err(store_error)?;
    let member = member.ok_or_else(|| name.corrupt("user_id", "is no member of the scope"))?;
    Ok(MembershipView {
        membership: membership.decode()?,
        project: project.decode(scope)?,
        member: member.decode(scope)?,
    })
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
