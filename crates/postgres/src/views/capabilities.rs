//! The read side of the capabilities.

use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::once::Claim;
use loggia_domain::organization::Organization;
use loggia_domain::page::Window;
use loggia_domain::port::{
    DeletionViews, InstanceViews, InvitationViews, KeyViews, OpenedByKey, OrganizationExtent, ReadAhead,
    StoreError, StoredResponseViews,
};
use loggia_domain::scope::Viewer;

use super::once_more;
use crate::read::{deletion, first_read, instance, invitations, keys, organizations, stored_responses};
use crate::store::PostgresStore;

#[async_trait]
impl KeyViews for PostgresStore {
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        once_more!(self.readers.find_key(hash))
    }

    async fn open_with_key(
        &self,
        hash: &KeyHash,
        first: Option<ReadAhead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        let first = first.map(first_read::with_key);
        let found = once_more!(self.readers.enter_with_key(hash, first))?;
        Ok(found.map(|(key, readers)| {
            let views = Self { writers: self.writers.clone(), readers };
            OpenedByKey { key, views: Some(Arc::new(views)) }
        }))
    }

    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        once_more!(keys::one(&self.readers, user, id))
    }

    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        once_more!(keys::own(&self.readers, viewer, window))
    }

    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        once_more!(keys::of_member(&self.readers, viewer, organization, user, window))
    }
}

#[async_trait]
impl StoredResponseViews for PostgresStore {
    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        once_more!(stored_responses::is_claimed(&self.readers, owner, claim, now))
    }
}

#[async_trait]
impl InvitationViews for PostgresStore {
    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        once_more!(invitations::list(&self.readers, viewer, organization, window))
    }

    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        once_more!(invitations::list_for_operator(&self.readers, organization, window))
    }
}

#[async_trait]
impl DeletionViews for PostgresStore {
    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        once_more!(deletion::organizations_after(&self.readers, after, limit))
    }

    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        once_more!(deletion::extent(&self.readers, id))
    }
}

#[async_trait]
impl InstanceViews for PostgresStore {
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        once_more!(instance::secret(&self.readers))
    }

    async fn has_organizations(&self) -> Result<bool, StoreError> {
        once_more!(organizations::any(&self.readers))
    }
}
