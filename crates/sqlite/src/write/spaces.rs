//! Spaces, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::instant::Timestamp;
use loggia_domain::port::{SpaceRows, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::space::Space;
use loggia_sql::{SpaceRow, SpaceValues, confined_to, one_row, record, scope_key, scope_of_kind, scope_role};
use uuid::Uuid;

use crate::statement::fixed;
use crate::write::unit_of_work::SqliteUnitOfWork;

record! {
    /// The scope of a space, and the viewer's role there.
    SpaceAccessRow { scope_id: Uuid, kind: String, role: String }
}

#[async_trait]
impl SpaceRows for SqliteUnitOfWork {
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError> {
        let values = SpaceValues::new(space)?;
        self.execute(&fixed!(
            Key,
            "INSERT INTO spaces (scope_id, id, name, name_key, description, project_id, status, priority, strength,
                 created_by, created_at, updated_at, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
        ))?;
        Ok(())
    }

    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError> {
        let (id, user_id, confined_to) = (id.as_uuid(), viewer.user.as_uuid(), confined_to(viewer));
        let readmissions = viewer.readmissions.get();
        let access = self.record::<SpaceAccessRow>(&fixed!(
            Key,
            r#"SELECT s.scope_id, sc.kind, me.role
               FROM spaces s
                   JOIN scopes sc ON sc.id = s.scope_id
                   JOIN members me ON me.scope_id = s.scope_id AND me.user_id = ?2 AND me.active = 1
                       AND me.readmissions <= ?4
               WHERE s.id = ?1 AND (?3 IS NULL OR s.scope_id = ?3)"#,
            id,
            user_id,
            confined_to,
            readmissions
        ))?;
        let Some(access) = access else { return Ok(None) };
        let row = self.one_record::<SpaceRow>(&fixed!(
            Key,
            r#"SELECT id, name, description, project_id, status, priority,
                   strength, created_by, created_at, updated_at, revision
               FROM spaces WHERE scope_id = ?1 AND id = ?2"#,
            access.scope_id,
            id
        ))?;
        let space = row.decode(scope_of_kind(access.scope_id, &access.kind)?)?;
        Ok(Some((space, scope_role(&access.role, user_id)?)))
    }

    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError> {
        let values = SpaceValues::new(space)?;
        let result = self.execute(&fixed!(
            Key,
            "UPDATE spaces SET name = ?3, name_key = ?4, description = ?5, project_id = ?6, status = ?7, priority = ?8,
                 strength = ?9, updated_at = ?10, revision = ?11
             WHERE scope_id = ?1 AND id = ?2",
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
        ))?;
        one_row("update_space", result)
    }

    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError> {
        let (scope_id, id) = (scope_key(scope), id.as_uuid());
        let result =
            self.execute(&fixed!(Key, "DELETE FROM spaces WHERE scope_id = ?1 AND id = ?2", scope_id, id))?;
        one_row("delete_space", result)
    }

    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError> {
        let (scope_id, project_id, at) = (scope_key(scope), project.as_uuid(), at.micros());
        let mut ids = self.values(&fixed!(
            None,
            r#"UPDATE spaces SET project_id = NULL, updated_at = ?3, revision = revision + 1
               WHERE scope_id = ?1 AND project_id = ?2 RETURNING id"#,
            scope_id,
            project_id,
            at
        ))?;
        // RETURNING guarantees no order.
        ids.sort_unstable();
        Ok(ids.into_iter().map(SpaceId::from_uuid).collect())
    }
}
