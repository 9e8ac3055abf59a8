//! Reads of tasks.

use loggia_domain::id::ProjectId;
use loggia_domain::page::{AssigneeFilter, Direction, TaskQuery, Window, numbered_position, task_position};
use loggia_domain::port::{MyTasksView, OwnTasksQuery, ProjectRef, StoreError, TaskView};
use loggia_domain::project::Project;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::task::Task;

use super::tables::Tables;

impl Tables {
    pub(super) fn task_view(&self, task: &Task, project: &Project) -> Result<TaskView, StoreError> {
        let assignee = task.assignee.map(|user| self.member(task.scope, user)).transpose()?;
        let creator = self.member(task.scope, task.created_by)?;
        Ok(TaskView { task: task.clone(), project: ProjectRef::from(project), assignee, creator })
    }

    /// Returns a project's tasks that match the query, by position in the outline; none if the viewer is not an active member of its
    /// scope.
    pub(super) fn tasks_in(&self, viewer: &Viewer, id: ProjectId, query: &TaskQuery) -> Vec<Task> {
        if self.project_for(viewer, id).is_none() {
            return Vec::new();
        }
        self.tasks_of(id).filter(|task| query.matches(task)).cloned().collect()
    }

    pub(super) fn tasks_page(
        &self,
        viewer: &Viewer,
        id: ProjectId,
        query: &TaskQuery,
        part: &Window,
    ) -> Result<Vec<TaskView>, StoreError> {
        let Some((project, _)) = self.project_for(viewer, id) else { return Ok(Vec::new()) };
        let tasks = part.select(self.tasks_in(viewer, id, query), task_position, Direction::Ascending);
        tasks.iter().map(|task| self.task_view(task, project)).collect()
    }

    /// Returns the projects that the viewer sees and in which tasks are assigned to the viewer, each with these tasks by position in the
    /// outline. The projects are in no particular order.
    pub(super) fn own_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Vec<(&Project, Vec<Task>)> {
        let own = TaskQuery { status: query.status, assignee: Some(AssigneeFilter::User(viewer.user)) };
        let projects = self.projects_seen(viewer, scope);
        let groups = projects.map(|project| (project, self.tasks_in(viewer, project.id, &own)));
        groups.filter(|(_, tasks)| !tasks.is_empty()).collect()
    }

    pub(super) fn own_tasks_page(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        part: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError> {
        let position =
            |group: &(&Project, Vec<Task>)| numbered_position(group.0.number, group.0.id.as_uuid());
        let groups = part.select(self.own_tasks(viewer, scope, query), position, Direction::Ascending);
        let limit = usize::try_from(query.tasks_limit.get()).unwrap_or(usize::MAX);
        let view = |(project, tasks): (&Project, Vec<Task>)| {
            let first: Result<_, _> =
                tasks.iter().take(limit).map(|task| self.task_view(task, project)).collect();
            Ok(MyTasksView {
                project: ProjectRef::from(project),
                total: u64::try_from(tasks.len()).unwrap_or(u64::MAX),
                tasks: first?,
            })
        };
        groups.into_iter().map(view).collect()
    }
}
