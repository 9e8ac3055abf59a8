//! API keys, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::KeyId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::port::{KeyRows, StoreError};
use loggia_domain::scope::Reach;

use crate::decode::keys::{KeyRow, select_key};
use crate::error::one_row;
use crate::statement::fixed;
use crate::unit_of_work::{SqliteUnitOfWork, scope_key};

#[async_trait]
impl KeyRows for SqliteUnitOfWork {
    async fn insert_key(&mut self, key: &ApiKey, hash: &KeyHash) -> Result<(), StoreError> {
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
        self.execute(&fixed!(
            "INSERT INTO api_keys (id, hash, user_id, name, default_scope_id, confined_to, ability, created_at, expires_at,
                 revoked_at, prefix, last_used_at, ends_unless_used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
            ends_unless_used
        ))?;
        Ok(())
    }

    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        let id = id.as_uuid();
        let row = self.record(&select_key!("WHERE k.id = ?1", id))?;
        row.map(KeyRow::decode).transpose()
    }

    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        let (id, revoked_at) = (key.id.as_uuid(), key.revoked_at.map(|time| time.micros()));
        let expires_at = key.expires_at.map(|time| time.micros());
        let ends_unless_used = key.ends_unless_used;
        let result = self.execute(&fixed!(
            "UPDATE api_keys SET revoked_at = ?2, expires_at = ?3, ends_unless_used = ?4 WHERE id = ?1",
            id,
            revoked_at,
            expires_at,
            ends_unless_used
        ))?;
        one_row("update_key", result)
    }

    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        let (id, hour) = (id.as_uuid(), hour.micros());
        self.execute(&fixed!(
            "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
            id,
            hour
        ))?;
        Ok(())
    }
}
