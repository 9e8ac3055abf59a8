//! Tasks, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Inserted, StoreError, TaskRows};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::task::{Task, TaskStatus};
use loggia_sql::{TaskRow, TaskValues, confined_to, one_row, record, scope_key, scope_of_kind, standing};
use uuid::Uuid;

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

record! {
    /// The scope and the project of a task, and the viewer's standing there.
    TaskAccessRow { scope_id: Uuid,
        project_id: Uuid,
        kind: String,
        scope_role: String,
        roster_role: Option<String>,
        visibility: String,
    }
}

#[async_trait]
impl TaskRows for SqliteUnitOfWork {
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError> {
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let number = self.one_value(&fixed!(
            Key,
            r#"UPDATE projects SET next_task_number = next_task_number + 1 WHERE scope_id = ?1 AND id = ?2
               RETURNING next_task_number - 1 AS "number!: i64""#,
            scope_id,
            project_id
        ))?;
        Ok(DisplayNumber::new(number))
    }

    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError> {
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        self.one_value(&fixed!(
            Key,
            r#"UPDATE projects SET next_top_number = next_top_number + 1 WHERE scope_id = ?1 AND id = ?2
               RETURNING next_top_number - 1 AS "number!: i64""#,
            scope_id,
            project_id
        ))
    }

    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError> {
        let (scope_id, project_id, next) = (scope_key(scope), project.as_uuid(), i64::from(number) + 1);
        self.execute(&fixed!(
            Key,
            "UPDATE projects SET next_top_number = ?3 WHERE scope_id = ?1 AND id = ?2 AND next_top_number < ?3",
            scope_id,
            project_id,
            next
        ))?;
        Ok(())
    }

    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        let values = TaskValues::new(task)?;
        let result = self.execute(&fixed!(
            Key,
            "INSERT INTO tasks (scope_id, id, project_id, number, outline, name, description, status, start_date, end_date,
                 assignee_id, created_by, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (scope_id, project_id, outline) DO NOTHING",
            values.scope_id,
            values.id,
            values.project_id,
            values.number,
            values.outline,
            values.name,
            values.description,
            values.status,
            values.start_date,
            values.end_date,
            values.assignee_id,
            values.created_by,
            values.created_at,
            values.updated_at,
            values.revision
        ))?;
        Ok(if result == 0 { Inserted::KeyTaken } else { Inserted::Yes })
    }

    async fn project_of_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<ProjectId>, StoreError> {
        let (id, user_id, confined_to) = (id.as_uuid(), viewer.user.as_uuid(), confined_to(viewer));
        let readmissions = viewer.readmissions.get();
        let project = self.value(&fixed!(
            Key,
            r#"SELECT t.project_id
               FROM tasks t JOIN members me ON me.scope_id = t.scope_id AND me.user_id = ?2 AND me.active = 1
                       AND me.readmissions <= ?4
               WHERE t.id = ?1 AND (?3 IS NULL OR t.scope_id = ?3)"#,
            id,
            user_id,
            confined_to,
            readmissions
        ))?;
        Ok(project.map(ProjectId::from_uuid))
    }

    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError> {
        let (id, user_id, confined_to) = (id.as_uuid(), viewer.user.as_uuid(), confined_to(viewer));
        let readmissions = viewer.readmissions.get();
        let access = self.record::<TaskAccessRow>(&fixed!(
            Key,
            r#"SELECT p.scope_id, p.id AS project_id, sc.kind, me.role AS scope_role,
                   pm.role AS "roster_role?", p.visibility
               FROM tasks t
                   JOIN projects p ON p.scope_id = t.scope_id AND p.id = t.project_id
                   JOIN scopes sc ON sc.id = p.scope_id
                   JOIN members me ON me.scope_id = p.scope_id AND me.user_id = ?2 AND me.active = 1
                       AND me.readmissions <= ?4
                   LEFT JOIN project_members pm
                       ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id
               WHERE t.id = ?1 AND (?3 IS NULL OR t.scope_id = ?3)"#,
            id,
            user_id,
            confined_to,
            readmissions
        ))?;
        let Some(access) = access else { return Ok(None) };
        let row = self.one_record::<TaskRow>(&fixed!(
            Key,
            r#"SELECT id, project_id, number, outline, name, description, status,
                   start_date, end_date, assignee_id, created_by,
                   created_at, updated_at, revision
               FROM tasks WHERE scope_id = ?1 AND id = ?2"#,
            access.scope_id,
            id
        ))?;
        let task = row.decode(scope_of_kind(access.scope_id, &access.kind)?)?;
        let roster_role = access.roster_role.as_deref();
        let standing =
            standing(user_id, access.project_id, &access.scope_role, roster_role, &access.visibility)?;
        Ok(Some((task, standing)))
    }

    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        let values = TaskValues::new(task)?;
        // There is no other writer, so an outline number that is free now stays free.
        let taken = self.one_value(&fixed!(
            Key,
            r#"SELECT EXISTS (SELECT 1 FROM tasks
                   WHERE scope_id = ?1 AND project_id = ?2 AND outline = ?3 AND id <> ?4) AS "taken!: bool""#,
            values.scope_id,
            values.project_id,
            values.outline,
            values.id
        ))?;
        if taken {
            return Ok(Inserted::KeyTaken);
        }
        let result = self.execute(&fixed!(
            Key,
            "UPDATE tasks SET outline = ?3, name = ?4, description = ?5, status = ?6, start_date = ?7, end_date = ?8,
                 assignee_id = ?9, updated_at = ?10, revision = ?11
             WHERE scope_id = ?1 AND id = ?2",
            values.scope_id,
            values.id,
            values.outline,
            values.name,
            values.description,
            values.status,
            values.start_date,
            values.end_date,
            values.assignee_id,
            values.updated_at,
            values.revision
        ))?;
        one_row("update_task", result)?;
        Ok(Inserted::Yes)
    }

    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError> {
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        let result =
            self.execute(&fixed!(Key, "DELETE FROM tasks WHERE scope_id = ?1 AND id = ?2", scope_id, id))?;
        one_row("delete_task", result)
    }

    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError> {
        let (scope_id, user_id, at) = (scope_key(scope), user.as_uuid(), at.micros());
        let project_id = project.map(ProjectId::as_uuid);
        // The domain defines which statuses are open.
        let open: Vec<String> =
            TaskStatus::ALL.iter().filter(|it| it.is_open()).map(|it| format!("\"{it}\"")).collect();
        let open = format!("[{}]", open.join(","));
        let mut ids = self.values(&fixed!(
            None,
            r#"UPDATE tasks SET assignee_id = NULL, updated_at = ?4, revision = revision + 1
               WHERE scope_id = ?1 AND assignee_id = ?2 AND (?3 IS NULL OR project_id = ?3)
                   AND status IN (SELECT value FROM json_each(?5))
               RETURNING id"#,
            scope_id,
            user_id,
            project_id,
            at,
            open
        ))?;
        // RETURNING guarantees no order.
        ids.sort_unstable();
        Ok(ids.into_iter().map(TaskId::from_uuid).collect())
    }
}
