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

use crate::read::{deletion, instance, invitations, keys, organizations, stored_responses};
use crate::store::SqliteStore;

#[async_trait]
impl KeyViews for SqliteStore {
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        keys::by_hash(&self.readers, hash).await
    }

    async fn open_with_key(
        &self,
        hash: &KeyHash,
        _first: Option<ReadAhead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        let readers = self.readers.hold().await?;
        let Some(key) = keys::by_hash(&readers, hash).await? else { return Ok(None) };
        let views = Self { writer: self.writer.clone(), readers };
        Ok(Some(OpenedByKey { key, views: Some(Arc::new(views)) }))
    }

    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        keys::one(&self.readers, user, id).await
    }

    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        keys::own(&self.readers, viewer, window).await
    }

    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        keys::of_member(&self.readers, viewer, organization, user, window).await
    }
}

#[async_trait]
impl StoredResponseViews for SqliteStore {
    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        stored_responses::is_claimed(&self.readers, owner, claim, now).await
    }
}

#[async_trait]
impl InvitationViews for SqliteStore {
    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        invitations::list(&self.readers, viewer, organization, window).await
    }

    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        invitations::list_for_operator(&self.readers, organization, window).await
    }
}

#[async_trait]
impl DeletionViews for SqliteStore {
    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        deletion::organizations_after(&self.readers, after, limit).await
    }

    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        deletion::extent(&self.readers, id).await
    }
}

#[async_trait]
impl InstanceViews for SqliteStore {
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        instance::secret(&self.readers).await
    }

    async fn has_organizations(&self) -> Result<bool, StoreError> {
        organizations::any(&self.readers).await
    }
}
