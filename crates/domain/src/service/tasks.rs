//! Use cases of tasks.

use super::acting::Acting;
use super::error::TaskError;
use super::execution::{Attempt, retry};
use super::precondition::Precondition;
use super::steps::{pick, total};
use crate::event::{SubjectKind, Verb, created, deleted};
use crate::id::{ProjectId, TaskId, UserId};
use crate::key::Caller;
use crate::page::{Page, PageRequest, TaskQuery};
use crate::policy::{Action, Denied, Standing, decide};
use crate::port::{Inserted, MyTasksView, OwnTasksQuery, ProjectRef, StoreError, TaskView, UnitOfWork};
use crate::scope::{Scope, ScopeChoice};
use crate::task::{NewTask, OutlineNumber, Task, TaskPatch, TaskStatus};

impl Acting {
    /// Returns a page of a project's tasks, by position in the outline.
    ///
    /// # Errors
    /// Fails with [`TaskError::Denied`] if the project is hidden from the caller.
    pub async fn list_tasks(
        &self,
        project: ProjectId,
        query: &TaskQuery,
        page: &PageRequest,
    ) -> Result<Page<TaskView>, TaskError> {
        let (views, viewer) = (self.views(), self.caller.viewer());
        let standing = views.project_standing(&viewer, project).await?.ok_or(Denied::Hidden)?;
        decide(Action::ReadTasks, Standing::Project(standing), self.caller.ability)?;
        let rows = views.tasks(&viewer, project, query, &page.window()).await?;
        let total = total(page, &rows, || views.count_tasks(&viewer, project, query)).await?;
        Ok(page.cut(rows, total))
    }

    /// Returns a page of the projects of a scope in which tasks are assigned to the caller, each with the first of those tasks.
    ///
    /// # Errors
    /// Fails with [`TaskError::Denied`] if the caller has no access to the scope.
    pub async fn list_own_tasks(
        &self,
        choice: ScopeChoice,
        query: &OwnTasksQuery,
        page: &PageRequest,
    ) -> Result<Page<MyTasksView>, TaskError> {
        let (views, viewer, scope) = (self.views(), self.caller.viewer(), self.caller.scope(choice));
        let role = views.role_in_scope(&viewer, scope).await?;
        decide(Action::ListOwnTasks, Standing::Scope(role), self.caller.ability)?;
        let rows = views.my_tasks(&viewer, scope, query, &page.window()).await?;
        let total = total(page, &rows, || views.count_my_tasks(&viewer, scope, query)).await?;
        Ok(page.cut(rows, total))
    }

    /// Returns a task.
    ///
    /// # Errors
    /// Fails with [`TaskError::Denied`] if the task is hidden from the caller.
    pub async fn task(&self, id: TaskId) -> Result<TaskView, TaskError> {
        let (task, standing) = self.views().task(&self.caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::ReadTasks, Standing::Project(standing), self.caller.ability)?;
        Ok(task)
    }

    /// Creates a task.
    ///
    /// # Errors
    /// Fails with [`TaskError`]; the variants describe the conditions.
    pub async fn create_task(&self, project: ProjectId, new: NewTask) -> Result<TaskView, TaskError> {
        retry!(self.try_create_task(&self.caller, project, new.clone()))
    }
}

impl<P: Precondition> Acting<P> {
    /// Changes some fields of a task. Writes nothing if no field differs.
    ///
    /// # Errors
    /// Fails with [`TaskError`]; the variants describe the conditions.
    pub async fn update_task(&self, id: TaskId, patch: TaskPatch) -> Result<TaskView, TaskError> {
        retry!(self.try_update_task(&self.caller, id, patch.clone()))
    }

    /// Deletes a task and returns it as it was.
    ///
    /// # Errors
    /// Fails with [`TaskError::Denied`] or [`TaskError::Stale`].
    pub async fn delete_task(&self, id: TaskId) -> Result<Task, TaskError> {
        retry!(self.try_delete_task(&self.caller, id))
    }
}

impl Attempt<'_> {
    async fn try_create_task(
        &self,
        caller: &Caller,
        id: ProjectId,
        new: NewTask,
    ) -> Result<TaskView, TaskError> {
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let (project, standing) = uow.lock_project(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::WriteTasks, Standing::Project(standing), caller.ability)?;
        let scope = project.scope;
        if let Some(assignee) = new.assignee {
            check_assignee(&mut *uow, scope, id, assignee).await?;
        }
        let chosen = new.outline.is_some();
        let outline = match new.outline {
            Some(outline) => {
                outline.judge_choice()?;
                uow.raise_top_number(scope, id, outline.top()).await?;
                outline
            }
            None => next_outline(&mut *uow, scope, id).await?,
        };
        let mut task = Task {
            id: TaskId::from_uuid(self.setup.ports.ids.next()),
            number: uow.next_task_number(scope, id).await?,
            scope,
            project: id,
            outline,
            name: new.name,
            description: new.description,
            status: new.status,
            dates: new.dates,
            assignee: new.assignee,
            created_by: caller.user,
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        while uow.insert_task(&task).await? == Inserted::KeyTaken {
            if chosen {
                return Err(TaskError::OutlineTaken);
            }
            // An earlier version of the program, which did not count numbers, has taken this position; it is skipped.
            task.outline = next_outline(&mut *uow, scope, id).await?;
        }
        let journal = self.journal(caller.actor(), scope, now);
        let fields = created(task.fields());
        journal.note(&mut *uow, Verb::Created, SubjectKind::Task, task.id.as_uuid(), fields).await?;
        let view = with_people(&mut *uow, task, ProjectRef::from(&project)).await?;
        self.commit(uow).await?;
        Ok(view)
    }

    async fn try_update_task(
        &self,
        caller: &Caller,
        id: TaskId,
        patch: TaskPatch,
    ) -> Result<TaskView, TaskError> {
        let viewer = caller.viewer();
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        // The project is locked first, so that no person leaves its roster while being assigned, and no other task takes the position in
        // the outline.
        let project = uow.project_of_task(&viewer, id).await?.ok_or(Denied::Hidden)?;
        let (project, _) = uow.lock_project(&viewer, project).await?.ok_or(Denied::Hidden)?;
        let (mut task, standing) = uow.lock_task(&viewer, id).await?.ok_or(Denied::Hidden)?;
        decide(Action::WriteTasks, Standing::Project(standing), caller.ability)?;
        // A closed task keeps its assignee even after that person has left the roster. A new assignee, or the assignee of a task that is
        // reopened, must be on the roster.
        let reopened = !task.status.is_open() && patch.status.is_some_and(TaskStatus::is_open);
        if let Some(assignee) = patch.assignee.unwrap_or(task.assignee)
            && (reopened || task.assignee != Some(assignee))
        {
            check_assignee(&mut *uow, task.scope, task.project, assignee).await?;
        }
        let revision = task.revision;
        // A client may send back the current number of a task, even one that only the server may choose.
        let chosen = patch.outline.clone().filter(|outline| *outline != task.outline);
        if let Some(outline) = &chosen {
            outline.judge_choice()?;
        }
        let changes = task.apply(patch, now)?;
        let journal = self.journal(caller.actor(), task.scope, now);
        if changes.is_empty() {
            self.check_revision(revision)?;
            return Ok(with_people(&mut *uow, task, ProjectRef::from(&project)).await?);
        }
        if uow.update_task(&task).await? == Inserted::KeyTaken {
            return Err(TaskError::OutlineTaken);
        }
        if let Some(outline) = chosen {
            uow.raise_top_number(task.scope, task.project, outline.top()).await?;
        }
        // Only the write tells whether the position is taken, and the revision is checked after that; a failure here rolls the write
        // back.
        self.check_revision(revision)?;
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Task, id.as_uuid(), changes).await?;
        let view = with_people(&mut *uow, task, ProjectRef::from(&project)).await?;
        self.commit(uow).await?;
        Ok(view)
    }

    async fn try_delete_task(&self, caller: &Caller, id: TaskId) -> Result<Task, TaskError> {
        let mut uow = self.begin_for(caller).await?;
        let (task, standing) = uow.lock_task(&caller.viewer(), id).await?.ok_or(Denied::Hidden)?;
        decide(Action::WriteTasks, Standing::Project(standing), caller.ability)?;
        self.check_revision(task.revision)?;
        uow.delete_task(task.scope, id).await?;
        let journal = self.journal(caller.actor(), task.scope, self.now());
        journal
            .note(&mut *uow, Verb::Deleted, SubjectKind::Task, id.as_uuid(), deleted(task.fields()))
            .await?;
        self.commit(uow).await?;
        Ok(task)
    }
}

/// Returns the next position at the top level. The project must be locked.
async fn next_outline(
    uow: &mut dyn UnitOfWork,
    scope: Scope,
    project: ProjectId,
) -> Result<OutlineNumber, TaskError> {
    let number = uow.next_top_number(scope, project).await?;
    OutlineNumber::at_top(number).ok_or(TaskError::OutlineExhausted)
}

/// Checks that an assignee is on the roster. The project must be locked.
async fn check_assignee(
    uow: &mut dyn UnitOfWork,
    scope: Scope,
    project: ProjectId,
    user: UserId,
) -> Result<(), TaskError> {
    if !uow.memberships(scope, project, &[user]).await?.is_empty() {
        return Ok(());
    }
    let known = !uow.members(scope, &[user]).await?.is_empty();
    Err(if known { TaskError::AssigneeNotOnRoster } else { TaskError::UserNotFound })
}

async fn with_people(
    uow: &mut dyn UnitOfWork,
    task: Task,
    project: ProjectRef,
) -> Result<TaskView, StoreError> {
    let users: Vec<UserId> = task.assignee.into_iter().chain([task.created_by]).collect();
    let members = uow.members(task.scope, &users).await?;
    let creator = pick(&members, task.created_by)?;
    let assignee = task.assignee.map(|user| pick(&members, user)).transpose()?;
    Ok(TaskView { task, project, assignee, creator })
}
