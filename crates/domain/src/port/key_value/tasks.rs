//! A unit of work on records: tasks.

use async_trait::async_trait;

use super::people::{next, update};
use super::seen::{self, list};
use super::work::{delete_all, ensure_in, ensure_known, is_in, projects};
use super::{Counter, Workspace, ensure};
use crate::id::{DisplayNumber, ProjectId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::policy::ProjectStanding;
use crate::port::{Inserted, StoreError, TaskRows};
use crate::scope::{Scope, Viewer};
use crate::task::Task;

/// Fails unless the people of a task have memberships of the scope. Returns `true` if another task has its position in the outline.
fn is_taken(work: &impl Workspace, task: &Task) -> Result<bool, StoreError> {
    ensure_known(work, task.scope, task.created_by)?;
    task.assignee.map_or(Ok(()), |user| ensure_known(work, task.scope, user))?;
    let others: Vec<Task> = list(work, task.project.as_uuid())?;
    Ok(others.iter().any(|other| other.outline == task.outline && other.id != task.id))
}

#[async_trait]
impl<W: Workspace> TaskRows for W {
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError> {
        ensure_in(self, scope, project)?;
        next(self, project.as_uuid(), Counter::Tasks)
    }

    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError> {
        ensure_in(self, scope, project)?;
        next(self, project.as_uuid(), Counter::Outline).map(DisplayNumber::get)
    }

    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError> {
        if !is_in(self, scope, project)? {
            return Ok(());
        }
        let last = self.counter(project.as_uuid(), Counter::Outline)?;
        self.put_counter(project.as_uuid(), Counter::Outline, last.max(number.into()))
    }

    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        ensure_in(self, task.scope, task.project)?;
        if is_taken(self, task)? {
            return Ok(Inserted::KeyTaken);
        }
        self.put(task)?;
        Ok(Inserted::Yes)
    }

    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError> {
        seen::task(self, viewer, id)
    }

    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        if is_taken(self, task)? {
            return Ok(Inserted::KeyTaken);
        }
        update(self, task, |old| {
            let (number, created_by, created_at) = (old.number, old.created_by, old.created_at);
            Task { number, created_by, created_at, ..task.clone() }
        })?;
        Ok(Inserted::Yes)
    }

    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError> {
        let mut found: Vec<Task> = self.with_id(id.as_uuid())?;
        found.retain(|task| task.scope == scope);
        ensure(!found.is_empty(), "a task that is deleted exists")?;
        delete_all(self, &found)
    }

    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError> {
        let mut changed = Vec::new();
        let projects = projects(self, scope)?.into_iter().map(|project| project.id);
        for id in projects.filter(|id| project.is_none_or(|project| project == *id)) {
            let tasks: Vec<Task> = list(self, id.as_uuid())?;
            for task in tasks.into_iter().filter(|it| it.assignee == Some(user) && it.status.is_open()) {
                changed.push(task.id);
                self.put(&Task { assignee: None, updated_at: at, revision: task.revision + 1, ..task })?;
            }
        }
        changed.sort_unstable();
        Ok(changed)
    }
}
