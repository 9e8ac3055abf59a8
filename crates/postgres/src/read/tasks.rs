//! The queries of tasks.

use loggia_domain::id::{ProjectId, TaskId};
use loggia_domain::page::{AssigneeFilter, Direction, TaskQuery, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ReadAhead, StoreError, TaskView};
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{ProjectRefRow, TaskRow, in_list_order, read_standing, read_task, scope_of};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::list::{
    CARRIED_PROJECT, Order, fetch, fetch_count, push_carried_project, push_membership, push_page,
    push_page_end, push_position, push_project,
};
use super::membership::MembershipSource;
use super::record::record;
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::tenancy::context::{Record, TenantContext};
use crate::tenancy::readers::Readers;

/// The viewer's membership in a scope, the projects of the scope, and their tasks.
const TASKS: &str = " FROM members me JOIN projects p ON p.scope_id = me.scope_id
    JOIN tasks t ON t.scope_id = p.scope_id AND t.project_id = p.id WHERE ";

/// The creator (`c`) and the assignee (`a`) of task `t`.
pub(crate) const PEOPLE: &str = "
    LEFT JOIN members c ON c.scope_id = t.scope_id AND c.user_id = t.created_by
    LEFT JOIN users cu ON cu.id = c.user_id
    LEFT JOIN members a ON a.scope_id = t.scope_id AND a.user_id = t.assignee_id
    LEFT JOIN users au ON au.id = a.user_id";

/// Writes the columns that [`read_task`] reads: of task `t`, project `p`, the creator and the assignee.
pub(crate) fn push_view_columns(query: &mut QueryBuilder<Postgres>) {
    push_columns::<TaskRow>(query, "t");
    query.push(", ");
    push_columns::<ProjectRefRow>(query, "p");
    query.push(", ");
    push_people_columns(query);
}

fn push_people_columns(query: &mut QueryBuilder<Postgres>) {
    push_member_columns(query, "c", "cu");
    query.push(", ");
    push_member_columns(query, "a", "au");
}

fn read_scope(columns: &mut Columns<'_>, viewer: &Viewer) -> Result<Scope, StoreError> {
    let scope_id: Uuid = columns.value()?;
    Ok(scope_of(viewer.user.as_uuid(), scope_id))
}

fn read(columns: &mut Columns<'_>, viewer: &Viewer) -> Result<(TaskView, ProjectStanding), StoreError> {
    let scope = read_scope(columns, viewer)?;
    let standing = read_standing(columns)?;
    Ok((read_task(columns, scope)?, standing))
}

/// Writes the query for one task.
pub(super) fn push_one(query: &mut QueryBuilder<Postgres>, source: MembershipSource<'_>, id: TaskId) {
    query.push("SELECT t.scope_id, t.viewer_id, t.viewer_role, pm.role, p.id, p.visibility, ");
    push_view_columns(query);
    query.push(" FROM (SELECT me.user_id AS viewer_id, me.role AS viewer_role, t.* FROM tasks t");
    source.push_join(query, "t");
    query.push(" WHERE t.id = ").push_bind(id.as_uuid());
    query.push(
        ") AS t JOIN projects p ON p.scope_id = t.scope_id AND p.id = t.project_id
          LEFT JOIN project_members pm
              ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = t.viewer_id",
    );
    query.push(PEOPLE);
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: TaskId,
) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
    record(
        readers,
        viewer,
        ReadAhead::Task(id),
        |query, source| push_one(query, source, id),
        |columns| read(columns, viewer),
    )
    .await
}

const ORDER: Order = Order { column: "t.outline", id: "t.id", unique: true, direction: Direction::Ascending };

/// Writes the conditions of the list, without those of a page.
fn push_filters(
    query: &mut QueryBuilder<Postgres>,
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
) {
    push_membership(query, viewer);
    push_project(query, project);
    if let Some(status) = filters.status {
        query.push(" AND t.status = ").push_bind(status.as_str());
    }
    match filters.assignee {
        None => {}
        Some(AssigneeFilter::Nobody) => {
            query.push(" AND t.assignee_id IS NULL");
        }
        Some(AssigneeFilter::User(user)) => {
            query.push(" AND t.assignee_id = ").push_bind(user.as_uuid());
        }
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
    window: &Window,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT t.scope_id, ");
    push_columns::<TaskRow>(&mut query, "t");
    query.push(", ");
    push_carried_project(&mut query, "t");
    query.push(", ");
    push_people_columns(&mut query);
    query.push(" FROM (SELECT t.*, ").push(CARRIED_PROJECT).push(TASKS);
    push_filters(&mut query, viewer, project, filters);
    push_position(&mut query, ORDER, &window.start);
    push_page(&mut query, ORDER, window);
    query.push(") AS t").push(PEOPLE);
    push_page_end(&mut query, ORDER, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
    window: &Window,
) -> Result<Vec<TaskView>, StoreError> {
    let rows = fetch(
        readers,
        &TenantContext::viewer_at(viewer, Record::Project(project)),
        list_query(viewer, project, filters, window),
    )
    .await?;
    let read = |row| {
        let mut columns = Columns::new(row);
        let scope = read_scope(&mut columns, viewer)?;
        read_task(&mut columns, scope)
    };
    let views = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(in_list_order(views, window))
}

pub(crate) async fn count(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
) -> Result<u64, StoreError> {
    if filters.is_unfiltered() {
        return totals::of_project(readers, viewer, project, "tasks").await;
    }
    let mut query = QueryBuilder::new("SELECT count(*)");
    query.push(TASKS);
    push_filters(&mut query, viewer, project, filters);
    fetch_count(readers, &TenantContext::viewer_at(viewer, Record::Project(project)), query).await
}
