//! Use cases of the operator on API keys.

use super::error::KeyError;
use super::execution::{Attempt, retry};
use super::operator::Operator;
use super::steps::{IssuedKey, KeyHolder, NewKey, RevokedKey, not_over_yet, placed};
use crate::event::Actor;
use crate::id::{KeyId, UserId};
use crate::key::{ApiKey, Descendants, KeyOrigin};
use crate::page::{Page, PageRequest};
use crate::port::StoreError;
use crate::scope::{Reach, Readmissions, Scope, Viewer};

impl Operator {
    /// Returns a page of a user's keys, live or not, oldest first. Callers use [`Acting::own_keys`](super::Acting::own_keys).
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn keys(&self, user: UserId, page: &PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let operator = Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL };
        Ok(page.cut(self.setup.ports.views.keys(&operator, &page.window()).await?, None))
    }

    /// Issues a key to a user. Callers use [`Acting::create_own_key`](super::Acting::create_own_key) and
    /// [`Acting::issue_member_key`](super::Acting::issue_member_key).
    ///
    /// A key of a user that belongs to an organization is confined to it, whichever reach is requested. The key has no parent and does
    /// not count against [`super::UserLimits`].
    ///
    /// # Errors
    /// Fails with [`KeyError::NotInScope`] if the user is not an active member of the default scope or the reach does not cover it, and
    /// with [`KeyError::AlreadyExpired`] if the expiry is not in the future.
    pub async fn issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        retry!(self.try_issue_key(actor, user, new.clone()))
    }

    /// Revokes a key, and its live descendants unless they are kept. The next call with a revoked key is refused.
    /// Revoking a key again changes nothing.
    ///
    /// # Errors
    /// Fails with [`KeyError::KeyNotFound`] if the key does not exist, or if an owner is named and the key is another user's.
    pub async fn revoke_key(
        &self,
        actor: Actor,
        owner: Option<UserId>,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        retry!(self.try_revoke_key(actor, owner, id, descendants))
    }
}

impl Attempt<'_> {
    async fn try_issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        let now = self.now();
        not_over_yet(new.expires_at, now)?;
        let mut uow = self.begin().await?;
        // No membership of an organization ends, and none is closed, while a key for it is made.
        if let Scope::Organization(id) = new.default_scope
            && uow.lock_any_organization(id).await?.is_none()
        {
            return Err(KeyError::NotInScope);
        }
        let new = placed(&mut *uow, user, Readmissions::ALL, new).await?;
        let holder = KeyHolder::lock(&mut *uow, user).await?;
        let issued = self.write_key(&mut *uow, actor, holder, new, KeyOrigin::default(), now).await?;
        self.commit(uow).await?;
        Ok(issued)
    }

    async fn try_revoke_key(
        &self,
        actor: Actor,
        owner: Option<UserId>,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        let uow = self.begin().await?;
        let is_there = |key: &ApiKey| owner.is_none_or(|owner| owner == key.user);
        self.revoke(uow, actor, id, descendants, is_there).await
    }
}
