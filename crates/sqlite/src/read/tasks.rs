//! The queries of tasks.

use loggia_domain::id::{ProjectId, TaskId};
use loggia_domain::page::{AssigneeFilter, Direction, TaskQuery, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{StoreError, TaskView};
use loggia_domain::scope::Viewer;
use loggia_sql::{ProjectRefRow, TaskRow, in_list_order, read_standing, read_task};
use rusqlite::Row;

use super::list::{Order, fetch_count, push_membership, push_position, push_window, read_scope};
use super::totals;
use crate::columns::{Columns, push_columns};
use crate::rows::people::push_member_columns;
use crate::sessions::readers::Readers;
use crate::statement::Statement;

/// The task, its project, and the viewer's membership `me` in their scope.
const TASK_AND_PROJECT: &str = " FROM projects p JOIN members me ON me.scope_id = p.scope_id
    JOIN tasks t ON t.scope_id = p.scope_id AND t.project_id = p.id";

/// The creator (`c`) and the assignee (`a`) of task `t`.
pub(crate) const PEOPLE: &str = "
    LEFT JOIN members c ON c.scope_id = t.scope_id AND c.user_id = t.created_by
    LEFT JOIN users cu ON cu.id = c.user_id
    LEFT JOIN members a ON a.scope_id = t.scope_id AND a.user_id = t.assignee_id
    LEFT JOIN users au ON au.id = a.user_id";

/// Writes the columns that [`read_task`] reads: of task `t`, project `p`, the creator and the assignee.
pub(crate) fn push_view_columns(query: &mut Statement) {
    push_columns::<TaskRow>(query, "t");
    query.push(", ");
    push_columns::<ProjectRefRow>(query, "p");
    query.push(", ");
    push_member_columns(query, "c", "cu");
    query.push(", ");
    push_member_columns(query, "a", "au");
}

/// Writes everything up to `WHERE`; [`read`] reads the selected columns.
fn select() -> Statement {
    let mut query =
        Statement::new("SELECT me.scope_id, sc.kind, me.user_id, me.role, pm.role, p.id, p.visibility, ");
    push_view_columns(&mut query);
    query.push(TASK_AND_PROJECT).push(
        " JOIN scopes sc ON sc.id = p.scope_id
          LEFT JOIN project_members pm
              ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id",
    );
    query.push(PEOPLE).push(" WHERE ");
    query
}

fn read(row: &Row<'_>) -> Result<(TaskView, ProjectStanding), StoreError> {
    let mut columns = Columns::new(row);
    let scope = read_scope(&mut columns)?;
    let standing = read_standing(&mut columns)?;
    Ok((read_task(&mut columns, scope)?, standing))
}

pub(crate) async fn one(
    readers: &Readers,
    viewer: &Viewer,
    id: TaskId,
) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
    let mut query = select();
    push_membership(&mut query, viewer);
    query.push(" AND t.id = ").push_bind(id.as_uuid());
    readers.optional(query.by_key(), read).await
}

const ORDER: Order = Order { column: "t.outline", id: "t.id", direction: Direction::Ascending };

/// Writes the conditions of the list, without those of a page.
fn push_filters(query: &mut Statement, viewer: &Viewer, project: ProjectId, filters: &TaskQuery) {
    push_membership(query, viewer);
    query.push(" AND p.id = ").push_bind(project.as_uuid());
    if let Some(status) = filters.status {
        query.scattered().push(" AND t.status = ").push_bind(status.as_str());
    }
    match filters.assignee {
        None => {}
        Some(AssigneeFilter::Nobody) => {
            query.scattered().push(" AND t.assignee_id IS NULL");
        }
        Some(AssigneeFilter::User(user)) => {
            query.scattered().push(" AND t.assignee_id = ").push_bind(user.as_uuid());
        }
    }
}

pub(crate) fn list_query(
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
    window: &Window,
) -> Statement {
    let mut query = select();
    push_filters(&mut query, viewer, project, filters);
    push_position(&mut query, ORDER, &window.start);
    push_window(&mut query, ORDER, window);
    query
}

pub(crate) async fn list(
    readers: &Readers,
    viewer: &Viewer,
    project: ProjectId,
    filters: &TaskQuery,
    window: &Window,
) -> Result<Vec<TaskView>, StoreError> {
    let query = list_query(viewer, project, filters, window);
    let views = readers.all(query, |row| Ok(read(row)?.0)).await?;
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
    let mut query = Statement::new("SELECT count(*)");
    query.push(TASK_AND_PROJECT).push(" WHERE ");
    push_filters(&mut query, viewer, project, filters);
    fetch_count(readers, query).await
}
