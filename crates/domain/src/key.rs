//! API keys: bearer secrets, and who calls with them.

mod secret;

use crate::event::{Actor, Change, Fields, changed};
use crate::id::{KeyId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::page::OutOfRange;
use crate::scope::{Reach, Readmissions, Scope, ScopeChoice, Viewer};
use crate::text::KeyName;

pub use secret::{KeyHash, KeyPrefix, KeySecret, MalformedKey};

literals! {
    /// What a key may be used for.
    Ability {
        /// Reading only.
        Read = "read",
        /// Reading and writing.
        Write = "write",
    }
}

impl Ability {
    /// Every ability that comes with this one.
    pub const fn included(self) -> &'static [Self] {
        match self {
            Self::Read => &[Self::Read],
            Self::Write => &[Self::Read, Self::Write],
        }
    }
}

/// A bearer secret of one user. The secret itself is kept nowhere, only its [`KeyHash`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Names it.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// What it is for.
    pub name: KeyName,
    /// How its secret begins, by which people recognise it; keys of the first versions do not tell.
    pub prefix: Option<KeyPrefix>,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// Which scopes it opens.
    pub reach: Reach,
    /// What it may be used for.
    pub ability: Ability,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing, if it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether [`expires_at`](Self::expires_at) holds only until the key is used: its first use takes the end away, see [`Self::keep`].
    pub ends_unless_used: bool,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The hour in which it was last used. It is written beside the calls and not with them, so it may lag behind.
    pub last_used_at: Option<Timestamp>,
    /// The key opens no membership with a greater number.
    pub readmissions: Readmissions,
}

impl ApiKey {
    /// The seconds after which a key that ends unless it is used has ended: a day.
    pub const UNUSED_SECONDS: i64 = 24 * 60 * 60;

    /// Takes the end away from a key that ends unless it is used, since it is used now, and tells what changed: nothing for any other
    /// key.
    ///
    /// # Errors
    /// [`KeyNotLive`]; a dead key stays as it is.
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

    /// Whether it opens anything at that time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Ends it now and for good, and tells what changed: nothing, if it was revoked before.
    pub fn revoke(&mut self, now: Timestamp) -> Vec<Change> {
        let before = self.fields();
        self.revoked_at = self.revoked_at.or(Some(now));
        changed(before, self.fields())
    }

    /// Lets it live on for the overlap, but no longer than it would have, and tells what changed.
    ///
    /// # Errors
    /// [`KeyNotLive`]; what is dead stays as it is.
    pub fn retire(&mut self, overlap: Overlap, now: Timestamp) -> Result<Vec<Change>, KeyNotLive> {
        if !self.is_live(now) {
            return Err(KeyNotLive);
        }
        let before = self.fields();
        let end = now.plus_seconds(i64::from(overlap.seconds()));
        self.expires_at = Some(self.expires_at.map_or(end, |sooner| sooner.min(end)));
        // Its first use must not take this end away.
        self.ends_unless_used = false;
        Ok(changed(before, self.fields()))
    }

    /// The hour to write down as that of its last use, if it is used now: none where that is written already.
    pub fn unnoted_use(&self, now: Timestamp) -> Option<Timestamp> {
        let hour = now.start_of_hour();
        self.last_used_at.is_none_or(|noted| noted < hour).then_some(hour)
    }

    /// What its events tell.
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

/// The origin of a key: the key that made it, if any. [`ApiKey`] does not have it, since it says nothing about what the key opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyOrigin {
    /// The key that made it; `None` for a key of the operator's or of a host that recognises its users itself.
    pub parent: Option<KeyId>,
    /// Whether an admin of the one organization that it reaches issued it for a member; otherwise its user made it, or the operator.
    pub issued: bool,
}

/// A key would have more than the key that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondMaker {
    /// It would live on after its maker, which ends then.
    #[error("the API key would outlive the one that makes it, which ends at {}", .0.to_rfc3339())]
    End(Timestamp),
    /// It would take the place of a key that its maker descends from.
    #[error("an API key cannot take the place of one that it descends from")]
    Ancestor,
}

/// The end of a key that is made by one with the end `own`: what was asked for, else the maker's own end.
///
/// # Errors
/// [`BeyondMaker::End`] if that would be later.
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
    /// The live keys that descend from a revoked key are revoked too, or kept.
    Descendants {
        /// They are revoked with it.
        Revoke = "revoke",
        /// They live on, as children of the revoked key's own parent.
        Keep = "keep",
    }
}

/// The key opens nothing any more, so none can take its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the API key was revoked or has expired")]
pub struct KeyNotLive;

/// How long a key lives on beside the one that takes its place: whole seconds, at most [`Overlap::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap(u32);

impl Overlap {
    /// Seven days.
    pub const MAX: u32 = 7 * 24 * 60 * 60;

    /// Takes 0, which ends the old key at once, to [`Self::MAX`].
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub const fn new(seconds: u32) -> Result<Self, OutOfRange> {
        if seconds <= Self::MAX { Ok(Self(seconds)) } else { Err(OutOfRange { min: 0, max: Self::MAX }) }
    }

    /// The seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for Overlap {
    /// One day.
    fn default() -> Self {
        Self(24 * 60 * 60)
    }
}

/// Who calls, and how far their key reaches. Made by authenticating, or by a host that has its own way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By which key, if by one.
    pub key: Option<KeyId>,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// Which scopes are open to the caller.
    pub reach: Reach,
    /// What the caller may do with what is open.
    pub ability: Ability,
    /// No membership with a greater number is open to the caller.
    pub readmissions: Readmissions,
}

impl Caller {
    /// A user whom the host itself has recognised: all of their scopes, reading and writing.
    pub const fn trusted(user: UserId, default_scope: Scope) -> Self {
        let (reach, ability) = (Reach::Everywhere, Ability::Write);
        Self { user, key: None, default_scope, reach, ability, readmissions: Readmissions::ALL }
    }

    /// The caller's eyes.
    pub const fn viewer(&self) -> Viewer {
        Viewer { user: self.user, reach: self.reach, readmissions: self.readmissions }
    }

    /// The scope that a choice means for this caller.
    pub const fn scope(&self, choice: ScopeChoice) -> Scope {
        match choice {
            ScopeChoice::Default => self.default_scope,
            ScopeChoice::Personal => Scope::Personal(self.user),
            ScopeChoice::Organization(organization) => Scope::Organization(organization),
        }
    }

    /// The caller, as events name them.
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
