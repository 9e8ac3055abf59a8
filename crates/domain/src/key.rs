//! API keys, which are bearer secrets, and the callers that use them.

mod secret;

use crate::event::{Actor, Change, Fields, changed};
use crate::id::{KeyId, OrganizationId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::range::OutOfRange;
use crate::scope::{Reach, Readmissions, Scope, ScopeChoice, Viewer};
use crate::serialization::as_number;
use crate::text::KeyName;

pub use secret::{KeyHash, KeyPrefix, KeySecret, MalformedKey};

literals! {
    /// The operations that a key allows.
    Ability {
        /// Reads only.
        Read = "read",
        /// Reads and writes.
        Write = "write",
    }
}

impl Ability {
    /// Returns this ability and every ability that it includes.
    pub const fn included(self) -> &'static [Self] {
        match self {
            Self::Read => &[Self::Read],
            Self::Write => &[Self::Read, Self::Write],
        }
    }
}

/// An API key of one user. The secret itself is not stored, only its [`KeyHash`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id.
    pub id: KeyId,
    /// The user to whom the key belongs.
    pub user: UserId,
    /// The label that says what the key is for.
    pub name: KeyName,
    /// The first characters of the secret, by which people recognise the key; `None` for keys of the first versions.
    pub prefix: Option<KeyPrefix>,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// The scopes that the key gives access to.
    pub reach: Reach,
    /// The operations that the key allows.
    pub ability: Ability,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time from which on the key is expired; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// `true` if [`expires_at`](Self::expires_at) holds only until the first use of the key, which removes the expiry, see
    /// [`Self::keep`].
    pub ends_unless_used: bool,
    /// The time of revocation, if the key was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The start of the hour in which the key was last used. It is written beside the calls and not with them, so it may lag behind.
    pub last_used_at: Option<Timestamp>,
    /// The number of readmissions up to which the key is valid: memberships with a greater number are not open to it.
    pub readmissions: Readmissions,
}

impl ApiKey {
    /// The lifetime in seconds of a key that expires unless it is used: one day.
    pub const UNUSED_SECONDS: i64 = 24 * 60 * 60;

    /// Removes the expiry of a key that expires unless it is used, since the key is used now. Returns the changes: none for any other
    /// key.
    ///
    /// # Errors
    /// Fails with [`KeyNotLive`] if the key is revoked or expired; the key is unchanged then.
    pub fn keep(&mut self, now: Timestamp) -> Result<Vec<Change>, KeyNotLive> {
        if !self.is_live(now) {
            return Err(KeyNotLive);
        }
        if !self.ends_unless_used {
            return Ok(Vec::new());
        }
        let before = self.fields();
        (self.expires_at, self.ends_unless_used) = (None, false);
        Ok(changed(before, self.fields()))
    }

    /// Returns `true` if the key is neither revoked nor expired at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Revokes the key. Returns the changes: none if it was revoked before.
    pub fn revoke(&mut self, now: Timestamp) -> Vec<Change> {
        let before = self.fields();
        self.revoked_at = self.revoked_at.or(Some(now));
        changed(before, self.fields())
    }

    /// Limits the remaining lifetime of the key to `overlap`; an earlier expiry stays. Returns the changes.
    ///
    /// # Errors
    /// Fails with [`KeyNotLive`] if the key is revoked or expired; the key is unchanged then.
    pub fn retire(&mut self, overlap: Overlap, now: Timestamp) -> Result<Vec<Change>, KeyNotLive> {
        if !self.is_live(now) {
            return Err(KeyNotLive);
        }
        let before = self.fields();
        let end = now.plus_seconds(i64::from(overlap.seconds()));
        self.expires_at = Some(self.expires_at.map_or(end, |sooner| sooner.min(end)));
        // The first use of the key must not remove this expiry.
        self.ends_unless_used = false;
        Ok(changed(before, self.fields()))
    }

    /// Returns the hour to record as that of the last use if the key is used at `now`; `None` if that hour or a later one is recorded
    /// already.
    pub fn unrecorded_use(&self, now: Timestamp) -> Option<Timestamp> {
        let hour = now.start_of_hour();
        self.last_used_at.is_none_or(|recorded| recorded < hour).then_some(hour)
    }

    /// Returns the fields that events report.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("user", self.user.as_uuid().into()),
            ("name", self.name.as_str().into()),
            ("ability", self.ability.as_str().into()),
            ("expires_at", self.expires_at.into()),
            ("revoked_at", self.revoked_at.into()),
        ]
    }
}

/// The origin of a key: the key that created it, if any. [`ApiKey`] does not have it, since the origin has no influence on what the key
/// gives access to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyOrigin {
    /// The key that created this one; `None` if the operator did, or a host that authenticates its users itself.
    pub parent: Option<KeyId>,
    /// `true` if an admin of the one organization that the key reaches issued it for a member; `false` if its user or the operator
    /// created it.
    pub issued: bool,
}

/// A key would exceed the key that creates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondMaker {
    /// The key would outlive its creator, which expires at this time.
    #[error("the API key would outlive the key that creates it, which expires at {}", .0.to_rfc3339())]
    End(Timestamp),
    /// The key would replace one that its creator descends from.
    #[error("an API key cannot replace a key that it descends from")]
    Ancestor,
}

/// Returns the expiry of a key that is created by one with the expiry `own`: `wanted`, or `own` if no expiry was asked for.
///
/// # Errors
/// Fails with [`BeyondMaker::End`] if `wanted` is later than `own`.
pub fn inherited_end(
    own: Option<Timestamp>,
    wanted: Option<Timestamp>,
) -> Result<Option<Timestamp>, BeyondMaker> {
    match (own, wanted) {
        (Some(own), Some(wanted)) if own < wanted => Err(BeyondMaker::End(own)),
        (own, wanted) => Ok(wanted.or(own)),
    }
}

literals! {
    /// The treatment of the live descendants of a key that is revoked.
    Descendants {
        /// The descendants are revoked with the key.
        Revoke = "revoke",
        /// The descendants stay live; the revoked key's children move to its own parent.
        Keep = "keep",
    }
}

/// The key is revoked or expired, so it cannot be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the API key was revoked or has expired")]
pub struct KeyNotLive;

/// The time that a key stays live beside the key that replaces it: whole seconds, at most [`Overlap::MAX`]. The default is one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap(u32);

impl Overlap {
    /// The maximum: seven days, in seconds.
    pub const MAX: u32 = 7 * 24 * 60 * 60;

    /// Creates an overlap of 0 to [`Self::MAX`] seconds; 0 ends the old key at once.
    ///
    /// # Errors
    /// Fails with [`OutOfRange`] if `seconds` is greater than [`Self::MAX`].
    pub const fn new(seconds: u32) -> Result<Self, OutOfRange> {
        if seconds <= Self::MAX { Ok(Self(seconds)) } else { Err(OutOfRange { min: 0, max: Self::MAX }) }
    }

    /// Returns the number of seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for Overlap {
    /// Returns one day.
    fn default() -> Self {
        Self(24 * 60 * 60)
    }
}

as_number!(Overlap: u32, seconds, Overlap::new);

/// An authenticated user, and the limits of the API key that was used. Created by [`crate::service::Loggia::authenticate`], or by
/// [`crate::service::Loggia::recognise`] for a host that authenticates users itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The API key of the call; `None` if the host authenticated the user without one.
    pub key: Option<KeyId>,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// The scopes that the caller has access to.
    pub reach: Reach,
    /// The operations that the caller may do there.
    pub ability: Ability,
    /// The key's number of readmissions: memberships with a greater number are not open to the caller.
    pub readmissions: Readmissions,
}

impl Caller {
    /// Creates a caller with access to all scopes of the user, reading and writing, **without looking up** whether the user exists, is
    /// active, or is confined to an organization. For tests, and for a host that has just created the user; any other calls
    /// [`crate::service::Loggia::recognise`].
    pub const fn unchecked(user: UserId, default_scope: Scope) -> Self {
        let (reach, ability) = (Reach::Everywhere, Ability::Write);
        Self { user, key: None, default_scope, reach, ability, readmissions: Readmissions::ALL }
    }

    /// Returns this caller with access to one organization only.
    #[must_use]
    pub const fn confined_to(self, organization: OrganizationId) -> Self {
        Self { reach: Reach::Only(organization), ..self }
    }

    /// Returns this caller without the ability to write.
    #[must_use]
    pub const fn reading_only(self) -> Self {
        Self { ability: Ability::Read, ..self }
    }

    /// Returns the viewer for whom the caller's reads are filtered.
    pub const fn viewer(&self) -> Viewer {
        Viewer { user: self.user, reach: self.reach, readmissions: self.readmissions }
    }

    /// Returns the scope that `choice` means for this caller.
    pub const fn scope(&self, choice: ScopeChoice) -> Scope {
        match choice {
            ScopeChoice::Default => self.default_scope,
            ScopeChoice::Personal => Scope::Personal(self.user),
            ScopeChoice::Organization(organization) => Scope::Organization(organization),
        }
    }

    /// Returns the caller as the actor of an event.
    pub const fn actor(&self) -> Actor {
        Actor::User { user: self.user, key: self.key }
    }
}

impl From<&ApiKey> for Caller {
    fn from(key: &ApiKey) -> Self {
        Self {
            user: key.user,
            key: Some(key.id),
            default_scope: key.default_scope,
            reach: key.reach,
            ability: key.ability,
            readmissions: key.readmissions,
        }
    }
}

#[cfg(test)]
mod tests;
