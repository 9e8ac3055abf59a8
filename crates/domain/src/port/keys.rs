//! The capability [`Capability::Keys`]: API keys, by which the service itself recognises users.
//!
//! A store without it has no key, so that every user is one whom the host has authenticated.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::error::{Capability, StoreError};
use super::records::Includes;
use super::views::Views;
use crate::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::key::{ApiKey, KeyHash, KeyOrigin};
use crate::page::Window;
use crate::scope::{Readmissions, Scope, ScopeChoice, Viewer};

/// The state of a user for whom a key is about to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveKeys {
    /// The number of live keys that count against the limit; never more than the limit.
    pub count: u32,
    /// The user's number of readmissions.
    pub readmissions: Readmissions,
}

/// The write side of API keys. [`super::OrganizationRows::lock_user`] is the lock of the user whose keys are written.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait KeyRows: Send {
    /// Inserts a key under the digest of its secret. The parent must be locked, so that it is not revoked meanwhile.
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Keys))
    }

    /// Loads and locks a key of any user.
    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(None)
    }

    /// Writes a key's revocation, its expiry, and whether it expires unless it is used.
    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Keys))
    }

    /// Returns the origin of a key.
    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError> {
        Ok(None)
    }

    /// Loads and locks the keys of any user that are live at `now` and were created by one of `parents`, by ascending id. The parents
    /// must be locked, so that no further child is added meanwhile.
    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        Ok(Vec::new())
    }

    /// Loads and locks the user's keys that are live at `now` and reach this organization only, by ascending id.
    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError> {
        Ok(Vec::new())
    }

    /// Writes the parent of a key, which must be locked; `None` removes it.
    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Keys))
    }

    /// Writes the user's present number of readmissions to a key, so that the key gives access to every current membership of its user.
    /// The user must be locked.
    async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Keys))
    }

    /// Counts the user's keys that are live at `now`, up to `limit`: those that admins of the organization `issued_in` have issued, or
    /// for `None` all others. Locks the user, so that a concurrent count waits for this unit of work.
    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError> {
        Ok(LiveKeys { count: 0, readmissions: Readmissions::NONE })
    }

    /// Records the hour in which a key was last used, unless that hour or a later one is recorded already. Does nothing if the key does
    /// not exist.
    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    /// Increments a user's number of readmissions, and stores the new number in their membership of the scope, which closes the membership
    /// to all keys with a lower number. The scope must be locked.
    /// Locks the user, so that no two readmissions have an equal number.
    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A read that a store may make ahead: together with the look-up of a call's key, for the user and the reach of that key.
///
/// A call that begins with this read then needs one round trip to the store instead of two. The result of no call depends on it, and the
/// call need not make the read after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAhead {
    /// [`super::Views::role_in_scope`], in the scope that the choice means for the key: the first read of each list of a scope.
    RoleInScope(ScopeChoice),
    /// [`super::Views::space`]
    Space(SpaceId, Includes),
    /// [`super::Views::project`]
    Project(ProjectId),
    /// [`super::Views::project_standing`]
    ProjectStanding(ProjectId),
    /// [`super::Views::task`]
    Task(TaskId),
}

/// A key that was found, and the read side that the store has opened for it.
pub struct OpenedByKey {
    /// The key, live or not.
    pub key: ApiKey,
    /// A read side for one call, opened for the user and the reach of the key; `None` if that saves nothing.
    ///
    /// Each read returns what the store contains at that time, or what it contained when the key was found. The read side may keep other
    /// calls from reading until it is dropped, so hold it for one call only, and not while waiting for anything else.
    pub views: Option<Arc<dyn Views>>,
}

impl fmt::Debug for OpenedByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedByKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The read side of API keys.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait KeyViews: Send + Sync {
    /// Returns the key with this digest, live or not.
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        Ok(None)
    }

    /// Returns the key with this digest like [`Self::key_by_hash`], for a call that goes on to read as the key's user. The store may open
    /// a read side while it looks the key up, and read `ahead` in the same round trip.
    async fn open_with_key(
        &self,
        hash: &KeyHash,
        ahead: Option<ReadAhead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        Ok(self.key_by_hash(hash).await?.map(|key| OpenedByKey { key, views: None }))
    }

    /// Returns one of the user's keys, live or not.
    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(None)
    }

    /// Returns the viewer's own keys, live or not, oldest first ([`crate::page::key_position`]). A viewer whose reach is one organization
    /// sees only the keys with that reach.
    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        Ok(Vec::new())
    }

    /// Returns the user's keys that reach this organization only, live or not, oldest first ([`crate::page::key_position`]); none if the
    /// viewer is not an active member of it.
    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        Ok(Vec::new())
    }
}
