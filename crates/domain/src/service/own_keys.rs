//! Use cases of one's own API keys. A key that is confined to an organization shows, makes and ends only such as itself.

use super::{IssuedKey, KeyError, Loggia, NewKey, retry};
use crate::event::{SubjectKind, Verb};
use crate::id::KeyId;
use crate::key::{ApiKey, Caller, Overlap};
use crate::policy::{Action, Standing, decide, decide_reach};

impl Loggia {
    /// The caller's keys that reach no further than the caller's own does, live or not, oldest first.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn own_keys(&self, caller: &Caller) -> Result<Vec<ApiKey>, KeyError> {
        decide(Action::ListKeys, Standing::Oneself, caller.ability)?;
        let mut keys = self.ports.views.keys(caller.user).await?;
        keys.retain(|key| is_there(caller, key));
        Ok(keys)
    }

    /// Makes a key for the caller.
    ///
    /// # Errors
    /// [`KeyError::Denied`] also for one that would reach further than the caller's own does; else as
    /// [`Self::issue_key`].
    pub async fn create_own_key(&self, caller: &Caller, new: NewKey) -> Result<IssuedKey, KeyError> {
        decide(Action::ManageKeys, Standing::Oneself, caller.ability)?;
        decide_reach(caller.reach, new.reach)?;
        self.issue_key(caller.actor(), caller.user, new).await
    }

    /// Revokes one of the caller's keys, which may be the one of the call: the next call with it is refused. Revoking it again
    /// changes nothing.
    ///
    /// # Errors
    /// [`KeyError::Denied`]; [`KeyError::KeyNotFound`] also for a key that reaches further than the caller's own does.
    pub async fn revoke_own_key(&self, caller: &Caller, id: KeyId) -> Result<ApiKey, KeyError> {
        retry!(self.try_revoke_own_key(caller, id))
    }

    async fn try_revoke_own_key(&self, caller: &Caller, id: KeyId) -> Result<ApiKey, KeyError> {
        decide(Action::ManageKeys, Standing::Oneself, caller.ability)?;
        let uow = self.begin_for(caller).await?;
        let revoked = self.revoke(uow, caller.actor(), id, |key| is_there(caller, key)).await?;
        // One may end one's keys for a scope that one has no place in any more, and be told of it again.
        self.acts_in(None);
        Ok(revoked)
    }

    /// Makes a key that takes the place of one of the caller's: for the same, as far, as able and as long. The old one ends with
    /// the overlap, unless it would have ended before.
    ///
    /// # Errors
    /// As [`Self::revoke_own_key`]; [`KeyError::NotLive`] for a key that opens nothing any more; [`KeyError::NotInScope`] if the
    /// caller has no place in its default scope any more.
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
        let found = uow.lock_key(id).await?.filter(|key| is_there(caller, key));
        let mut old = found.ok_or(KeyError::KeyNotFound)?;
        let new = NewKey {
            name: old.name.clone(),
            default_scope: old.default_scope,
            reach: old.reach,
            ability: old.ability,
            expires_at: old.expires_at,
        };
        let changes = old.retire(overlap, now)?;
        if uow.role_in_scope(&caller.viewer(), old.default_scope).await?.is_none() {
            return Err(KeyError::NotInScope);
        }
        let issued = self.write_key(&mut *uow, caller.actor(), caller.user, new, now).await?;
        if !changes.is_empty() {
            uow.update_key(&old).await?;
            let journal = self.journal(caller.actor(), old.default_scope, now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Key, id.as_uuid(), changes).await?;
        }
        self.commit(uow).await?;
        Ok(issued)
    }
}

/// Whether a key is one of the caller's that the caller's own key may touch.
fn is_there(caller: &Caller, key: &ApiKey) -> bool {
    key.user == caller.user && decide_reach(caller.reach, key.reach).is_ok()
}
