//! Tasks.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Inserted, StoreError, TaskRows};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::task::Task;

use super::tables::Tables;
use super::unit::{MemoryUnit, broken, ensure};

impl Tables {
    /// Returns a task in a scope of which the viewer is an active member, and the viewer's standing towards its project.
    pub(super) fn task_for(&self, viewer: &Viewer, id: TaskId) -> Option<(&Task, ProjectStanding)> {
        let task = self.tasks.get(&id)?;
        let (_, standing) = self.project_for(viewer, task.project)?;
        Some((task, standing))
    }

    fn sound_people(&self, task: &Task) -> Result<(), StoreError> {
        let known = |user: UserId| self.members.contains(&(task.scope, user));
        ensure(known(task.created_by), "a creator is a member of the scope")?;
        ensure(task.assignee.is_none_or(known), "an assignee is a member of the scope")
    }

    fn is_taken(&self, task: &Task) -> bool {
        let holder = self.outlines.get(&task.project).and_then(|positions| positions.get(&task.outline));
        holder.is_some_and(|holder| *holder != task.id)
    }
}

#[async_trait]
impl TaskRows for MemoryUnit {
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError> {
        let row = self.tables.projects.get_mut(&project).filter(|row| row.project.scope == scope);
        let row = row.ok_or(broken("no such project in the scope"))?;
        row.tasks += 1;
        Ok(DisplayNumber::new(row.tasks))
    }

    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError> {
        let row = self.tables.projects.get_mut(&project).filter(|row| row.project.scope == scope);
        let row = row.ok_or(broken("no such project in the scope"))?;
        row.top += 1;
        Ok(row.top)
    }

    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.tables.projects.get_mut(&project).filter(|row| row.project.scope == scope) {
            row.top = row.top.max(number.into());
        }
        Ok(())
    }

    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        let project = self.tables.project_in(task.scope, task.project);
        ensure(project.is_some(), "no such project in the scope")?;
        ensure(!self.tables.tasks.contains(&task.id), "task ids are unique")?;
        self.tables.sound_people(task)?;
        if self.tables.is_taken(task) {
            return Ok(Inserted::KeyTaken);
        }
        self.tables.outlines.entry(task.project).insert(task.outline.clone(), task.id);
        self.tables.tasks.insert(task.id, task.clone());
        Ok(Inserted::Yes)
    }

    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError> {
        Ok(self.tables.task_for(viewer, id).map(|(task, standing)| (task.clone(), standing)))
    }

    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        self.tables.sound_people(task)?;
        if self.tables.is_taken(task) {
            return Ok(Inserted::KeyTaken);
        }
        let row = self
            .tables
            .tasks
            .get_mut(&task.id)
            .filter(|row| (row.scope, row.project) == (task.scope, task.project));
        let row = row.ok_or(broken("no such task in the project"))?;
        let left = row.outline.clone();
        *row = Task {
            number: row.number,
            created_by: row.created_by,
            created_at: row.created_at,
            ..task.clone()
        };
        let positions = self.tables.outlines.entry(task.project);
        positions.remove(&left);
        positions.insert(task.outline.clone(), task.id);
        Ok(Inserted::Yes)
    }

    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError> {
        let found = self.tables.tasks.get(&id).filter(|task| task.scope == scope);
        let task = found.cloned().ok_or(broken("no such task in the scope"))?;
        self.tables.outlines.entry(task.project).remove(&task.outline);
        self.tables.tasks.remove(&id);
        Ok(())
    }

    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError> {
        let leaves = |task: &&Task| {
            task.scope == scope
                && project.is_none_or(|project| task.project == project)
                && task.assignee == Some(user)
                && task.status.is_open()
        };
        let ids: Vec<TaskId> = self.tables.tasks.values().filter(leaves).map(|task| task.id).collect();
        for id in &ids {
            if let Some(task) = self.tables.tasks.get_mut(id) {
                task.assignee = None;
                task.updated_at = at;
                task.revision += 1;
            }
        }
        Ok(ids)
    }
}
