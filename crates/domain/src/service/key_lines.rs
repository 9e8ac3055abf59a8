//! Lines of API keys: a key that makes another bounds it, and takes it along when it is revoked.
//!
//! No key that has ended has a live child. A child ends no later than its parent; a revocation takes the children along or moves them up
//! to the revoked key's own parent; a rotation moves them to the new key. So a revocation walks over live keys only.

use super::keys::KeyHolder;
use super::{KeyError, Loggia};
use crate::event::{Actor, Change, SubjectKind, Verb};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{ApiKey, Caller};
use crate::port::{LiveKeys, StoreError, UnitOfWork};
use crate::scope::Readmissions;

/// A key that was revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedKey {
    /// The key.
    pub key: ApiKey,
    /// The number of live descendants that this call revoked.
    pub descendants: u64,
}

/// The bounds that a key sets for a key that it makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker {
    pub(super) end: Option<Timestamp>,
    /// For a key of the maker's own user.
    pub(super) readmissions: Readmissions,
}

/// Locks the key of the call, which is about to make another one. The key is not revoked before that other one is there, and then takes
/// it along. A caller whom the host has recognised without a key bounds nothing.
///
/// # Errors
/// [`StoreError::UnknownCaller`] if it is not live any more.
pub(super) async fn lock_maker(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    now: Timestamp,
) -> Result<Maker, KeyError> {
    let readmissions = caller.readmissions;
    let Some(id) = caller.key else { return Ok(Maker { end: None, readmissions }) };
    let key = uow.lock_key(id).await?.filter(|key| key.is_live(now)).ok_or(StoreError::UnknownCaller)?;
    Ok(Maker { end: key.expires_at, readmissions })
}

/// Whether the key `id` descends from the key `ancestor`. Both are locked, so no key between them leaves the line meanwhile.
pub(super) async fn descends_from(
    uow: &mut dyn UnitOfWork,
    id: KeyId,
    ancestor: KeyId,
) -> Result<bool, StoreError> {
    let mut next = Some(id);
    while let Some(id) = next {
        next = uow.key_origin(id).await?.and_then(|origin| origin.parent);
        if next == Some(ancestor) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Loggia {
    /// Makes sure that a user may have one more live key: one that the organization's admins issue, or for `None` another one. Locks
    /// the user.
    ///
    /// The two are counted apart. Otherwise an admin could use up what a member may make elsewhere, and would be told how much
    /// of that is used.
    pub(super) async fn check_live_keys(
        &self,
        uow: &mut dyn UnitOfWork,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
    ) -> Result<KeyHolder, KeyError> {
        let limit = self.user_limits.live_keys;
        let LiveKeys { count, readmissions } = uow.count_live_keys(user, issued_in, now, limit).await?;
        if count < limit { Ok(KeyHolder { user, readmissions }) } else { Err(KeyError::TooMany { limit }) }
    }

    /// Revokes the live keys that descend from a key that is locked, and tells how many.
    ///
    /// Descends generation by generation. A unit of work that makes a key holds the lock of the parent, so no child of a locked
    /// generation is missed.
    pub(super) async fn revoke_descendants(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        id: KeyId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mut revoked, mut generation) = (0, vec![id]);
        while !generation.is_empty() {
            let children = uow.lock_live_children(&generation, now).await?;
            generation = children.iter().map(|key| key.id).collect();
            for mut key in children {
                let changes = key.revoke(now);
                uow.update_key(&key).await?;
                self.note_key(uow, actor, &key, changes, now).await?;
                revoked += 1;
            }
        }
        Ok(revoked)
    }

    /// Revokes the user's live keys that reach that organization alone, and what descends from them.
    pub(super) async fn revoke_keys_for(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // One of them may descend from another, so they are looked for again after each.
        while let Some(mut key) = uow.lock_live_keys(user, organization, now).await?.into_iter().next() {
            let changes = key.revoke(now);
            uow.update_key(&key).await?;
            self.note_key(uow, actor, &key, changes, now).await?;
            self.revoke_descendants(uow, actor, key.id, now).await?;
        }
        Ok(())
    }

    /// Gives the live children of a key that is locked to another key, or to none.
    pub(super) async fn move_children(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        from: KeyId,
        to: Option<KeyId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for key in uow.lock_live_children(&[from], now).await? {
            uow.update_parent(&key, to).await?;
            let change = Change {
                field: "parent".into(),
                from: from.as_uuid().into(),
                to: to.map(KeyId::as_uuid).into(),
            };
            self.note_key(uow, actor, &key, vec![change], now).await?;
        }
        Ok(())
    }

    async fn note_key(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        key: &ApiKey,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let journal = self.journal(actor, key.default_scope, now);
        journal.note(uow, Verb::Updated, SubjectKind::Key, key.id.as_uuid(), changes).await
    }
}
