//! Projects, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, ProjectId};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{ProjectRows, StoreError};
use loggia_domain::project::Project;
use loggia_domain::scope::{Scope, Viewer};
use loggia_sql::{
    ProjectRow, ProjectValues, confined_to, one_row, record, scope_key, scope_of_kind, standing,
};
use uuid::Uuid;

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

record! {
    /// The scope of a project, and the viewer's standing there.
    ProjectAccessRow { scope_id: Uuid, kind: String, scope_role: String, roster_role: Option<String>, visibility: String }
}

#[async_trait]
impl ProjectRows for SqliteUnitOfWork {
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError> {
        let scope_id = scope_key(scope);
        let number = self.one_value(&fixed!(
            Key,
            r#"UPDATE scopes SET next_project_number = next_project_number + 1 WHERE id = ?1
               RETURNING next_project_number - 1 AS "number!: i64""#,
            scope_id
        ))?;
        Ok(DisplayNumber::new(number))
    }

    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError> {
        let values = ProjectValues::new(project)?;
        self.execute(&fixed!(
            Key,
            "INSERT INTO projects (scope_id, id, number, name, name_key, description, start_date, end_date, visibility,
                 created_by, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
        ))?;
        Ok(())
    }

    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        let (id, user_id, confined_to) = (id.as_uuid(), viewer.user.as_uuid(), confined_to(viewer));
        let readmissions = viewer.readmissions.get();
        let access = self.record::<ProjectAccessRow>(&fixed!(
            Key,
            r#"SELECT p.scope_id, sc.kind, me.role AS scope_role, pm.role AS "roster_role?",
                   p.visibility
               FROM projects p
                   JOIN scopes sc ON sc.id = p.scope_id
                   JOIN members me ON me.scope_id = p.scope_id AND me.user_id = ?2 AND me.active = 1
                       AND me.readmissions <= ?4
                   LEFT JOIN project_members pm
                       ON pm.scope_id = p.scope_id AND pm.project_id = p.id AND pm.user_id = me.user_id
               WHERE p.id = ?1 AND (?3 IS NULL OR p.scope_id = ?3)"#,
            id,
            user_id,
            confined_to,
            readmissions
        ))?;
        let Some(access) = access else { return Ok(None) };
        let row = self.one_record::<ProjectRow>(&fixed!(
            Key,
            r#"SELECT id, number, name, description, start_date, end_date, visibility,
                   created_by, created_at, updated_at, revision
               FROM projects WHERE scope_id = ?1 AND id = ?2"#,
            access.scope_id,
            id
        ))?;
        let project = row.decode(scope_of_kind(access.scope_id, &access.kind)?)?;
        let standing =
            standing(user_id, id, &access.scope_role, access.roster_role.as_deref(), &access.visibility)?;
        Ok(Some((project, standing)))
    }

    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError> {
        let values = ProjectValues::new(project)?;
        // A change of visibility also changes the totals of every user on the roster.
        let result = self.execute(&fixed!(
            None,
            "UPDATE projects SET name = ?3, name_key = ?4, description = ?5, start_date = ?6, end_date = ?7,
                 visibility = ?8, updated_at = ?9, revision = ?10
             WHERE scope_id = ?1 AND id = ?2",
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
        ))?;
        one_row("update_project", result)
    }

    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError> {
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        // The foreign keys cascade to the roster and the tasks, and refuse the deletion if a space still refers to the project.
        let result = self.execute(&fixed!(
            None,
            "DELETE FROM projects WHERE scope_id = ?1 AND id = ?2",
            scope_id,
            id
        ))?;
        one_row("delete_project", result)
    }
}
