//! The queries of rosters.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Window};
use loggia_domain::port::{MembershipView, StoreError};
use loggia_domain::scope::Viewer;
use loggia_sql::{MembershipRow, in_list_order, read_membership, scope_of};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{
    CARRIED_PROJECT, Order, fetch, push_carried_project, push_membership, push_page, push_page_end,
    push_position, push_project,
};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::tenancy::context::{Record, TenantContext};
use crate::tenancy::readers::Readers;

/// The project, the viewer's membership `me` in its scope, and the roster's memberships `r`.
const PROJECT_AND_ROSTER: &str = " FROM projects p JOIN members me ON me.scope_id = p.scope_id
    JOIN project_members r ON r.scope_id = p.scope_id AND r.project_id = p.id";

const ORDER: Order = Order { column: "r.number", id: "r.id", unique: true, direction: Direction::Ascending };

fn push_filters(query: &mut QueryBuilder<Postgres>, viewer: &Viewer, project: ProjectId) {
    push_membership(query, viewer);
    push_project(query, project);
}

pub(crate) fn list_query(viewer: &Viewer, project: ProjectId, window: &Window) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT r.scope_id, ");
    push_columns::<MembershipRow>(&mut query, "r");
    query.push(", ");
    push_carried_project(&mut query, "r");
    query.push(", ");
    push_member_columns(&mut query, "m", "mu");
    query.push(" FROM (SELECT r.*, ").push(CARRIED_PROJECT).push(PROJECT_AND_ROSTER).push(" WHERE ");
    push_filters(&mut query, viewer, project);
    push_position(&mut query, ORDER, &window.start);
    push_page(&mut query, ORDER, window);
    query.push(
        ") AS r
          LEFT JOIN members m ON m.scope_id = r.scope_id AND m.user_id = r.user_id
          LEFT JOIN users mu ON mu.id = m.user_id",
    );
    push_page_end(&mut query, ORDER, window);
    query
}

fn read(row: &PgRow, viewer: &Viewer) -> Result<MembershipView, StoreError> {
    let mut columns = Columns::new(row);
    let scope_id: Uuid = columns.value()?;
    let scope = scope_of(viewer.user.as_uuid(), scope_id);
    read_membership(&mut columns, scope)
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    window: &Window,
) -> Result<Vec<MembershipView>, StoreError> {
    let rows = fetch(
        readers,
        &TenantContext::viewer_at(viewer, Record::Project(project)),
        list_query(viewer, project, window),
    )
    .await?;
    let views = rows.iter().map(|row| read(row, viewer)).collect::<Result<_, _>>()?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(readers: &Readers, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
    totals::of_project(readers, viewer, project, "roster").await
}
