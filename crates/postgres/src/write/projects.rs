//! Projects, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectRows, StoreError};
use loggia_domain::project::Project;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{ProjectRow, ProjectValues, confined_to, one_row, scope_key, scope_of, standing};
use uuid::Uuid;

use crate::tenancy::context::Record;
use crate::write::unit_of_work::{PostgresUnitOfWork, find_record};

#[async_trait]
impl ProjectRows for PostgresUnitOfWork {
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        self.enter(scope).await?;
        let scope_id = scope_key(scope);
        let number = sqlx::query_scalar!(
            r#"UPDATE scopes SET next_project_number = next_project_number + 1 WHERE id = $1
               RETURNING next_project_number - 1 AS "number!""#,
            scope_id
        )
        .fetch_one(self.connection())
        .await;
        let number = self.check(number).await?;
        Ok(DisplayNumber::new(number))
    }

    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError> {
        self.enter(project.scope).await?;
        let values = ProjectValues::new(project)?;
        let done = sqlx::query!(
            "INSERT INTO projects (scope_id, id, number, name, name_key, description, start_date, end_date, visibility,
                 created_by, created_at, updated_at, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            values.scope_id,
            values.id,
            values.number,
            values.name,
            values.name_key,
            values.description,
            values.start_date,
            values.end_date,
            values.visibility,
            values.created_by,
            values.created_at,
            values.updated_at,
            values.revision
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        let (record, user_id, confined_to) =
            (Record::Project(id), viewer.user.as_uuid(), confined_to(viewer));
        let id = id.as_uuid();
        let locked = find_record!(
            self,
            viewer,
            record,
            sqlx::query_scalar!(
                "SELECT p.scope_id
                 FROM projects p WHERE p.id = $1 AND ($3::uuid IS NULL OR p.scope_id = $3)
                     AND (SELECT me.active AND me.readmissions <= $4
                         FROM members me WHERE me.scope_id = p.scope_id AND me.user_id = $2) FOR NO KEY UPDATE",
                id,
                user_id,
                confined_to,
                viewer.readmissions.get()
            )
        );
        match locked {
            None => Ok(None),
            Some(scope_id) => self.load_project(scope_id, id, viewer).await,
        }
    }

    async fn hold_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        let (record, user_id, confined_to) =
            (Record::Project(id), viewer.user.as_uuid(), confined_to(viewer));
        let id = id.as_uuid();
        let held = find_record!(
            self,
            viewer,
            record,
            sqlx::query_scalar!(
                "SELECT p.scope_id
                 FROM projects p WHERE p.id = $1 AND ($3::uuid IS NULL OR p.scope_id = $3)
                     AND (SELECT me.active AND me.readmissions <= $4
                         FROM members me WHERE me.scope_id = p.scope_id AND me.user_id = $2) FOR SHARE",
                id,
                user_id,
                confined_to,
                viewer.readmissions.get()
            )
        );
        match held {
            None => Ok(None),
            Some(scope_id) => self.load_project(scope_id, id, viewer).await,
        }
    }

    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError> {
        self.enter(project.scope).await?;
        let values = ProjectValues::new(project)?;
        let result = sqlx::query!(
            "UPDATE projects SET name = $3, name_key = $4, description = $5, start_date = $6, end_date = $7,
                 visibility = $8, updated_at = $9, revision = $10
             WHERE scope_id = $1 AND id = $2",
            values.scope_id,
            values.id,
            values.name,
            values.name_key,
            values.description,
            values.start_date,
            values.end_date,
            values.visibility,
            values.updated_at,
            values.revision
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_project", result.rows_affected())
    }

    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        // The foreign keys cascade to the roster and the tasks, and refuse the deletion if a space still refers to the project.
        let result = sqlx::query!("DELETE FROM projects WHERE scope_id = $1 AND id = $2", scope_id, id)
            .execute(self.connection())
            .await;
        let result = self.check(result).await?;
        one_row("delete_project", result.rows_affected())
    }
}

impl PostgresUnitOfWork {
    /// Reads a project that is locked or held, and the viewer's current standing in it.
    async fn load_project(
        &mut self,
        scope_id: Uuid,
        id: Uuid,
        viewer: &Viewer,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        let user_id = viewer.user.as_uuid();
        let found = sqlx::query!(
            r#"SELECT p.id, p.number, p.name, p.description, p.start_date, p.end_date, p.visibility, p.created_by,
                   p.created_at, p.updated_at, p.revision, me.role AS scope_role, pm.role AS "roster_role?"
               FROM projects p
                   JOIN members me ON me.scope_id = p.scope_id AND me.user_id = $3 AND me.active
                       AND me.readmissions <= $4
                   LEFT JOIN project_members pm
                       ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id
               WHERE p.scope_id = $1 AND p.id = $2"#,
            scope_id,
            id,
            user_id,
            viewer.readmissions.get()
        )
        .fetch_optional(self.connection())
        .await;
        let Some(found) = self.check(found).await? else { return Ok(None) };
        let standing =
            standing(user_id, id, &found.scope_role, found.roster_role.as_deref(), &found.visibility)?;
        let row = ProjectRow {
            id: found.id,
            number: found.number,
            name: found.name,
            description: found.description,
            start_date: found.start_date,
            end_date: found.end_date,
            visibility: found.visibility,
            created_by: found.created_by,
            created_at: found.created_at,
            updated_at: found.updated_at,
            revision: found.revision,
        };
        Ok(Some((row.decode(scope_of(user_id, scope_id))?, standing)))
    }
}
