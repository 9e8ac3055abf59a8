//! Authentication: who calls, by an API key or as the host recognises its users.

use super::acting::Acting;
use super::error::{AuthenticationError, RecognitionError};
use super::execution::{Attempt, retry};
use super::loggia::Loggia;
use crate::event::{Actor, SubjectKind, Verb};
use crate::id::{KeyId, UserId};
use crate::instant::Timestamp;
use crate::key::{ApiKey, Caller, KeySecret};
use crate::port::{ReadAhead, StoreError};
use crate::scope::{Reach, Readmissions, Scope, Viewer};

/// The result of a successful authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authenticated {
    /// The caller.
    pub caller: Caller,
    /// `true` if the current hour is not yet recorded as that of the key's last use, see [`Loggia::touch_key`].
    pub use_is_unrecorded: bool,
    /// `true` if the key expires unless it is used, so that [`Loggia::keep_key`] must be called before the response is sent.
    pub ends_unless_used: bool,
}

impl Loggia {
    /// Authenticates a caller by the secret of an API key. Writes nothing: if the use of the key is to be recorded, the host calls
    /// [`Self::touch_key`] beside the call.
    ///
    /// # Errors
    /// Fails with [`AuthenticationError::InvalidKey`] if the key does not exist, was revoked, or has expired; the error does not tell
    /// which.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Authenticated, AuthenticationError> {
        let hash = self.setup.ports.secrets.digest(secret.expose());
        let key = self.setup.ports.views.key_by_hash(&hash).await?;
        judge(key.as_ref(), self.now())
    }

    /// Authenticates a caller like [`Self::authenticate`], for a call that goes on to read.
    ///
    /// The returned use cases, if any, are for that call only: their read side may keep other calls from reading until it is dropped, so
    /// drop them before waiting for anything else. `ahead` is the call's first read if the host knows it; the store may make it
    /// together with the look-up of the key.
    ///
    /// # Errors
    /// Fails like [`Self::authenticate`].
    pub async fn authenticate_reader(
        &self,
        secret: &KeySecret,
        ahead: Option<ReadAhead>,
    ) -> Result<(Authenticated, Option<Acting>), AuthenticationError> {
        let hash = self.setup.ports.secrets.digest(secret.expose());
        let opened = self.setup.ports.views.open_with_key(&hash, ahead).await?;
        let authenticated = judge(opened.as_ref().map(|opened| &opened.key), self.now())?;
        let views = opened.and_then(|opened| opened.views);
        let reading = views.map(|views| self.acting_as(&authenticated.caller).reading(views));
        Ok((authenticated, reading))
    }

    /// Recognises a user whom the host has authenticated itself, without an API key. `default_scope` is the scope of calls that name none.
    ///
    /// The caller reads and writes in all scopes of an account; a person or machine that belongs to an organization is confined to it.
    /// Costs one call of the store. The result is as of now: as for a key, each use case checks the memberships again.
    ///
    /// # Errors
    /// Fails with [`RecognitionError::UnknownUser`], and with [`RecognitionError::NotInScope`] or [`RecognitionError::Inactive`] unless the
    /// user is an active member of the default scope.
    pub async fn recognise(&self, user: UserId, default_scope: Scope) -> Result<Caller, RecognitionError> {
        let views = &self.setup.ports.views;
        let viewer = Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL };
        let Some(member) = views.own_member(&viewer, default_scope).await? else {
            let found = views.user(user).await?;
            return Err(found.map_or(RecognitionError::UnknownUser, |_| RecognitionError::NotInScope));
        };
        if !member.active {
            return Err(RecognitionError::Inactive);
        }
        let caller = Caller::unchecked(user, default_scope);
        Ok(member.home.map_or(caller, |home| caller.confined_to(home)))
    }

    /// Removes the expiry of a key that expires unless it is used, since it is used now. A host calls this before it sends the response,
    /// so that a key that has been used does not expire. The call writes at most once in the life of a key, and nothing for other keys.
    ///
    /// # Errors
    /// Fails with [`AuthenticationError::InvalidKey`] if the key has been revoked or has expired meanwhile; the host must then refuse the
    /// call.
    pub async fn keep_key(&self, id: KeyId) -> Result<(), AuthenticationError> {
        retry!(self.try_keep_key(id))
    }

    /// Records that a key is used in the current hour. No event reports it. If the store is busy, the host may leave the recording to the
    /// next call.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn touch_key(&self, id: KeyId) -> Result<(), StoreError> {
        let attempt = self.attempt();
        let mut uow = attempt.begin().await?;
        uow.touch_key(id, self.now().start_of_hour()).await?;
        attempt.commit(uow).await
    }
}

impl Attempt<'_> {
    async fn try_keep_key(&self, id: KeyId) -> Result<(), AuthenticationError> {
        let mut uow = self.begin().await?;
        let mut key = uow.lock_key(id).await?.ok_or(AuthenticationError::InvalidKey)?;
        // Of several concurrent first uses only one changes the key; each is checked at the time at which it holds the lock.
        let now = self.now();
        let changes = key.keep(now).map_err(|_| AuthenticationError::InvalidKey)?;
        if !changes.is_empty() {
            uow.update_key(&key).await?;
            let actor = Actor::User { user: key.user, key: Some(id) };
            let journal = self.journal(actor, key.default_scope, now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Key, id.as_uuid(), changes).await?;
            self.commit(uow).await?;
        }
        Ok(())
    }
}

/// Checks that a key was found and is live now.
fn judge(key: Option<&ApiKey>, now: Timestamp) -> Result<Authenticated, AuthenticationError> {
    match key {
        Some(key) if key.is_live(now) => Ok(Authenticated {
            caller: Caller::from(key),
            use_is_unrecorded: key.unrecorded_use(now).is_some(),
            ends_unless_used: key.ends_unless_used,
        }),
        _ => Err(AuthenticationError::InvalidKey),
    }
}
