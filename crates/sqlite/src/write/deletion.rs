//! The deletion of an organization, as a unit of work does it.

use async_trait::async_trait;
use loggia_domain::id::OrganizationId;
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{DeletionRows, DeletionStep, RowsDeleted, StoreError};
use loggia_sql::{AnyOrganizationRow, one_row};
use uuid::Uuid;

use crate::statement::fixed;
use crate::write::unit_of_work::{SqliteUnitOfWork, id_list};

/// The statement that deletes some rows of a table with the scope and an id.
macro_rules! delete_some {
    ($table:literal, $scope:expr, $limit:expr) => {
        fixed!(
            None,
            "DELETE FROM "
                + $table
                + " WHERE scope_id = ?1 AND id IN (SELECT id FROM "
                + $table
                + " WHERE scope_id = ?1 ORDER BY id LIMIT ?2)",
            $scope,
            $limit
        )
    };
}

#[async_trait]
impl DeletionRows for SqliteUnitOfWork {
    async fn lock_open_or_closed(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Option<Timestamp>)>, StoreError> {
        let id = id.as_uuid();
        let row = self.record::<AnyOrganizationRow>(&fixed!(
            Key,
            "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations WHERE id = ?1",
            id
        ))?;
        row.map(AnyOrganizationRow::decode).transpose()
    }

    async fn close_organization(&mut self, id: OrganizationId, at: Timestamp) -> Result<(), StoreError> {
        let (id, at) = (id.as_uuid(), at.micros());
        let result = self.execute(&fixed!(
            Key,
            "UPDATE organizations SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL",
            id,
            at
        ))?;
        one_row("close_organization", result)
    }

    async fn delete_rows(
        &mut self,
        id: OrganizationId,
        step: DeletionStep,
        limit: u32,
    ) -> Result<RowsDeleted, StoreError> {
        let (id, rows) = (id.as_uuid(), i64::from(limit));
        let statement = match step {
            DeletionStep::Access => fixed!(
                None,
                "UPDATE members SET active = 0 WHERE scope_id = ?1 AND user_id IN (
                     SELECT user_id FROM members WHERE scope_id = ?1 AND active = 1 ORDER BY user_id LIMIT ?2)",
                id,
                rows
            ),
            DeletionStep::KeyOrigins => fixed!(
                None,
                "UPDATE api_keys SET parent_id = NULL WHERE id IN (
                     SELECT id FROM api_keys WHERE confined_to = ?1 AND parent_id IS NOT NULL LIMIT ?2)",
                id,
                rows
            ),
            DeletionStep::Keys => fixed!(
                None,
                "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE confined_to = ?1 LIMIT ?2)",
                id,
                rows
            ),
            // A personal scope has the id of its user.
            DeletionStep::DefaultScopes => fixed!(
                None,
                "UPDATE api_keys SET default_scope_id = user_id WHERE id IN (
                     SELECT id FROM api_keys WHERE default_scope_id = ?1 LIMIT ?2)",
                id,
                rows
            ),
            DeletionStep::Invitations => delete_some!("invitations", id, rows),
            DeletionStep::Events => delete_some!("events", id, rows),
            DeletionStep::Spaces => delete_some!("spaces", id, rows),
            DeletionStep::Tasks => delete_some!("tasks", id, rows),
            DeletionStep::Rosters => delete_some!("project_members", id, rows),
            DeletionStep::Projects => delete_some!("projects", id, rows),
            DeletionStep::Members => return self.delete_members(id, limit),
            DeletionStep::Users => fixed!(
                None,
                "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE home_scope = ?1 LIMIT ?2)",
                id,
                rows
            ),
            DeletionStep::Organization => return self.delete_organization(id),
        };
        Ok(RowsDeleted::up_to(limit, self.execute(&statement)?))
    }
}

impl SqliteUnitOfWork {
    /// Deletes members, once fewer than `limit` stored responses are left to them.
    fn delete_members(&mut self, scope: Uuid, limit: u32) -> Result<RowsDeleted, StoreError> {
        let rows = i64::from(limit);
        let users = self.values::<Uuid>(&fixed!(
            None,
            "SELECT user_id FROM members WHERE scope_id = ?1 ORDER BY user_id LIMIT ?2",
            scope,
            rows
        ))?;
        let users = id_list(users.into_iter());
        let responses = self.execute(&fixed!(
            None,
            "DELETE FROM stored_responses WHERE rowid IN (
                 SELECT rowid FROM stored_responses
                 WHERE user_id IN (SELECT unhex(value) FROM json_each(?2)) AND (done_in = ?1 OR reach = ?1) LIMIT ?3)",
            scope,
            users,
            rows
        ))?;
        if responses >= u64::from(limit) {
            return Ok(RowsDeleted { rows: 0, is_complete: false });
        }
        // The totals of the users' private projects, which the deletion of rosters has left at zero.
        self.execute(&fixed!(
            None,
            "DELETE FROM list_totals WHERE scope_id = ?1 AND list = 'own_private_projects'
                 AND owner_id IN (SELECT unhex(value) FROM json_each(?2))",
            scope,
            users
        ))?;
        let deleted = self.execute(&fixed!(
            None,
            "DELETE FROM members WHERE scope_id = ?1 AND user_id IN (SELECT unhex(value) FROM json_each(?2))",
            scope,
            users
        ))?;
        Ok(RowsDeleted::up_to(limit, deleted))
    }

    /// Deletes the organization, its scope and the few totals that are left of it.
    fn delete_organization(&mut self, id: Uuid) -> Result<RowsDeleted, StoreError> {
        self.execute(&fixed!(None, "DELETE FROM list_totals WHERE scope_id = ?1", id))?;
        let rows = self.execute(&fixed!(None, "DELETE FROM organizations WHERE id = ?1", id))?;
        one_row("delete_organization", rows)?;
        self.execute(&fixed!(None, "DELETE FROM scopes WHERE id = ?1", id))?;
        Ok(RowsDeleted { rows: 1, is_complete: true })
    }
}
