//! Tasks, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{Inserted, StoreError, TaskRows};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::task::{Task, TaskStatus};
use loggia_sql::{TaskRow, TaskValues, confined_to, one_row, scope_key, scope_of, standing};

use crate::tenancy::context::Record;
use crate::write::unit_of_work::{PostgresUnitOfWork, find_record};

#[async_trait]
impl TaskRows for PostgresUnitOfWork {
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let number = sqlx::query_scalar!(
            r#"UPDATE projects SET next_task_number = next_task_number + 1 WHERE scope_id = $1 AND id = $2
               RETURNING next_task_number - 1 AS "number!""#,
            scope_id,
            project_id
        )
        .fetch_one(self.connection())
        .await;
        let number = self.check(number).await?;
        Ok(DisplayNumber::new(number))
    }

    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let number = sqlx::query_scalar!(
            r#"UPDATE projects SET next_top_number = next_top_number + 1 WHERE scope_id = $1 AND id = $2
               RETURNING next_top_number - 1 AS "number!""#,
            scope_id,
            project_id
        )
        .fetch_one(self.connection())
        .await;
        self.check(number).await
    }

    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id, next) = (scope_key(scope), project.as_uuid(), i64::from(number) + 1);
        let done = sqlx::query!(
            "UPDATE projects SET next_top_number = $3 WHERE scope_id = $1 AND id = $2 AND next_top_number < $3",
            scope_id,
            project_id,
            next
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        self.enter(task.scope).await?;
        let values = TaskValues::new(task)?;
        let result = sqlx::query!(
            "INSERT INTO tasks (scope_id, id, project_id, number, outline, name, description, status, start_date, end_date,
                 assignee_id, created_by, created_at, updated_at, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
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
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        Ok(if result.rows_affected() == 0 { Inserted::KeyTaken } else { Inserted::Yes })
    }

    async fn project_of_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<ProjectId>, StoreError> {
        let (record, user_id, confined_to) = (Record::Task(id), viewer.user.as_uuid(), confined_to(viewer));
        let id = id.as_uuid();
        let project = find_record!(
            self,
            viewer,
            record,
            sqlx::query_scalar!(
                "SELECT t.project_id
                 FROM tasks t WHERE t.id = $1 AND ($3::uuid IS NULL OR t.scope_id = $3)
                     AND (SELECT me.active AND me.readmissions <= $4
                         FROM members me WHERE me.scope_id = t.scope_id AND me.user_id = $2)",
                id,
                user_id,
                confined_to,
                viewer.readmissions.get()
            )
        );
        Ok(project.map(ProjectId::from_uuid))
    }

    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError> {
        let (record, user_id, confined_to) = (Record::Task(id), viewer.user.as_uuid(), confined_to(viewer));
        let id = id.as_uuid();
        let locked = find_record!(
            self,
            viewer,
            record,
            sqlx::query_scalar!(
                "SELECT t.scope_id
                 FROM tasks t WHERE t.id = $1 AND ($3::uuid IS NULL OR t.scope_id = $3)
                     AND (SELECT me.active AND me.readmissions <= $4
                         FROM members me WHERE me.scope_id = t.scope_id AND me.user_id = $2) FOR NO KEY UPDATE",
                id,
                user_id,
                confined_to,
                viewer.readmissions.get()
            )
        );
        let Some(scope_id) = locked else { return Ok(None) };
        let found = sqlx::query!(
            r#"SELECT t.id, t.project_id, t.number, t.outline, t.name, t.description, t.status, t.start_date, t.end_date,
                   t.assignee_id, t.created_by, t.created_at, t.updated_at, t.revision,
                   me.role AS scope_role, pm.role AS "roster_role?", p.visibility
               FROM tasks t
                   JOIN projects p ON p.scope_id = t.scope_id AND p.id = t.project_id
                   JOIN members me ON me.scope_id = p.scope_id AND me.user_id = $3 AND me.active
                       AND me.readmissions <= $4
                   LEFT JOIN project_members pm
                       ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id
               WHERE t.scope_id = $1 AND t.id = $2"#,
            scope_id,
            id,
            user_id,
            viewer.readmissions.get()
        )
        .fetch_optional(self.connection())
        .await;
        let Some(found) = self.check(found).await? else { return Ok(None) };
        let roster_role = found.roster_role.as_deref();
        let standing =
            standing(user_id, found.project_id, &found.scope_role, roster_role, &found.visibility)?;
        let row = TaskRow {
            id: found.id,
            project_id: found.project_id,
            number: found.number,
            outline: found.outline,
            name: found.name,
            description: found.description,
            status: found.status,
            start_date: found.start_date,
            end_date: found.end_date,
            assignee_id: found.assignee_id,
            created_by: found.created_by,
            created_at: found.created_at,
            updated_at: found.updated_at,
            revision: found.revision,
        };
        Ok(Some((row.decode(scope_of(user_id, scope_id))?, standing)))
    }

    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError> {
        self.enter(task.scope).await?;
        let values = TaskValues::new(task)?;
        // The project is locked, so an outline number that is free now stays free.
        let taken = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM tasks
                   WHERE scope_id = $1 AND project_id = $2 AND outline = $3 AND id <> $4) AS "taken!""#,
            values.scope_id,
            values.project_id,
            values.outline,
            values.id
        )
        .fetch_one(self.connection())
        .await;
        let taken = self.check(taken).await?;
        if taken {
            return Ok(Inserted::KeyTaken);
        }
        let result = sqlx::query!(
            "UPDATE tasks SET outline = $3, name = $4, description = $5, status = $6, start_date = $7, end_date = $8,
                 assignee_id = $9, updated_at = $10, revision = $11
             WHERE scope_id = $1 AND id = $2",
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
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_task", result.rows_affected())?;
        Ok(Inserted::Yes)
    }

    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        let result = sqlx::query!("DELETE FROM tasks WHERE scope_id = $1 AND id = $2", scope_id, id)
            .execute(self.connection())
            .await;
        let result = self.check(result).await?;
        one_row("delete_task", result.rows_affected())
    }

    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError> {
        self.enter(scope).await?;
        let (scope_id, user_id, at) = (scope_key(scope), user.as_uuid(), at.micros());
        let project_id = project.map(ProjectId::as_uuid);
        // The domain defines which statuses are open.
        let open: Vec<String> =
            TaskStatus::ALL.iter().filter(|it| it.is_open()).map(ToString::to_string).collect();
        let ids = sqlx::query_scalar!(
            r#"UPDATE tasks SET assignee_id = NULL, updated_at = $4, revision = revision + 1
               WHERE scope_id = $1 AND assignee_id = $2 AND ($3::uuid IS NULL OR project_id = $3)
                   AND status = ANY($5)
               RETURNING id"#,
            scope_id,
            user_id,
            project_id,
            at,
            &open
        )
        .fetch_all(self.connection())
        .await;
        let mut ids = self.check(ids).await?;
        // RETURNING guarantees no order.
        ids.sort_unstable();
        Ok(ids.into_iter().map(TaskId::from_uuid).collect())
    }
}
