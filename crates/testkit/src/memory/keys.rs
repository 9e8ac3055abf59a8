//! API keys.

use async_trait::async_trait;
use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::page::Window;
use loggia_domain::port::{KeyRows, KeyViews, LiveKeys, OrganizationRows, StoreError};
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};

use super::MemoryStore;
use super::unit::{MemoryUnit, broken, ensure};

#[async_trait]
impl KeyRows for MemoryUnit {
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError> {
        ensure(!self.tables.keys.contains(&key.id), "key ids are unique")?;
        ensure(!self.tables.digests.contains(hash.as_bytes()), "digests are unique")?;
        ensure(self.tables.users.contains(&key.user), "a key is a user's")?;
        ensure(self.tables.scopes.contains(&key.default_scope), "a key's default scope exists")?;
        let parent_is_there = origin.parent.is_none_or(|parent| self.tables.keys.contains(&parent));
        ensure(parent_is_there, "a key's parent exists")?;
        self.tables.digests.insert(*hash.as_bytes(), key.id);
        self.tables.origins.insert(key.id, *origin);
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

    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError> {
        Ok(self.tables.origins.get(&id).copied())
    }

    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let of_these = |origin: &KeyOrigin| origin.parent.is_some_and(|parent| parents.contains(&parent));
        let children = self.tables.origins.entries().filter(|(_, origin)| of_these(origin));
        let children = children.filter_map(|(id, _)| self.tables.keys.get(id));
        Ok(children.filter(|key| key.is_live(now)).cloned().collect())
    }

    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        let reach = Reach::Only(organization);
        let keys = self.tables.keys.values().filter(|key| key.user == user && key.reach == reach);
        Ok(keys.filter(|key| key.is_live(now)).cloned().collect())
    }

    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError> {
        let origin = self.tables.origins.get_mut(&key.id).ok_or(broken("no such key"))?;
        origin.parent = parent;
        Ok(())
    }

    async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError> {
        let row = self.tables.keys.get_mut(&key).ok_or(broken("no such key"))?;
        row.readmissions = self.tables.readmissions.get(&row.user).copied().unwrap_or_default();
        Ok(())
    }

    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError> {
        let issued = |key: &&ApiKey| {
            let was_issued = self.tables.origins.get(&key.id).is_some_and(|origin| origin.issued);
            match issued_in {
                Some(organization) => was_issued && key.reach == Reach::Only(organization),
                None => !was_issued,
            }
        };
        let live = self.tables.keys.values().filter(|key| key.user == user && key.is_live(now));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let count = live.filter(issued).take(most).fold(0, |count, _| count + 1);
        Ok(LiveKeys { count, readmissions: self.lock_user(user).await? })
    }

    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.tables.keys.get_mut(&id)
            && row.last_used_at.is_none_or(|recorded| recorded < hour)
        {
            row.last_used_at = Some(hour);
        }
        Ok(())
    }

    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        ensure(self.tables.members.contains(&(scope, user)), "who is readmitted is a member")?;
        let number = self.tables.readmissions.get(&user).copied().unwrap_or_default();
        let number = Readmissions::new(number.get() + 1);
        self.tables.readmissions.insert(user, number);
        self.tables.readmitted.insert((scope, user), number);
        Ok(())
    }
}

#[async_trait]
impl KeyViews for MemoryStore {
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let tables = self.read();
        Ok(tables.digests.get(hash.as_bytes()).and_then(|id| tables.keys.get(id)).cloned())
    }

    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.read().keys.get(&id).filter(|key| key.user == user).cloned())
    }

    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.read().keys_page(viewer, window))
    }

    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.read().member_keys(viewer, organization, user, window))
    }
}
