//! Lineage of API keys: a key that creates another one bounds it, and a revocation includes the descendants.
//!
//! No revoked or expired key has a live child: a child expires no later than its parent; a revocation revokes the children or moves them
//! to the revoked key's parent; a rotation moves them to the new key. So a revocation visits live keys only.

use crate::event::{Actor, Change, SubjectKind, Verb};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{ApiKey, Caller};
use crate::port::{StoreError, UnitOfWork};
use crate::scope::Readmissions;
use crate::service::error::KeyError;
use crate::service::execution::Attempt;

/// The result of a revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokedKey {
    /// The revoked key.
    pub key: ApiKey,
    /// The number of live descendants that this call revoked.
    pub descendants: u64,
}

/// The bounds that a key sets for a key that it creates.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct Maker {
    pub(in crate::service) end: Option<Timestamp>,
    /// The bound for a key of the creator's own user.
    pub(in crate::service) readmissions: Readmissions,
}

/// Locks the key of the call, which is about to create another key. It cannot be revoked before the other key exists, and a later
/// revocation includes that one. A caller whom the host has authenticated without a key sets no bounds.
///
/// # Errors
/// Fails with [`StoreError::UnknownCaller`] if the key is not live any more.
pub(in crate::service) async fn lock_maker(
    uow: &mut dyn UnitOfWork,
    caller: &Caller,
    now: Timestamp,
) -> Result<Maker, KeyError> {
    let readmissions = caller.readmissions;
    let Some(id) = caller.key else { return Ok(Maker { end: None, readmissions }) };
    let key = uow.lock_key(id).await?.filter(|key| key.is_live(now)).ok_or(StoreError::UnknownCaller)?;
    Ok(Maker { end: key.expires_at, readmissions })
}

/// Returns `true` if the key `id` descends from the key `ancestor`. Both must be locked, so that no key between them changes its parent
/// meanwhile.
pub(in crate::service) async fn descends_from(
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

impl Attempt<'_> {
    /// Revokes the live descendants of a locked key. Returns their number.
    ///
    /// Proceeds generation by generation. A unit of work that creates a key holds the lock of its parent, so no child of a locked
    /// generation is missed.
    pub(in crate::service) async fn revoke_descendants(
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

    /// Revokes the user's live keys that reach this organization only, and their descendants.
    pub(in crate::service) async fn revoke_keys_for(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // One of these keys may descend from another, so the query is repeated after each.
        while let Some(mut key) = uow.lock_live_keys(user, organization, now).await?.into_iter().next() {
            let changes = key.revoke(now);
            uow.update_key(&key).await?;
            self.note_key(uow, actor, &key, changes, now).await?;
            self.revoke_descendants(uow, actor, key.id, now).await?;
        }
        Ok(())
    }

    /// Moves the live children of a locked key to another parent, or to none.
    pub(in crate::service) async fn move_children(
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
