//! Rosters, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{DisplayNumber, MembershipId, ProjectId, UserId};
use loggia_domain::port::{Inserted, RosterRows, StoreError};
use loggia_domain::roster::Membership;
use loggia_domain::scope::Scope;
use loggia_sql::{MembershipRow, count, integer, one_row, scope_key};
use uuid::Uuid;

use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl RosterRows for PostgresUnitOfWork {
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id, count) = (scope_key(scope), project.as_uuid(), integer(count)?);
        let number = sqlx::query_scalar!(
            r#"UPDATE projects SET next_membership_number = next_membership_number + $3
               WHERE scope_id = $1 AND id = $2 RETURNING next_membership_number - $3 AS "number!""#,
            scope_id,
            project_id,
            count
        )
        .fetch_one(self.connection())
        .await;
        let number = self.check(number).await?;
        Ok(DisplayNumber::new(number))
    }

    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let users: Vec<Uuid> = users.iter().map(|user| user.as_uuid()).collect();
        let rows = sqlx::query_as!(
            MembershipRow,
            r#"SELECT id, number, project_id, user_id, role,
                   created_at
               FROM project_members
               WHERE scope_id = $1 AND project_id = $2 AND user_id = ANY($3)
               ORDER BY user_id"#,
            scope_id,
            project_id,
            &users
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        rows.into_iter().map(MembershipRow::decode).collect()
    }

    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id) = (scope_key(scope), project.as_uuid());
        let admins = sqlx::query_scalar!(
            r#"SELECT count(*) AS "admins!" FROM project_members
               WHERE scope_id = $1 AND project_id = $2 AND role = 'admin'"#,
            scope_id,
            project_id
        )
        .fetch_one(self.connection())
        .await;
        let admins = self.check(admins).await?;
        count(admins)
    }

    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id, user_id) =
            (scope_key(scope), membership.project.as_uuid(), membership.user.as_uuid());
        let (id, number, role) = (membership.id.as_uuid(), membership.number.get(), membership.role.as_str());
        let created_at = membership.created_at.micros();
        let result = sqlx::query!(
            "INSERT INTO project_members (scope_id, project_id, user_id, id, number, role, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (scope_id, project_id, user_id) DO NOTHING",
            scope_id,
            project_id,
            user_id,
            id,
            number,
            role,
            created_at
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        Ok(if result.rows_affected() == 0 { Inserted::KeyTaken } else { Inserted::Yes })
    }

    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id) = (scope_key(scope), membership.project.as_uuid());
        let (id, role) = (membership.id.as_uuid(), membership.role.as_str());
        let result = sqlx::query!(
            "UPDATE project_members SET role = $4 WHERE scope_id = $1 AND project_id = $2 AND id = $3",
            scope_id,
            project_id,
            id,
            role
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_membership", result.rows_affected())
    }

    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError> {
        self.enter(scope).await?;
        let (scope_id, project_id, id) = (scope_key(scope), project.as_uuid(), id.as_uuid());
        let result = sqlx::query!(
            "DELETE FROM project_members WHERE scope_id = $1 AND project_id = $2 AND id = $3",
            scope_id,
            project_id,
            id
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("delete_membership", result.rows_affected())
    }

    async fn lock_rosters_of(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        self.lock_projects_of(scope, user).await.map(drop)
    }

    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError> {
        let locked = self.lock_projects_of(scope, user).await?;
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        // Deletes memberships on the locked rosters only: one that was added in between is on a roster that another transaction has
        // locked.
        let rows = sqlx::query_as!(
            MembershipRow,
            "DELETE FROM project_members WHERE scope_id = $1 AND user_id = $2 AND project_id = ANY($3)
             RETURNING id, number, project_id, user_id, role, created_at",
            scope_id,
            user_id,
            &locked
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        let mut memberships: Vec<Membership> =
            rows.into_iter().map(MembershipRow::decode).collect::<Result<_, _>>()?;
        // RETURNING guarantees no order.
        memberships.sort_unstable_by_key(|membership| membership.project);
        Ok(memberships)
    }
}

impl PostgresUnitOfWork {
    /// Locks the projects on whose rosters the user is, by ascending id, and returns their ids.
    async fn lock_projects_of(&mut self, scope: Scope, user: UserId) -> Result<Vec<Uuid>, StoreError> {
        self.enter(scope).await?;
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        let locked = sqlx::query_scalar!(
            "SELECT p.id FROM projects p
             WHERE p.scope_id = $1
                 AND p.id IN (SELECT pm.project_id FROM project_members pm WHERE pm.scope_id = $1 AND pm.user_id = $2)
             ORDER BY p.id FOR NO KEY UPDATE OF p",
            scope_id,
            user_id
        )
        .fetch_all(self.connection())
        .await;
        self.check(locked).await
    }
}
