//! API keys.

use async_trait::async_trait;
use loggia_domain::id::KeyId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::port::{KeyRows, StoreError};

use super::unit::{MemoryUnit, broken, ensure};

#[async_trait]
impl KeyRows for MemoryUnit {
    async fn insert_key(&mut self, key: &ApiKey, hash: &KeyHash) -> Result<(), StoreError> {
        ensure(!self.tables.keys.contains(&key.id), "key ids are unique")?;
        ensure(!self.tables.digests.contains(hash.as_bytes()), "digests are unique")?;
        ensure(self.tables.users.contains(&key.user), "a key is a user's")?;
        ensure(self.tables.scopes.contains(&key.default_scope), "a key's default scope exists")?;
        self.tables.digests.insert(*hash.as_bytes(), key.id);
        self.tables.keys.insert(key.id, key.clone());
        Ok(())
    }

    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.tables.keys.get(&id).cloned())
    }

    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        let row = self.tables.keys.get_mut(&key.id).ok_or(broken("no such key"))?;
        row.revoked_at = key.revoked_at;
        row.expires_at = key.expires_at;
        row.ends_unless_used = key.ends_unless_used;
        Ok(())
    }

    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.tables.keys.get_mut(&id)
            && row.last_used_at.is_none_or(|noted| noted < hour)
        {
            row.last_used_at = Some(hour);
        }
        Ok(())
    }
}
