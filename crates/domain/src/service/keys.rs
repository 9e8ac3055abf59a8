//! Use cases of API keys, and of who one is.

use super::{AuthenticationError, KeyError, Loggia, retry};
use crate::event::{Actor, SubjectKind, Verb, changed, created};
use crate::id::{KeyId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, KeySecret};
use crate::organization::Organization;
use crate::port::{StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::{Reach, Scope, Viewer};
use crate::text::{EmailAddress, KeyName};
use crate::user::{Member, User};

/// What a new key is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What it is for.
    pub name: KeyName,
    /// The scope of calls that name none; its user must have an active place there.
    pub default_scope: Scope,
    /// Which scopes it opens.
    pub reach: Reach,
    /// What it may be used for.
    pub ability: Ability,
    /// From when on it opens nothing, if it ends.
    pub expires_at: Option<Timestamp>,
}

/// A new key, and its secret, which is shown this once and kept nowhere.
#[derive(Clone, Debug)]
pub struct IssuedKey {
    /// The key.
    pub key: ApiKey,
    /// The secret.
    pub secret: KeySecret,
}

/// Who a caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The user.
    pub user: User,
    /// The key of the call, if one was used.
    pub key: Option<ApiKey>,
    /// What the default scope shows of the user; `None` if they have no place there any more.
    pub member: Option<Member>,
    /// The organizations that the key opens, and the role in each.
    pub organizations: Vec<(Organization, ScopeRole)>,
}

impl Loggia {
    /// Tells whose secret it is.
    ///
    /// # Errors
    /// [`AuthenticationError::InvalidKey`] for a key that does not exist, was revoked, or has expired: all alike.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Caller, AuthenticationError> {
        let hash = self.ports.secrets.digest(secret.expose());
        match self.ports.views.key_by_hash(&hash).await? {
            Some(key) if key.is_live(self.now()) => Ok(Caller::from(&key)),
            _ => Err(AuthenticationError::InvalidKey),
        }
    }

    /// The caller's user, key and organizations.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] if the caller's user does not exist.
    pub async fn me(&self, caller: &Caller) -> Result<Me, StoreError> {
        let (views, viewer) = (&self.ports.views, caller.viewer());
        let user = views.user(caller.user).await?;
        let user = user.ok_or_else(|| StoreError::Corrupt(format!("users: no row for {}", caller.user)))?;
        let key = match caller.key {
            Some(id) => views.key(caller.user, id).await?,
            None => None,
        };
        let member = views.own_member(&viewer, caller.default_scope).await?.filter(|member| member.active);
        let organizations = views.organizations(&viewer).await?;
        Ok(Me { user, key, member, organizations })
    }

    /// The user with that address: for the operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        self.ports.views.user_by_email(email).await
    }

    /// The user's keys, live or not, oldest first: for their user and for the operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        self.ports.views.keys(user).await
    }

    /// Issues a key to a user.
    ///
    /// # Errors
    /// [`KeyError::NotInScope`] if the user has no active place in its default scope, or the reach does not cover that;
    /// [`KeyError::AlreadyExpired`].
    pub async fn issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        retry!(self.try_issue_key(actor, user, new.clone()))
    }

    async fn try_issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        let now = self.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(KeyError::AlreadyExpired);
        }
        let mut uow = self.ports.store.begin().await?;
        let viewer = Viewer { user, reach: new.reach };
        if uow.role_in_scope(&viewer, new.default_scope).await?.is_none() {
            return Err(KeyError::NotInScope);
        }
        let issued = self.write_key(&mut *uow, actor, user, new, now).await?;
        uow.commit().await?;
        Ok(issued)
    }

    pub(super) async fn write_key(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        user: UserId,
        new: NewKey,
        now: Timestamp,
    ) -> Result<IssuedKey, StoreError> {
        let secret = KeySecret::from_entropy(self.ports.secrets.entropy()?);
        let key = ApiKey {
            id: KeyId::from_uuid(self.ports.ids.next()),
            user,
            name: new.name,
            default_scope: new.default_scope,
            reach: new.reach,
            ability: new.ability,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        uow.insert_key(&key, &self.ports.secrets.digest(secret.expose())).await?;
        let journal = self.journal(actor, key.default_scope, now);
        journal.note(uow, Verb::Created, SubjectKind::Key, key.id.as_uuid(), created(key.fields())).await?;
        Ok(IssuedKey { key, secret })
    }

    /// Revokes a key: the next call with it is refused. Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::KeyNotFound`], also if it is not that owner's, where one is named.
    pub async fn revoke_key(
        &self,
        actor: Actor,
        owner: Option<UserId>,
        id: KeyId,
    ) -> Result<ApiKey, KeyError> {
        retry!(self.try_revoke_key(actor, owner, id))
    }

    async fn try_revoke_key(
        &self,
        actor: Actor,
        owner: Option<UserId>,
        id: KeyId,
    ) -> Result<ApiKey, KeyError> {
        let mut uow = self.ports.store.begin().await?;
        let now = self.now();
        let found = uow.lock_key(id).await?.filter(|key| owner.is_none_or(|owner| owner == key.user));
        let mut key = found.ok_or(KeyError::KeyNotFound)?;
        if key.revoked_at.is_none() {
            let before = key.fields();
            key.revoked_at = Some(now);
            uow.update_key(&key).await?;
            let changes = changed(before, key.fields());
            let journal = self.journal(actor, key.default_scope, now);
            journal.note(&mut *uow, Verb::Updated, SubjectKind::Key, id.as_uuid(), changes).await?;
            uow.commit().await?;
        }
        Ok(key)
    }
}
