//! API keys, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::port::{KeyRows, LiveKeys, StoreError};
use loggia_domain::scope::{Reach, Scope};
use loggia_sql::{one_row, scope_key};

use crate::rows::keys::{KeyInScopeRow, LiveKeysRow, OriginRow, select_key};
use crate::statement::fixed;
use crate::write::unit_of_work::{SqliteUnitOfWork, id_list};

#[async_trait]
impl KeyRows for SqliteUnitOfWork {
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError> {
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
        let ends_unless_used = key.ends_unless_used;
        let prefix = key.prefix.as_ref().map(|prefix| prefix.as_str()).unwrap_or_default();
        let (parent, issued) = (origin.parent.map(KeyId::as_uuid), origin.issued);
        let readmissions = key.readmissions.get();
        self.execute(&fixed!(
            Key,
            "INSERT INTO api_keys (id, hash, user_id, name, default_scope_id, confined_to, ability, created_at, expires_at,
                 revoked_at, prefix, last_used_at, ends_unless_used, parent_id, issued, readmissions)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
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
            ends_unless_used,
            parent,
            issued,
            readmissions
        ))?;
        Ok(())
    }

    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let id = id.as_uuid();
        let row = self.record(&select_key!(Key, "WHERE k.id = ?1", id))?;
        row.map(KeyInScopeRow::decode).transpose()
    }

    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        let (id, revoked_at) = (key.id.as_uuid(), key.revoked_at.map(|time| time.micros()));
        let expires_at = key.expires_at.map(|time| time.micros());
        let ends_unless_used = key.ends_unless_used;
        let result = self.execute(&fixed!(
            Key,
            "UPDATE api_keys SET revoked_at = ?2, expires_at = ?3, ends_unless_used = ?4 WHERE id = ?1",
            id,
            revoked_at,
            expires_at,
            ends_unless_used
        ))?;
        one_row("update_key", result)
    }

    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError> {
        let id = id.as_uuid();
        let statement =
            fixed!(Key, r#"SELECT parent_id, issued AS "issued: bool" FROM api_keys WHERE id = ?1"#, id);
        Ok(self.record::<OriginRow>(&statement)?.map(OriginRow::decode))
    }

    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let (parents, now) = (id_list(parents.iter().map(|id| id.as_uuid())), now.micros());
        let rows = self.records::<KeyInScopeRow>(&select_key!(
            None,
            "WHERE k.parent_id IN (SELECT unhex(value) FROM json_each(?1)) AND k.revoked_at IS NULL
                 AND (k.expires_at IS NULL OR k.expires_at > ?2)
             ORDER BY k.id",
            parents,
            now
        ))?;
        rows.into_iter().map(KeyInScopeRow::decode).collect()
    }

    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let (user_id, organization_id, now) = (user.as_uuid(), organization.as_uuid(), now.micros());
        let rows = self.records::<KeyInScopeRow>(&select_key!(
            None,
            "WHERE k.user_id = ?1 AND k.confined_to = ?2 AND k.revoked_at IS NULL
                 AND (k.expires_at IS NULL OR k.expires_at > ?3)
             ORDER BY k.id",
            user_id,
            organization_id,
            now
        ))?;
        rows.into_iter().map(KeyInScopeRow::decode).collect()
    }

    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError> {
        let (id, parent) = (key.id.as_uuid(), parent.map(KeyId::as_uuid));
        let result =
            self.execute(&fixed!(Key, "UPDATE api_keys SET parent_id = ?2 WHERE id = ?1", id, parent))?;
        one_row("update_parent", result)
    }

    async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError> {
        let id = key.as_uuid();
        let result = self.execute(&fixed!(
            Key,
            "UPDATE api_keys SET readmissions = (SELECT u.readmissions FROM users u WHERE u.id = api_keys.user_id) WHERE id = ?1",
            id
        ))?;
        one_row("raise_key", result)
    }

    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError> {
        let (user_id, issued) = (user.as_uuid(), issued_in.is_some());
        let organization_id = issued_in.map(OrganizationId::as_uuid);
        let (now, limit) = (now.micros(), i64::from(limit));
        // Two ranges of one index, so that ended keys are not read.
        let live = self.one_record::<LiveKeysRow>(&fixed!(
            None,
            r#"SELECT (SELECT readmissions FROM users WHERE id = ?1) AS "readmissions!: i64", count(*) AS "live!: i64" FROM (
                   SELECT 1 FROM api_keys
                   WHERE user_id = ?1 AND issued = ?2 AND (?3 IS NULL OR confined_to = ?3)
                       AND revoked_at IS NULL AND expires_at IS NULL
                   UNION ALL
                   SELECT 1 FROM api_keys
                   WHERE user_id = ?1 AND issued = ?2 AND (?3 IS NULL OR confined_to = ?3)
                       AND revoked_at IS NULL AND expires_at > ?4
                   LIMIT ?5)"#,
            user_id,
            issued,
            organization_id,
            now,
            limit
        ))?;
        Ok(live.decode())
    }

    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        let (id, hour) = (id.as_uuid(), hour.micros());
        self.execute(&fixed!(
            Key,
            "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
            id,
            hour
        ))?;
        Ok(())
    }

    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        let (scope_id, user_id) = (scope_key(scope), user.as_uuid());
        self.execute(&fixed!(
            Key,
            "UPDATE users SET readmissions = readmissions + 1 WHERE id = ?1",
            user_id
        ))?;
        let result = self.execute(&fixed!(
            Key,
            "UPDATE members SET readmissions = (SELECT readmissions FROM users WHERE id = ?2)
             WHERE scope_id = ?1 AND user_id = ?2",
            scope_id,
            user_id
        ))?;
        one_row("readmit", result)
    }
}
