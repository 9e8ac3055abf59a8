//! The deletion of an organization, as a unit of work does it.
//!
//! The rows of a part are found by an array: then each is looked up by its key, whatever the planner expects.

use std::collections::BTreeSet;

use async_trait::async_trait;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::organization::Organization;
use loggia_domain::port::{DeletionRows, DeletionStep, RowsDeleted, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{AnyOrganizationRow, one_row};
use uuid::Uuid;

use crate::write::unit_of_work::PostgresUnitOfWork;

/// Runs a statement and returns the number of rows that it has written.
macro_rules! written {
    ($uow:expr, $($statement:tt)*) => {{
        let done = sqlx::query!($($statement)*).execute($uow.connection()).await;
        $uow.check(done).await?.rows_affected()
    }};
}

/// Deletes some rows of a table with the scope and an id. Returns their number.
macro_rules! delete_some {
    ($uow:expr, $table:literal, $scope:expr, $limit:expr) => {
        written!(
            $uow,
            "DELETE FROM "
                + $table
                + " WHERE scope_id = $1
                 AND id = ANY(ARRAY(SELECT id FROM "
                + $table
                + " WHERE scope_id = $1 ORDER BY id LIMIT $2))",
            $scope,
            $limit
        )
    };
}

#[async_trait]
impl DeletionRows for PostgresUnitOfWork {
    async fn lock_open_or_closed(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Option<Timestamp>)>, StoreError> {
        self.enter(Scope::Organization(id)).await?;
        if !self.lock_scope(id).await? {
            return Ok(None);
        }
        let row = sqlx::query_as!(
            AnyOrganizationRow,
            "SELECT id, name, created_at, updated_at, revision, closed_at FROM organizations WHERE id = $1",
            id.as_uuid()
        )
        .fetch_optional(self.connection())
        .await;
        self.check(row).await?.map(AnyOrganizationRow::decode).transpose()
    }

    async fn close_organization(&mut self, id: OrganizationId, at: Timestamp) -> Result<(), StoreError> {
        self.enter(Scope::Organization(id)).await?;
        let result = sqlx::query!(
            "UPDATE organizations SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL",
            id.as_uuid(),
            at.micros()
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("close_organization", result.rows_affected())
    }

    async fn delete_rows(
        &mut self,
        id: OrganizationId,
        step: DeletionStep,
        limit: u32,
    ) -> Result<RowsDeleted, StoreError> {
        self.enter(Scope::Organization(id)).await?;
        let (id, max_rows) = (id.as_uuid(), i64::from(limit));
        // Lets the policies show the rows that are deleted with the organization, until the transaction ends.
        let opened = sqlx::query!("SELECT set_config('loggia.ending', $1, true)", id.to_string())
            .fetch_one(self.connection())
            .await;
        self.check(opened).await?;
        let rows = match step {
            DeletionStep::Access => written!(
                self,
                "UPDATE members SET active = false WHERE scope_id = $1
                     AND user_id = ANY(ARRAY(SELECT user_id FROM members WHERE scope_id = $1 AND active ORDER BY user_id LIMIT $2))",
                id,
                max_rows
            ),
            DeletionStep::KeyOrigins => written!(
                self,
                "UPDATE api_keys SET parent_id = NULL
                 WHERE id = ANY(ARRAY(SELECT id FROM api_keys WHERE confined_to = $1 AND parent_id IS NOT NULL LIMIT $2))",
                id,
                max_rows
            ),
            DeletionStep::Keys => written!(
                self,
                "DELETE FROM api_keys WHERE id = ANY(ARRAY(SELECT id FROM api_keys WHERE confined_to = $1 LIMIT $2))",
                id,
                max_rows
            ),
            DeletionStep::DefaultScopes => self.move_default_scopes(id, max_rows).await?,
            DeletionStep::Invitations => delete_some!(self, "invitations", id, max_rows),
            DeletionStep::Events => delete_some!(self, "events", id, max_rows),
            DeletionStep::Spaces => delete_some!(self, "spaces", id, max_rows),
            DeletionStep::Tasks => delete_some!(self, "tasks", id, max_rows),
            DeletionStep::Rosters => delete_some!(self, "project_members", id, max_rows),
            DeletionStep::Projects => delete_some!(self, "projects", id, max_rows),
            DeletionStep::Members => return self.delete_members(id, limit).await,
            DeletionStep::Users => written!(
                self,
                "DELETE FROM users WHERE home_scope = $1
                     AND id = ANY(ARRAY(SELECT id FROM users WHERE home_scope = $1 LIMIT $2))",
                id,
                max_rows
            ),
            DeletionStep::Organization => return self.delete_organization(id).await,
        };
        Ok(RowsDeleted::up_to(limit, rows))
    }
}

impl PostgresUnitOfWork {
    /// Gives keys with this default scope their users' personal scopes instead. A key without it is no longer shown by the organization
    /// that is deleted, so each user's keys are changed as their own.
    async fn move_default_scopes(&mut self, scope: Uuid, limit: i64) -> Result<u64, StoreError> {
        let users = sqlx::query_scalar!(
            "SELECT user_id FROM api_keys WHERE default_scope_id = $1 LIMIT $2",
            scope,
            limit
        )
        .fetch_all(self.connection())
        .await;
        let users: BTreeSet<Uuid> = self.check(users).await?.into_iter().collect();
        let mut moved = 0;
        for user in users {
            self.open_own(UserId::from_uuid(user)).await?;
            // A personal scope has the id of its user.
            moved += written!(
                self,
                "UPDATE api_keys SET default_scope_id = user_id WHERE user_id = $2 AND default_scope_id = $1",
                scope,
                user
            );
        }
        Ok(moved)
    }

    /// Deletes members, once fewer than `limit` stored responses are left to them.
    async fn delete_members(&mut self, scope: Uuid, limit: u32) -> Result<RowsDeleted, StoreError> {
        let max_rows = i64::from(limit);
        let users = sqlx::query_scalar!(
            "SELECT user_id FROM members WHERE scope_id = $1 ORDER BY user_id LIMIT $2",
            scope,
            max_rows
        )
        .fetch_all(self.connection())
        .await;
        let users: Vec<Uuid> = self.check(users).await?;
        let responses = written!(
            self,
            "DELETE FROM stored_responses AS kept
             USING (SELECT user_id, reach, operation, key FROM stored_responses
                    WHERE user_id = ANY($2) AND (done_in = $1 OR reach = $1) LIMIT $3) AS gone
             WHERE (kept.user_id, kept.reach, kept.operation, kept.key)
                 = (gone.user_id, gone.reach, gone.operation, gone.key)",
            scope,
            &users,
            max_rows
        );
        if responses >= u64::from(limit) {
            return Ok(RowsDeleted { rows: 0, is_complete: false });
        }
        let deleted =
            written!(self, "DELETE FROM members WHERE scope_id = $1 AND user_id = ANY($2)", scope, &users);
        // The totals of the users' private projects, which the deletion of rosters has left at zero.
        written!(
            self,
            "DELETE FROM list_totals WHERE scope_id = $1 AND list = $3 AND owner_id = ANY($2)",
            scope,
            &users,
            "own_private_projects"
        );
        Ok(RowsDeleted::up_to(limit, deleted))
    }

    /// Deletes the organization, its scope and the few totals that are left of it.
    async fn delete_organization(&mut self, id: Uuid) -> Result<RowsDeleted, StoreError> {
        written!(self, "DELETE FROM list_totals WHERE scope_id = $1", id);
        let result =
            sqlx::query!("DELETE FROM organizations WHERE id = $1", id).execute(self.connection()).await;
        let result = self.check(result).await?;
        one_row("delete_organization", result.rows_affected())?;
        written!(self, "DELETE FROM scopes WHERE id = $1", id);
        Ok(RowsDeleted { rows: 1, is_complete: true })
    }
}
