//! Use cases of API keys, and of who one is.

use super::{AuthenticationError, KeyError, Loggia, RevokedKey, pick, retry};
use crate::event::{Actor, Change, SubjectKind, Value, Verb, created};
use crate::id::{KeyId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Caller, Descendants, KeyOrigin, KeySecret};
use crate::organization::Organization;
use crate::page::{Page, PageRequest};
use crate::port::{FirstRead, Ports, StoreError, UnitOfWork};
use crate::role::ScopeRole;
use crate::scope::{Reach, Readmissions, Scope, Viewer};
use crate::text::{EmailAddress, KeyName};
use crate::user::{Member, User, UserKind};

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

/// A key that opened the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// Who calls with it.
    pub caller: Caller,
    /// Whether this hour is still to be written down as that of its last use, see [`Loggia::touch_key`].
    pub use_is_unnoted: bool,
    /// Whether the key ends unless it is used, so that it must be kept before the call is answered, see [`Loggia::keep_key`].
    pub ends_unless_used: bool,
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
    /// A page of the organizations that the key opens, and the role in each.
    pub organizations: Page<(Organization, ScopeRole)>,
}

impl Loggia {
    /// Tells whose secret it is. It writes nothing: where the use of the key is yet to be noted, the host does so beside the
    /// call, see [`Self::touch_key`].
    ///
    /// # Errors
    /// [`AuthenticationError::InvalidKey`] for a key that does not exist, was revoked, or has expired: all alike.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Authenticated, AuthenticationError> {
        let hash = self.ports.secrets.digest(secret.expose());
        let key = self.ports.views.key_by_hash(&hash).await?;
        self.judge(key.as_ref())
    }

    /// The same for a call that goes on to read. The use cases that come with it, if any, are for that call alone: their read side may
    /// keep others from reading until they are dropped, so nothing else is waited for while they are held. What the call will ask for
    /// first, if that is known, may be read together with the key.
    ///
    /// # Errors
    /// As [`Self::authenticate`].
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

    /// Whether a key that was found, or not, opens the door now.
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

    /// Takes the end away from a key that ends unless it is used: it is used now. A host does so before it answers the call, for a key
    /// that has opened anything must stay. It writes once in the life of the key, and nothing for other keys.
    ///
    /// # Errors
    /// [`AuthenticationError::InvalidKey`] if the key has ended meanwhile; then the call is refused.
    pub async fn keep_key(&self, id: KeyId) -> Result<(), AuthenticationError> {
        retry!(self.try_keep_key(id))
    }

    async fn try_keep_key(&self, id: KeyId) -> Result<(), AuthenticationError> {
        let mut uow = self.begin().await?;
        let mut key = uow.lock_key(id).await?.ok_or(AuthenticationError::InvalidKey)?;
        // Of many first uses at once one changes anything; each is judged by the time at which it has the key.
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

    /// Notes that a key is used in this hour. No event tells of it, and where the store is busy it is simply left to the next call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_key(&self, id: KeyId) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.touch_key(id, self.now().start_of_hour()).await?;
        self.commit(uow).await
    }

    /// The caller's user and key, and a page of the caller's organizations, by id.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Corrupt`] if the caller's user does not exist.
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

    /// The user with that address: for the operator.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        self.ports.views.user_by_email(email).await
    }

    /// A page of the user's keys, live or not, oldest first: for the operator. Callers have [`Self::own_keys`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keys(&self, user: UserId, page: &PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let operator = Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL };
        Ok(page.cut(self.ports.views.keys(&operator, &page.window()).await?, None))
    }

    /// Issues a key to a user on the operator's word; callers have [`Self::create_own_key`] and [`Self::issue_member_key`].
    /// A machine's key is confined to the machine's organization, whatever reach it is given here. The key has no parent, and
    /// [`super::UserLimits`] do not count for it.
    ///
    /// # Errors
    /// [`KeyError::NotInScope`] if the user has no active place in its default scope, or the reach does not cover that;
    /// [`KeyError::AlreadyExpired`].
    pub async fn issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        retry!(self.try_issue_key(actor, user, new.clone()))
    }

    async fn try_issue_key(&self, actor: Actor, user: UserId, new: NewKey) -> Result<IssuedKey, KeyError> {
        let now = self.now();
        not_over_yet(new.expires_at, now)?;
        let mut uow = self.begin().await?;
        let new = placed(&mut *uow, user, Readmissions::ALL, new).await?;
        let holder = KeyHolder::lock(&mut *uow, user).await?;
        let issued = self.write_key(&mut *uow, actor, holder, new, KeyOrigin::default(), now).await?;
        self.commit(uow).await?;
        Ok(issued)
    }

    /// Writes a key of a user who has been found to have a place in its default scope.
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

    /// Writes a key like [`Self::write_key`]; if it ends unless it is used, its end is when it must have been used by.
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

    /// Revokes a key on the operator's word, and the live keys that descend from it or not: the next call with them is refused.
    /// Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::KeyNotFound`], also if it is not that owner's, where one is named.
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

    /// Revokes a key that is there for whoever asks, and ends the unit of work.
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
            // Its descendants were revoked with it, or belong to another key since.
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

/// The user of a new key, locked, and the number of readmissions that the key has.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyHolder {
    pub(super) user: UserId,
    pub(super) readmissions: Readmissions,
}

impl KeyHolder {
    /// Locks the user. The key is made now, and opens every membership of theirs.
    pub(super) async fn lock(uow: &mut dyn UnitOfWork, user: UserId) -> Result<Self, StoreError> {
        Ok(Self { user, readmissions: uow.lock_user(user).await? })
    }

    /// Bounds the key: it opens no membership that a key with that number does not open.
    pub(super) fn bounded_by(self, readmissions: Readmissions) -> Self {
        Self { readmissions: self.readmissions.min(readmissions), ..self }
    }
}

/// The key as its user may have it: with a default scope that the user has an active place in, which a key with that number of
/// readmissions opens; and no reach beyond a machine's organization.
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
    let reach = match (holder.kind, new.default_scope) {
        (UserKind::Machine, Scope::Organization(only)) => Reach::Only(only),
        _ => new.reach,
    };
    Ok(NewKey { reach, ..new })
}

/// A key that would open nothing from the beginning is a mistake.
pub(super) fn not_over_yet(end: Option<Timestamp>, now: Timestamp) -> Result<(), KeyError> {
    if end.is_some_and(|end| end <= now) { Err(KeyError::AlreadyExpired) } else { Ok(()) }
}
