//! API keys, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::port::{KeyRows, LiveKeys, OrganizationRows, StoreError};
use loggia_domain::scope::{Reach, Scope};
use loggia_sql::{KeyRow, one_row, scope_key};
use uuid::Uuid;

use crate::rows::keys::select_key;
use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl KeyRows for PostgresUnitOfWork {
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError> {
        self.open_row(Some(key.user), "").await?;
        let (id, hash, user_id, name) =
            (key.id.as_uuid(), hash.as_bytes().as_slice(), key.user.as_uuid(), key.name.as_str());
        let (default_scope_id, ability) = (scope_key(key.default_scope), key.ability.as_str());
        let confined_to = match key.reach {
            Reach::Everywhere => None,
            Reach::Only(organization) => Some(organization.as_uuid()),
        };
        let created_at = key.created_at.micros();
        let expires_at = key.expires_at.map(|time| time.micros());
        let revoked_at = key.revoked_at.map(|time| time.micros());
        let last_used_at = key.last_used_at.map(|time| time.micros());
        let prefix = key.prefix.as_ref().map(|prefix| prefix.as_str()).unwrap_or_default();
        let (parent, issued) = (origin.parent.map(KeyId::as_uuid), origin.issued);
        let done = sqlx::query!(
            "INSERT INTO api_keys (id, hash, user_id, name, default_scope_id, confined_to, ability, created_at, expires_at,
                 revoked_at, prefix, last_used_at, ends_unless_used, parent_id, issued, readmissions)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            id,
            hash,
            user_id,
            name,
            default_scope_id,
            confined_to,
            ability,
            created_at,
            expires_at,
            revoked_at,
            prefix,
            last_used_at,
            key.ends_unless_used,
            parent,
            issued,
            key.readmissions.get()
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let id = id.as_uuid();
        self.open_row(None, &id.to_string()).await?;
        let row =
            select_key!("WHERE k.id = $1 FOR NO KEY UPDATE", id).fetch_optional(self.connection()).await;
        let row = self.check(row).await?;
        row.map(KeyRow::decode).transpose()
    }

    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        self.open_row(Some(key.user), "").await?;
        let (id, revoked_at) = (key.id.as_uuid(), key.revoked_at.map(|time| time.micros()));
        let expires_at = key.expires_at.map(|time| time.micros());
        let result = sqlx::query!(
            "UPDATE api_keys SET revoked_at = $2, expires_at = $3, ends_unless_used = $4 WHERE id = $1",
            id,
            revoked_at,
            expires_at,
            key.ends_unless_used
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("update_key", result.rows_affected())
    }

    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError> {
        let id = id.as_uuid();
        self.open_row(None, &id.to_string()).await?;
        let row = sqlx::query!("SELECT parent_id, issued FROM api_keys WHERE id = $1", id)
            .fetch_optional(self.connection())
            .await;
        let row = self.check(row).await?;
        Ok(row.map(|row| KeyOrigin { parent: row.parent_id.map(KeyId::from_uuid), issued: row.issued }))
    }

    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let parents: Vec<Uuid> = parents.iter().map(|id| id.as_uuid()).collect();
        // Lets the policies show the children's rows, of any user, until the transaction ends.
        let opened = sqlx::query!("SELECT set_config('loggia.makers', $1::uuid[]::text, true)", &parents)
            .fetch_one(self.connection())
            .await;
        self.check(opened).await?;
        let rows = select_key!(
            "WHERE k.parent_id = ANY($1) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
             ORDER BY k.id FOR NO KEY UPDATE",
            &parents,
            now.micros()
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        rows.into_iter().map(KeyRow::decode).collect()
    }

    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        self.open_row(Some(user), "").await?;
        let rows = select_key!(
            "WHERE k.user_id = $1 AND k.confined_to = $2 AND k.revoked_at IS NULL
                 AND (k.expires_at IS NULL OR k.expires_at > $3)
             ORDER BY k.id FOR NO KEY UPDATE",
            user.as_uuid(),
            organization.as_uuid(),
            now.micros()
        )
        .fetch_all(self.connection())
        .await;
        let rows = self.check(rows).await?;
        rows.into_iter().map(KeyRow::decode).collect()
    }

    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError> {
        self.open_row(Some(key.user), "").await?;
        let (id, parent) = (key.id.as_uuid(), parent.map(KeyId::as_uuid));
        let result = sqlx::query!("UPDATE api_keys SET parent_id = $2 WHERE id = $1", id, parent)
            .execute(self.connection())
            .await;
        let result = self.check(result).await?;
        one_row("update_parent", result.rows_affected())
    }

    async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError> {
        let id = key.as_uuid();
        // The user is shown already, since the user is locked.
        self.open_row(None, &id.to_string()).await?;
        let result = sqlx::query!(
            "UPDATE api_keys k SET readmissions = u.readmissions FROM users u WHERE k.id = $1 AND u.id = k.user_id",
            id
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("raise_key", result.rows_affected())
    }

    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError> {
        // A statement of its own: the one that counts must see what the transaction that held the lock has committed.
        let readmissions = self.lock_user(user).await?;
        let (user_id, issued) = (user.as_uuid(), issued_in.is_some());
        let organization_id = issued_in.map(OrganizationId::as_uuid);
        // Two ranges of one index, so that ended keys are not read.
        let live = sqlx::query_scalar!(
            r#"SELECT count(*) AS "live!" FROM (
                   SELECT 1 FROM api_keys
                   WHERE user_id = $1 AND issued = $2 AND ($3::uuid IS NULL OR confined_to = $3)
                       AND revoked_at IS NULL AND expires_at IS NULL
                   UNION ALL
                   SELECT 1 FROM api_keys
                   WHERE user_id = $1 AND issued = $2 AND ($3::uuid IS NULL OR confined_to = $3)
                       AND revoked_at IS NULL AND expires_at > $4
                   LIMIT $5) AS live"#,
            user_id,
            issued,
            organization_id,
            now.micros(),
            i64::from(limit)
        )
        .fetch_one(self.connection())
        .await;
        let live = self.check(live).await?;
        Ok(LiveKeys { count: u32::try_from(live).unwrap_or(u32::MAX), readmissions })
    }

    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        let (id, hour) = (id.as_uuid(), hour.micros());
        self.open_row(None, &id.to_string()).await?;
        let done = sqlx::query!(
            "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
            id,
            hour
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }

    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        self.enter(scope).await?;
        self.open_own(user).await?;
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        let number = sqlx::query_scalar!(
            "UPDATE users SET readmissions = readmissions + 1 WHERE id = $1 RETURNING readmissions",
            user_id
        )
        .fetch_one(self.connection())
        .await;
        let number = self.check(number).await?;
        let result = sqlx::query!(
            "UPDATE members SET readmissions = $3 WHERE scope_id = $1 AND user_id = $2",
            scope_id,
            user_id,
            number
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("readmit", result.rows_affected())
    }
}
