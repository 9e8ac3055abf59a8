//! The creation and the revocation of API keys.

use super::key_lines::RevokedKey;
use super::rows::pick;
use crate::event::{Actor, Change, SubjectKind, Value, Verb, created};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::key::{Ability, ApiKey, Descendants, KeyOrigin, KeySecret};
use crate::port::{LiveKeys, StoreError, UnitOfWork};
use crate::scope::{Reach, Readmissions, Scope, Viewer};
use crate::service::error::KeyError;
use crate::service::execution::Attempt;
use crate::text::KeyName;

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
#[non_exhaustive]
pub struct IssuedKey {
    /// The key.
    pub key: ApiKey,
    /// The secret.
    pub secret: KeySecret,
}

impl Attempt<'_> {
    /// Checks that a user may have one more live key, and locks the user. The key is one that the admins of the organization `issued_in`
    /// issue, or for `None` any other.
    ///
    /// The two kinds are counted separately. Otherwise an admin could use up a member's own limit, and would learn how much of it is
    /// used.
    pub(in crate::service) async fn check_live_keys(
        &self,
        uow: &mut dyn UnitOfWork,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
    ) -> Result<KeyHolder, KeyError> {
        let limit = self.setup.user_limits.live_keys;
        let LiveKeys { count, readmissions } = uow.count_live_keys(user, issued_in, now, limit).await?;
        if count < limit { Ok(KeyHolder { user, readmissions }) } else { Err(KeyError::TooMany { limit }) }
    }

    /// Writes a key whose user is known to be an active member of its default scope.
    pub(in crate::service) async fn write_key(
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
    pub(in crate::service) async fn write_key_that_may_end_unused(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: Actor,
        holder: KeyHolder,
        (new, ends_unless_used): (NewKey, bool),
        origin: KeyOrigin,
        now: Timestamp,
    ) -> Result<IssuedKey, StoreError> {
        let secret = KeySecret::from_entropy(self.setup.ports.secrets.entropy()?);
        let key = ApiKey {
            id: KeyId::from_uuid(self.setup.ports.ids.next()),
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
        uow.insert_key(&key, &self.setup.ports.secrets.digest(secret.expose()), &origin).await?;
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

    /// Revokes a key that `is_there` accepts, and ends the unit of work.
    pub(in crate::service) async fn revoke(
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
pub(in crate::service) struct KeyHolder {
    pub(in crate::service) user: UserId,
    pub(in crate::service) readmissions: Readmissions,
}

impl KeyHolder {
    /// Locks the user. A key created under this lock gives access to every current membership of the user.
    pub(in crate::service) async fn lock(uow: &mut dyn UnitOfWork, user: UserId) -> Result<Self, StoreError> {
        Ok(Self { user, readmissions: uow.lock_user(user).await? })
    }

    /// Bounds the key: it gives access to no membership that is closed to a key with this number of readmissions.
    pub(in crate::service) fn bounded_by(self, readmissions: Readmissions) -> Self {
        Self { readmissions: self.readmissions.min(readmissions), ..self }
    }
}

/// Returns the key that the user may have, or fails with [`KeyError::NotInScope`]. The user must be an active member of the default
/// scope, by a membership that is open to a key with this number of readmissions. A key of a user that belongs to an organization reaches
/// that organization only.
pub(in crate::service) async fn placed(
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
pub(in crate::service) fn not_over_yet(end: Option<Timestamp>, now: Timestamp) -> Result<(), KeyError> {
    if end.is_some_and(|end| end <= now) { Err(KeyError::AlreadyExpired) } else { Ok(()) }
}
