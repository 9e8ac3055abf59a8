//! Use cases of authentication, of the current user, and of the operator on API keys.

use super::{AuthenticationError, KeyError, Loggia, RevokedKey, pick, retry};
use crate::event::{Actor, Change, SubjectKind, Value, Verb, created};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, Descendants, KeyOrigin, KeySecret};
use crate::organization::Organization;
use crate::page::{Page, PageRequest};
use crate::port::{FirstRead, Ports, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::{Reach, Readmissions, Scope, Viewer};
use crate::text::{EmailAddress, KeyName};
use crate::user::{Member, User};

/// The fields of a new key that a caller chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The label that says what the key is for.
    pub name: KeyName,
    /// The scope of calls that name none. The key's user must be an active member of it.
    pub default_scope: Scope,
    /// The scopes that the key gives access to.
    pub reach: Reach,
    /// The operations that the key allows.
    pub ability: Ability,
    /// The time from which on the key is expired; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
}

/// A new key and its secret. The secret is shown this once and not stored.
#[derive(Clone, Debug)]
pub struct IssuedKey {
    /// The key.
    pub key: ApiKey,
    /// The secret.
    pub secret: KeySecret,
}

/// The result of a successful authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The caller.
    pub caller: Caller,
    /// `true` if the current hour is not yet recorded as that of the key's last use, see [`Loggia::touch_key`].
    pub use_is_unnoted: bool,
    /// `true` if the key expires unless it is used, so that [`Loggia::keep_key`] must be called before the response is sent.
    pub ends_unless_used: bool,
}

/// The current user, the API key of the call, and the organizations it gives access to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The user.
    pub user: User,
    /// The key of the call; `None` if the host authenticated the user without one.
    pub key: Option<ApiKey>,
    /// The user's membership of the default scope; `None` if the user is no longer an active member of it.
    pub member: Option<Member>,
    /// A page of the organizations that the key gives access to, with the role in each.
    pub organizations: Page<(Organization, ScopeRole)>,
}

impl Loggia {
    /// Authenticates a caller by the secret of an API key. Writes nothing: if the use of the key is to be recorded, the host calls
    /// [`Self::touch_key`] beside the call.
    ///
    /// # Errors
    /// Fails with [`AuthenticationError::InvalidKey`] if the key does not exist, was revoked, or has expired; the error does not tell
    /// which.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Authenticated, AuthenticationError> {
        let hash = self.ports.secrets.digest(secret.expose());
        let key = self.ports.views.key_by_hash(&hash).await?;
        self.judge(key.as_ref())
    }

    /// Authenticates a caller like [`Self::authenticate`], for a call that goes on to read.
    ///
    /// The returned use cases, if any, are for that call only: their read side may keep other calls from reading until it is dropped, so
    /// drop them before waiting for anything else. `first` is the call's first read if the host knows it; the store may perform it
    /// together with the look-up of the key.
    ///
    /// # Errors
    /// Fails like [`Self::authenticate`].
    pub async fn authenticate_reader(
        &self,
        secret: &KeySecret,
        first: Option<FirstRead>,
    ) -> Result<(Authenticated, Option<Self>), AuthenticationError> {
        let hash = self.ports.secrets.digest(secret.expose());
        let opened = self.ports.views.open_with_key(&hash, first).await?;
        let authenticated = self.judge(opened.as_ref().map(|opened| &opened.key))?;
        let views = opened.and_then(|opened| opened.views);
        let reading =
            views.map(|views| Self { ports: Ports { views, ..self.ports.clone() }, ..self.clone() });
        Ok((authenticated, reading))
    }

    /// Checks that a key was found and is live now.
    fn judge(&self, key: Option<&ApiKey>) -> Result<Authenticated, AuthenticationError> {
        let now = self.now();
        match key {
            Some(key) if key.is_live(now) => Ok(Authenticated {
                caller: Caller::from(key),
                use_is_unnoted: key.unnoted_use(now).is_some(),
                ends_unless_used: key.ends_unless_used,
            }),
            _ => Err(AuthenticationError::InvalidKey),
        }
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

    /// Records that a key is used in the current hour. No event reports it. If the store is busy, the host may leave the recording to the
    /// next call.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn touch_key(&self, id: KeyId) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.touch_key(id, self.now().start_of_hour()).await?;
        self.commit(uow).await
    }

    /// Returns the current user, the key of the call, and a page of the user's organizations, by id.
    ///
    /// # Errors
    /// Fails with [`StoreError`]; with [`StoreError::Corrupt`] if the caller's user does not exist.
    pub async fn me(&self, caller: &Caller, page: &PageRequest) -> Result<Me, StoreError> {
        let (views, viewer) = (&self.ports.views, caller.viewer());
        let user = views.user(caller.user).await?;
        let user = user.ok_or_else(|| StoreError::Corrupt(format!("users: no row for {}", caller.user)))?;
        let key = match caller.key {
            Some(id) => views.key(caller.user, id).await?,
            None => None,
        };
        let member = views.own_member(&viewer, caller.default_scope).await?.filter(|member| member.active);
        let organizations = page.cut(views.organizations(&viewer, &page.window()).await?, None);
        Ok(Me { user, key, member, organizations })
    }

    /// Returns the account with this address, for the operator.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        self.ports.views.account_by_email(email).await
    }

    /// Returns the organization's own person with this address, for the operator.
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        self.ports.views.own_person_by_email(organization, email).await
    }

    /// Returns a page of a user's keys, live or not, oldest first, for the operator. Callers use [`Self::own_keys`].
    ///
    /// # Errors
    /// Fails with [`StoreError`] if the store fails.
    pub async fn keys(&self, user: UserId, page: &PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let operator = Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL };
        Ok(page.cut(self.ports.views.keys(&operator, &page.window()).await?, None))
    }

    /// Issues a key to a user for the operator. Callers use [`Self::create_own_key`] and [`Self::issue_member_key`].
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

    /// Writes a key whose user is known to be an active member of its default scope.
    pub(super) async fn write_key(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        holder: KeyHolder,
        new: NewKey,
        origin: KeyOrigin,
        now: Timestamp,
    ) -> Result<IssuedKey, StoreError> {
        self.write_key_that_may_end_unused(uow, actor, holder, (new, false), origin, now).await
    }

    /// Writes a key like [`Self::write_key`]. If the flag is `true`, the key expires unless it is used before its expiry.
    pub(super) async fn write_key_that_may_end_unused(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        holder: KeyHolder,
        (new, ends_unless_used): (NewKey, bool),
        origin: KeyOrigin,
        now: Timestamp,
    ) -> Result<IssuedKey, StoreError> {
        let secret = KeySecret::from_entropy(self.ports.secrets.entropy()?);
        let key = ApiKey {
            id: KeyId::from_uuid(self.ports.ids.next()),
            user: holder.user,
            name: new.name,
            prefix: Some(secret.prefix()),
            default_scope: new.default_scope,
            reach: new.reach,
            ability: new.ability,
            created_at: now,
            expires_at: new.expires_at,
            ends_unless_used,
            revoked_at: None,
            last_used_at: None,
            readmissions: holder.readmissions,
        };
        uow.insert_key(&key, &self.ports.secrets.digest(secret.expose()), &origin).await?;
        let journal = self.journal(actor, key.default_scope, now);
        let mut fields = created(key.fields());
        fields.extend(origin.parent.map(|parent| Change {
            field: "parent".into(),
            from: Value::Empty,
            to: parent.as_uuid().into(),
        }));
        journal.note(uow, Verb::Created, SubjectKind::Key, key.id.as_uuid(), fields).await?;
        Ok(IssuedKey { key, secret })
    }

    /// Revokes a key for the operator, and its live descendants unless they are kept. The next call with a revoked key is refused.
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

    /// Revokes a key that `is_there` accepts, and ends the unit of work.
    pub(super) async fn revoke(
        &self,
        mut uow: Box<dyn UnitOfWork>,
        actor: Actor,
        id: KeyId,
        descendants: Descendants,
        is_there: impl FnOnce(&ApiKey) -> bool + Send,
    ) -> Result<RevokedKey, KeyError> {
        let now = self.now();
        let mut key = uow.lock_key(id).await?.filter(is_there).ok_or(KeyError::KeyNotFound)?;
        let journal = self.journal(actor, key.default_scope, now);
        let changes = key.revoke(now);
        if changes.is_empty() {
            // The descendants were revoked with the key, or have another parent since.
            return Ok(RevokedKey { key, descendants: 0 });
        }
        uow.update_key(&key).await?;
        journal.note(&mut *uow, Verb::Updated, SubjectKind::Key, id.as_uuid(), changes).await?;
        let descendants = match descendants {
            Descendants::Revoke => self.revoke_descendants(&mut *uow, actor, id, now).await?,
            Descendants::Keep => {
                let parent = uow.key_origin(id).await?.and_then(|origin| origin.parent);
                self.move_children(&mut *uow, actor, id, parent, now).await?;
                0
            }
        };
        self.commit(uow).await?;
        Ok(RevokedKey { key, descendants })
    }
}

/// The user of a new key, who is locked, and the number of readmissions that the key gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyHolder {
    pub(super) user: UserId,
    pub(super) readmissions: Readmissions,
}

impl KeyHolder {
    /// Locks the user. A key created under this lock gives access to every current membership of the user.
    pub(super) async fn lock(uow: &mut dyn UnitOfWork, user: UserId) -> Result<Self, StoreError> {
        Ok(Self { user, readmissions: uow.lock_user(user).await? })
    }

    /// Bounds the key: it gives access to no membership that is closed to a key with this number of readmissions.
    pub(super) fn bounded_by(self, readmissions: Readmissions) -> Self {
        Self { readmissions: self.readmissions.min(readmissions), ..self }
    }
}

/// Returns the key that the user may have, or fails with [`KeyError::NotInScope`]. The user must be an active member of the default
/// scope, by a membership that is open to a key with this number of readmissions. A key of a user that belongs to an organization reaches
/// that organization only.
pub(super) async fn placed(
    uow: &mut dyn UnitOfWork,
    user: UserId,
    readmissions: Readmissions,
    new: NewKey,
) -> Result<NewKey, KeyError> {
    let viewer = Viewer { user, reach: new.reach, readmissions };
    if uow.role_in_scope(&viewer, new.default_scope).await?.is_none() {
        return Err(KeyError::NotInScope);
    }
    let holder = pick(&uow.members(new.default_scope, &[user]).await?, user)?;
    Ok(NewKey { reach: holder.home.map_or(new.reach, Reach::Only), ..new })
}

/// Refuses an expiry that is not in the future: such a key would never be live.
pub(super) fn not_over_yet(end: Option<Timestamp>, now: Timestamp) -> Result<(), KeyError> {
    if end.is_some_and(|end| end <= now) { Err(KeyError::AlreadyExpired) } else { Ok(()) }
}
