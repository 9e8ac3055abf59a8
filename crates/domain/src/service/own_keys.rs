//! Use cases of the current user's API keys. A key that is confined to an organization lists, creates and revokes only keys with that
//! reach.

use super::acting::Acting;
use super::error::KeyError;
use super::execution::{Attempt, retry};
use super::steps::{IssuedKey, Maker, NewKey, RevokedKey, descends_from, lock_maker, not_over_yet, placed};
use crate::event::{SubjectKind, Verb};
use crate::id::KeyId;
use crate::instant::Timestamp;
use crate::key::{ApiKey, BeyondMaker, Caller, Descendants, KeyOrigin, Overlap, inherited_end};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Standing, decide, decide_reach};
use crate::port::UnitOfWork;
use crate::scope::{Reach, Viewer};

impl Acting {
    /// Returns a page of the current user's keys, live or not, oldest first, without those that reach further than the caller's key.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] if the key may not read.
    pub async fn own_keys(&self, page: &PageRequest) -> Result<Page<ApiKey>, KeyError> {
        decide(Action::ListKeys, Standing::Oneself, self.caller.ability)?;
        Ok(page.cut(self.views().keys(&self.caller.viewer(), &page.window()).await?, None))
    }

    /// Creates a key for the current user, as a child of the caller's key. The expiry defaults to that of the caller's key. The new key
    /// gives access to no organization that a readmission has closed to the caller's key.
    ///
    /// A key needs the ability to write to create others, so no key has an ability that its parent lacks.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] if the caller's key may not write or the new key would reach further; with [`KeyError::Beyond`] if
    /// it would outlive the caller's key; with [`KeyError::TooMany`] at the limit; otherwise like
    /// [`Operator::issue_key`](super::Operator::issue_key).
    pub async fn create_own_key(&self, new: NewKey) -> Result<IssuedKey, KeyError> {
        retry!(self.try_create_own_key(&self.caller, new.clone()))
    }

    /// Revokes one of the current user's keys, which may be the key of the call, and its live descendants, of any user, unless they are
    /// kept. The next call with a revoked key is refused. Revoking a key again changes nothing.
    ///
    /// # Errors
    /// Fails with [`KeyError::Denied`] if the caller's key may not write, and with [`KeyError::KeyNotFound`] for a key of another user or
    /// one that reaches further than the caller's key.
    pub async fn revoke_own_key(&self, id: KeyId, descendants: Descendants) -> Result<RevokedKey, KeyError> {
        retry!(self.try_revoke_own_key(&self.caller, id, descendants))
    }

    /// Replaces one of the current user's keys by a new one with an equal name, default scope, reach, ability and expiry. The old key
    /// expires after `overlap`, or earlier if it would have. Its live children become children of the new key.
    ///
    /// A key that replaces itself stays a child of its own parent. A key that is replaced by means of another key becomes a child of that
    /// one, whose holder learns the new secret. The new key gives access to no organization that a readmission has closed to either of
    /// them.
    ///
    /// # Errors
    /// Fails like [`Self::revoke_own_key`]; with [`KeyError::NotLive`] for a revoked or expired key; with [`KeyError::NotInScope`] if the
    /// new key would not give access to its default scope; with [`KeyError::Beyond`] for a key that outlives the caller's key or that the
    /// caller's key descends from; with [`KeyError::TooMany`] if the new key would exceed the limit.
    pub async fn rotate_own_key(&self, id: KeyId, overlap: Overlap) -> Result<IssuedKey, KeyError> {
        retry!(self.try_rotate_own_key(&self.caller, id, overlap))
    }
}

impl Attempt<'_> {
    async fn try_create_own_key(&self, caller: &Caller, new: NewKey) -> Result<IssuedKey, KeyError> {
        decide(Action::ManageKeys, Standing::Oneself, caller.ability)?;
        decide_reach(caller.reach, new.reach)?;
        let (now, user) = (self.now(), caller.user);
        not_over_yet(new.expires_at, now)?;
        let mut uow = self.begin_for(caller).await?;
        let maker = lock_maker(&mut *uow, caller, now).await?;
        let new = NewKey { expires_at: inherited_end(maker.end, new.expires_at)?, ..new };
        let new = placed(&mut *uow, user, maker.readmissions, new).await?;
        let holder = self.check_live_keys(&mut *uow, user, None, now).await?.bounded_by(maker.readmissions);
        let origin = KeyOrigin { parent: caller.key, issued: false };
        let issued = self.write_key(&mut *uow, caller.actor(), holder, new, origin, now).await?;
        self.commit(uow).await?;
        Ok(issued)
    }

    async fn try_revoke_own_key(
        &self,
        caller: &Caller,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        decide(Action::ManageKeys, Standing::Oneself, caller.ability)?;
        let uow = self.begin_for(caller).await?;
        let revoked = self.revoke(uow, caller.actor(), id, descendants, |key| is_there(caller, key)).await?;
        // A user may revoke keys for a scope to which they have no access any more, and gets the stored response nevertheless.
        self.acts_in(None);
        Ok(revoked)
    }

    async fn try_rotate_own_key(
        &self,
        caller: &Caller,
        id: KeyId,
        overlap: Overlap,
    ) -> Result<IssuedKey, KeyError> {
        decide(Action::ManageKeys, Standing::Oneself, caller.ability)?;
        let mut uow = self.begin_for(caller).await?;
        let now = self.now();
        let (mut old, origin) = lock_to_replace(&mut *uow, caller, id, now).await?;
        let new = NewKey {
            name: old.name.clone(),
            default_scope: old.default_scope,
            reach: old.reach,
            ability: old.ability,
            expires_at: old.expires_at,
        };
        let changes = old.retire(overlap, now)?;
        let readmissions = old.readmissions.min(caller.readmissions);
        let viewer = Viewer { readmissions, ..caller.viewer() };
        if uow.role_in_scope(&viewer, old.default_scope).await?.is_none() {
            return Err(KeyError::NotInScope);
        }
        if !changes.is_empty() {
            uow.update_key(&old).await?;
        }
        let issued_in = match old.reach {
            Reach::Only(organization) if origin.issued => Some(organization),
            _ => None,
        };
        let holder = self.check_live_keys(&mut *uow, caller.user, issued_in, now).await?;
        let (actor, holder) = (caller.actor(), holder.bounded_by(readmissions));
        let issued = self.write_key(&mut *uow, actor, holder, new, origin, now).await?;
        if !changes.is_empty() {
            let journal = self.journal(actor, old.default_scope, now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Key, id.as_uuid(), changes).await?;
        }
        self.move_children(&mut *uow, actor, id, Some(issued.key.id), now).await?;
        self.acts_in(Some(old.default_scope));
        self.commit(uow).await?;
        Ok(issued)
    }
}

/// Locks a key that is to be replaced, and the key of the call if it is another one. Returns the former and the origin of the new key.
async fn lock_to_replace(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    id: KeyId,
    now: Timestamp,
) -> Result<(ApiKey, KeyOrigin), KeyError> {
    let other = caller.key.filter(|own| *own != id);
    // By ascending id, so that two keys that replace each other concurrently do not wait for each other.
    let first =
        if other.is_some_and(|own| own < id) { Some(lock_maker(uow, caller, now).await?) } else { None };
    let old = uow.lock_key(id).await?.filter(|key| is_there(caller, key)).ok_or(KeyError::KeyNotFound)?;
    let origin = uow.key_origin(id).await?.unwrap_or_default();
    let Some(own) = other else { return Ok((old, origin)) };
    let Maker { end: own_end, .. } = match first {
        Some(maker) => maker,
        None => lock_maker(uow, caller, now).await?,
    };
    if let Some(end) = own_end.filter(|end| old.expires_at.is_none_or(|old| *end < old)) {
        return Err(BeyondMaker::End(end).into());
    }
    if descends_from(uow, own, id).await? {
        return Err(BeyondMaker::Ancestor.into());
    }
    Ok((old, KeyOrigin { parent: Some(own), ..origin }))
}

/// Returns `true` if the key belongs to the caller's user and reaches no further than the caller's key.
fn is_there(caller: &Caller, key: &ApiKey) -> bool {
    key.user == caller.user && decide_reach(caller.reach, key.reach).is_ok()
}
