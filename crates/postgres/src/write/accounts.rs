//! The memberships of one user, as a unit of work locks them.

use loggia_domain::id::UserId;
use loggia_domain::port::{OrganizationRows, StoreError};
use loggia_domain::user::Member;
use loggia_sql::scope_of;
use uuid::Uuid;

use crate::rows::people::select_member;
use crate::write::unit_of_work::PostgresUnitOfWork;

impl PostgresUnitOfWork {
    /// Implements `OrganizationRows::lock_memberships_of`.
    pub(crate) async fn lock_active_memberships(&mut self, user: UserId) -> Result<Vec<Member>, StoreError> {
        self.open_own(user).await?;
        let locked = self.active_scopes(user).await?;
        if locked.is_empty() {
            return Ok(Vec::new());
        }
        self.enter_all(&locked).await?;
        let scopes =
            sqlx::query!("SELECT id FROM scopes WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", &locked)
                .fetch_all(self.connection())
                .await;
        self.check(scopes).await?;
        self.lock_user(user).await?;
        // Statements of their own: they see what the transactions that held the locks before have committed.
        let active = self.active_scopes(user).await?;
        if active.iter().any(|scope| !locked.contains(scope)) {
            // The user has a further membership since. Its scope may have to be locked before the others, by another attempt.
            return Err(StoreError::Contended(None));
        }
        let user_id = user.as_uuid();
        let rows = select_member!(
            "WHERE m.user_id = $1 AND m.scope_id = ANY($2) ORDER BY m.scope_id",
            user_id,
            &active
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        // The scopes are locked, so there is one row for each, in the same order.
        active.into_iter().zip(rows).map(|(scope, row)| row.decode(scope_of(user_id, scope))).collect()
    }

    /// Returns the ids of the scopes of which the user is an active member, in ascending order. The user's own rows must be granted.
    async fn active_scopes(&mut self, user: UserId) -> Result<Vec<Uuid>, StoreError> {
        let user_id = user.as_uuid();
        let scopes = sqlx::query_scalar!(
            "SELECT scope_id FROM members WHERE user_id = $1 AND active ORDER BY scope_id",
            user_id
        )
        .fetch_all(self.connection())
        .await;
        self.check(scopes).await
    }
}
