//! Values that several resources share.

mod change;
mod idempotency_key;
mod ids;
mod names;
mod scope;
mod secret;
mod time;
pub(crate) mod versioned;

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

pub use self::change::Change;
pub use self::idempotency_key::{IdempotencyKey, InvalidIdempotencyKey};
pub use self::ids::{
    ApiKeyId, InvalidId, InvitationId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
pub use self::names::{
    Ability, Descendants, OrganizationRole, Priority, ProjectRole, SpaceStatus, TaskStatus, UserKind,
    Visibility,
};
pub use self::scope::{AvailableScope, Scope, ScopeKind};
pub use self::secret::Secret;
pub use self::time::{Date, InvalidTime, TimeOrDate, Timestamp};
pub use self::versioned::{ETag, Expected, Record, Versioned};

/// Deserializes a value that is a text with a form.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}
