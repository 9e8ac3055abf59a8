//! Spaces, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{SpaceRows, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::space::Space;
use loggia_sql::{SpaceRow, SpaceValues, confined_to, one_row, scope_key, scope_of, scope_role};

use crate::tenancy::context::Record;
use crate::write::unit_of_work::{PostgresUnitOfWork, find_record};

#[async_trait]
impl SpaceRows for PostgresUnitOfWork {
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError> {
        self.enter(space.scope).await?;
        let values = SpaceValues::new(space)?;
        let done = sqlx::query!(
            "INSERT INTO spaces (scope_id, id, name, name_key, description, project_id, status, priority, strength,
                 created_by, created_at, updated_at, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            values.scope_id,
            values.id,
            values.name,
            values.name_key,
            values.description,
            values.project_id,
            values.status,
            values.priority,
            values.strength,
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

    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError> {
        let (record, user_id, confined_to) = (Record::Space(id), viewer.user.as_uuid(), confined_to(viewer));
        let id = id.as_uuid();
        let locked = find_record!(
            self,
            viewer,
            record,
            sqlx::query_scalar!(
                "SELECT s.scope_id
                 FROM spaces s WHERE s.id = $1 AND ($3::uuid IS NULL OR s.scope_id = $3)
                     AND (SELECT me.active AND me.readmissions <= $4
                         FROM members me WHERE me.scope_id = s.scope_id AND me.user_id = $2) FOR NO KEY UPDATE",
                id,
                user_id,
                confined_to,
                viewer.readmissions.get()
            )
        );
        let Some(scope_id) = locked else { return Ok(None) };
        let found = sqlx::query!(
            "SELECT s.id, s.name, s.description, s.project_id, s.status, s.priority, s.strength, s.created_by,
                 s.created_at, s.updated_at, s.revision, me.role
             FROM spaces s
                 JOIN members me ON me.scope_id = s.scope_id AND me.user_id = $3 AND me.active
                       AND me.readmissions <= $4
             WHERE s.scope_id = $1 AND s.id = $2",
            scope_id,
            id,
            user_id,
            viewer.readmissions.get()
        )
        .fetch_optional(self.connection())
        .await;
        let Some(found) = self.check(found).await? else { return Ok(None) };
        let row = SpaceRow {
            id: found.id,
            name: found.name,
            description: found.description,
            project_id: found.project_id,
            status: found.status,
            priority: found.priority,
            strength: found.strength,
            created_by: found.created_by,
            created_at: found.created_at,
            updated_at: found.updated_at,
            revision: found.revision,
        };
        let space = row.decode(scope_of(user_id, scope_id))?;
        Ok(Some((space, scope_role(&found.role, user_id)?)))
    }

    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError> {
        self.enter(space.scope).await?;
        let values = SpaceValues::new(space)?;
        let result = sqlx::query!(
            "UPDATE spaces SET name = $3, name_key = $4, description = $5, project_id = $6, status = $7, priority = $8,
                 strength = $9, updated_at = $10, revision = $11
             WHERE scope_id = $1 AND id = $2",
            values.scope_id,
            values.id,
            values.name,
            values.name_key,
            values.description,
            values.project_id,
            values.status,
            values.priority,
            values.strength,
            values.updated_at,
            values.revision
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_space", result.rows_affected())
    }

    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        let result = sqlx::query!("DELETE FROM spaces WHERE scope_id = $1 AND id = $2", scope_id, id)
            .execute(self.connection())
            .await;
        let result = self.check(result).await?;
        one_row("delete_space", result.rows_affected())
    }

    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id, at) = (scope_key(scope), project.as_uuid(), at.micros());
        let ids = sqlx::query_scalar!(
            r#"UPDATE spaces SET project_id = NULL, updated_at = $3, revision = revision + 1
               WHERE scope_id = $1 AND project_id = $2 RETURNING id"#,
            scope_id,
            project_id,
            at
        )
        .fetch_all(self.connection())
        .await;
        let mut ids = self.check(ids).await?;
        // RETURNING guarantees no order.
        ids.sort_unstable();
        Ok(ids.into_iter().map(SpaceId::from_uuid).collect())
    }
}
