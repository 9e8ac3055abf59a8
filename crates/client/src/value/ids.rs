//! Ids: one type for each kind of record, so that none is sent in the place of another.

/// Declares ids, each a type of its own.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// A UUID, in lower-case hyphenated form as text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl std::str::FromStr for $name {
            type Err = $crate::value::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| $crate::value::InvalidId)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::value::parsed(deserializer)
            }
        }
    )+};
}

ids! {
    /// The id of a user: a person or a machine.
    UserId;
    /// The id of an organization.
    OrganizationId;
    /// The id of an API key, which is not the key itself.
    ApiKeyId;
    /// The id of an invitation, which is not its token.
    InvitationId;
    /// The id of a space.
    SpaceId;
    /// The id of a project, which the service calls `node_id`.
    ProjectId;
    /// The id of a membership in a project, which the service calls `node_id`.
    MembershipId;
    /// The id of a task, which the service calls `node_id`.
    TaskId;
}

/// The error for a text that is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID")]
pub struct InvalidId;
