//! Identifiers: one type for each kind of record, so that an id of one kind cannot be passed for another.
//!
//! Ids are UUIDs (version 7 when the service makes them, RFC 9562 §5.7) and opaque to clients. Text is accepted in the canonical form
//! alone, lower-case and hyphenated, so that each id has one spelling in logs, caches and links.

use std::fmt;

use uuid::Uuid;

use crate::serialization::{as_number, as_text};

/// The text is not a valid id.
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
            /// Wraps a UUID that is already known to identify such a record.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID, for storage.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// Parses the canonical form: 36 characters, lower case, hyphenated.
            ///
            /// # Errors
            /// Fails with [`InvalidId`] for any other text.
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

        as_text!($name);
    )+};
}

identifiers! {
    /// The id of a user of the instance.
    UserId,
    /// The id of an organization.
    OrganizationId,
    /// The id of a scope: equal to the organization's id, or to the user's id for a personal scope.
    ScopeId,
    /// The id of a space.
    SpaceId,
    /// The id of a project.
    ProjectId,
    /// The id of a user's membership of a project's roster.
    MembershipId,
    /// The id of a task.
    TaskId,
    /// The id of an invitation to an organization. Unlike the invitation's token, it may be logged.
    InvitationId,
    /// The id of an API key. Unlike the key's secret, it may be logged.
    KeyId,
    /// The id of an event.
    EventId,
}

/// A small whole number shown beside an id, for people to read and for lists to be sorted by.
///
/// Projects and members are numbered within their scope, memberships and tasks within their project, so a number reveals nothing about
/// the activity of other tenants. A number never addresses a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisplayNumber(i64);

impl DisplayNumber {
    /// Wraps a number that a counter has assigned; counters start at 1.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

as_number!(DisplayNumber: i64, get, |number| Ok::<_, std::convert::Infallible>(DisplayNumber::new(number)));

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
