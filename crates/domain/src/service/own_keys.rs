//! Use cases of one's own API keys. A key that is confined to an organization shows, makes and ends only such as itself.

use super::key_lines::{Maker, descends_from, lock_maker};
use super::keys::{not_over_yet, placed};
use super::{IssuedKey, KeyError, Loggia, NewKey, RevokedKey, retry};
use crate::event::{SubjectKind, Verb};
use crate::id::KeyId;
use crate::instant::Timestamp;
use crate::key::{ApiKey, BeyondMaker, Caller, Descendants, KeyOrigin, Overlap, inherited_end};
use crate::page::{Page, PageRequest};
use crate::policy::{Action, Standing, decide, decide_reach};
use crate::port::UnitOfWork;
use crate::scope::{Reach, Viewer};

impl Loggia {
    /// A page of the caller's keys that reach no further than the caller's own does, live or not, oldest first.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn own_keys(&self, caller: &Caller, page: &PageRequest) -> Result<Page<ApiKey>, KeyError> {
        decide(Action::ListKeys, Standing::Oneself, caller.ability)?;
        Ok(page.cut(self.ports.views.keys(&caller.viewer(), &page.window()).await?, None))
    }

    /// Makes a key for the caller, as a child of the caller's own. One for which no end is named ends with that one. It opens no
    /// organization that was closed to the caller's own by a readmission.
    ///
    /// Only a key that may write makes others, so none has an ability that its parent lacks.
    ///
    /// # Errors
    /// [`KeyError::Denied`] also for one that would reach further than the caller's own does; [`KeyError::Beyond`] for one that
    /// would outlive it; [`KeyError::TooMany`]; else as [`Self::issue_key`].
    pub async fn create_own_key(&self, caller: &Caller, new: NewKey) -> Result<IssuedKey, KeyError> {
        retry!(self.try_create_own_key(caller, new.clone()))
    }

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

    /// Revokes one of the caller's keys, which may be the one of the call, and the live keys of any user that descend from it,
    /// unless they are kept: the next call with a revoked key is refused. Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::Denied`]; [`KeyError::KeyNotFound`] also for a key that reaches further than the caller's own does.
    pub async fn revoke_own_key(
        &self,
        caller: &Caller,
        id: KeyId,
        descendants: Descendants,
    ) -> Result<RevokedKey, KeyError> {
        retry!(self.try_revoke_own_key(caller, id, descendants))
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
        // One may end one's keys for a scope that one has no place in any more, and be told of it again.
        self.acts_in(None);
        Ok(revoked)
    }

    /// Makes a key that takes the place of one of the caller's: for the same, as far, as able and as long. The old one ends with
    /// the overlap, unless it would have ended before. Its live children become the new key's.
    ///
    /// A key that replaces itself stays a child of its own parent. One that is replaced with another key becomes that one's child, which
    /// knows the new secret. The new key opens no organization that was closed to either of these by a readmission.
    ///
    /// # Errors
    /// As [`Self::revoke_own_key`]; [`KeyError::NotLive`] for a key that opens nothing any more; [`KeyError::NotInScope`] if the
    /// new key would not open its default scope; [`KeyError::Beyond`] for a key that outlives the caller's own or that
    /// the caller's own descends from; [`KeyError::TooMany`] if both would count and are one too many.
    pub async fn rotate_own_key(
        &self,
        caller: &Caller,
        id: KeyId,
        overlap: Overlap,
    ) -> Result<IssuedKey, KeyError> {
        retry!(self.try_rotate_own_key(caller, id, overlap))
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

/// Locks a key that shall be replaced, and the key of the call if it is another one; gives it back with the origin of the new one.
async fn lock_to_replace(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    id: KeyId,
    now: Timestamp,
) -> Result<(ApiKey, KeyOrigin), KeyError> {
    let other = caller.key.filter(|own| *own != id);
    // By ascending id, so that two keys that replace each other at once do not wait for each other.
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

/// Whether a key is one of the caller's that the caller's own key may touch.
fn is_there(caller: &Caller, key: &ApiKey) -> bool {
    key.user == caller.user && decide_reach(caller.reach, key.reach).is_ok()
}
