//! Records together with those that they refer to.

use std::sync::Arc;

use super::Snapshot;
use super::record::key_of_organization;
use super::seen::{self, list};
use crate::id::{ProjectId, UserId};
use crate::organization::Organization;
use crate::page::{AssigneeFilter, Direction, TaskQuery, Window, task_position};
use crate::port::{
    Includes, MyTasksView, OwnTasksQuery, ProjectRef, ProjectView, SpaceView, StoreError, TaskView,
};
use crate::project::Project;
use crate::scope::{Scope, Viewer};
use crate::space::Space;
use crate::task::Task;
use crate::user::Member;

/// Returns a member to whom a record refers, who therefore exists.
pub(super) fn author(rows: &impl Snapshot, scope: Scope, user: UserId) -> Result<Member, StoreError> {
    let member = seen::member(rows, scope, user)?;
    member.ok_or_else(|| StoreError::Corrupt(format!("member {user} of scope {}", scope.id())))
}

pub(super) fn space_view(
    rows: &impl Snapshot,
    viewer: &Viewer,
    space: Space,
    includes: Includes,
) -> Result<SpaceView, StoreError> {
    let linked = space.project.filter(|_| includes.project);
    let project = linked.map_or(Ok(None), |id| seen::project(rows, viewer, id))?;
    let project = project.filter(|(_, standing)| standing.sees()).map(|(project, _)| Arc::new(project));
    let owner = space.scope.organization().filter(|_| includes.organization);
    let organization: Option<Organization> =
        owner.map_or(Ok(None), |id| rows.get(key_of_organization(id)))?;
    let creator = includes.creator.then(|| author(rows, space.scope, space.created_by)).transpose()?;
    Ok(SpaceView { space, project, organization: organization.map(Arc::new), creator: creator.map(Arc::new) })
}

pub(super) fn project_view(rows: &impl Snapshot, record: Project) -> Result<ProjectView, StoreError> {
    Ok(ProjectView { creator: author(rows, record.scope, record.created_by)?, record })
}

pub(super) fn task_view(rows: &impl Snapshot, task: Task, project: &Project) -> Result<TaskView, StoreError> {
    let assignee = task.assignee.map(|user| author(rows, task.scope, user)).transpose()?;
    let creator = author(rows, task.scope, task.created_by)?;
    Ok(TaskView { task, project: ProjectRef::from(project), assignee, creator })
}

/// Returns a project's tasks that match the query, by position in the outline.
pub(super) fn tasks(
    rows: &impl Snapshot,
    project: ProjectId,
    query: &TaskQuery,
) -> Result<Vec<Task>, StoreError> {
    let tasks: Vec<Task> = list(rows, project.as_uuid())?;
    let tasks = tasks.into_iter().filter(|task| query.matches(task));
    Ok(Window::ALL.select(tasks, task_position, Direction::Ascending))
}

pub(super) fn my_tasks(
    rows: &impl Snapshot,
    viewer: &Viewer,
    project: &Project,
    query: &OwnTasksQuery,
) -> Result<MyTasksView, StoreError> {
    let own = TaskQuery { status: query.status, assignee: Some(AssigneeFilter::User(viewer.user)) };
    let limit = usize::try_from(query.tasks_limit.get()).unwrap_or(usize::MAX);
    let all = tasks(rows, project.id, &own)?;
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let first: Result<_, _> =
        all.into_iter().take(limit).map(|task| task_view(rows, task, project)).collect();
    Ok(MyTasksView { project: ProjectRef::from(project), total, tasks: first? })
}
