//! Identifiers: one type for each kind of thing, so that one cannot be passed for another.
//!
//! They are UUIDs (version 7 when the service makes them, RFC 9562 §5.7) and opaque to clients. Text is accepted in
//! the canonical form alone, lower-case and hyphenated, so that one thing has one name in logs, caches and links.

use std::fmt;

use uuid::Uuid;

/// The text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID in lower-case hyphenated form")]
pub struct InvalidId;

fn parse_canonical(text: &str) -> Result<Uuid, InvalidId> {
    // `Uuid` also reads braces, URNs, upper case and bare hex: those forms would give one thing several names.
    let canonical = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if canonical { Uuid::try_parse(text).map_err(|_| InvalidId) } else { Err(InvalidId) }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes a UUID that is already known to name such a thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself, for storage.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// Reads the canonical form: 36 characters, lower case, hyphenated.
            ///
            /// # Errors
            /// [`InvalidId`] for anything else.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                parse_canonical(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

identifiers! {
    /// Names a user of the instance.
    UserId,
    /// Names an organization.
    OrganizationId,
    /// Names a scope: an organization's id, or a user's for that user's personal scope.
    ScopeId,
    /// Names a space.
    SpaceId,
    /// Names a project.
    ProjectId,
    /// Names a user's place on a project's roster.
    MembershipId,
    /// Names a task.
    TaskId,
    /// Names an API key; it may be logged, unlike the key's secret.
    KeyId,
    /// Names an event.
    EventId,
}

/// A small whole number shown beside an id, for people to read and lists to be sorted by.
///
/// Projects and members are numbered within their scope, memberships and tasks within their project: such a number
/// tells nothing about how much other tenants do, and never addresses anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisplayNumber(i64);

impl DisplayNumber {
    /// Takes a number that a counter gave out; counters start at 1.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_an_id() {
        let canonical = "0193a5b0-7c1e-7000-8000-00000000abcd";
        assert_eq!(SpaceId::parse(canonical).map(|id| id.to_string()), Ok(canonical.to_owned()));
        for other in [
            "",
            "25",
            "0193A5B0-7C1E-7000-8000-00000000ABCD",
            "0193a5b07c1e7000800000000000abcd",
            "{0193a5b0-7c1e-7000-8000-00000000abcd}",
            "urn:uuid:0193a5b0-7c1e-7000-8000-00000000abcd",
            "0193a5b0-7c1e-7000-8000-00000000abc",
            " 0193a5b0-7c1e-7000-8000-00000000abcd",
            "0193a5b0-7c1e-7000-8000-00000000abcé",
        ] {
            assert_eq!(SpaceId::parse(other), Err(InvalidId), "{other:?}");
        }
    }
}
