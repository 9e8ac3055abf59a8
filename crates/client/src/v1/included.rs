//! The relations of a space, which a response contains if the request includes them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::macros::{open_enum, record};
use crate::value::{OrganizationId, ProjectId, Timestamp, UserId, UserKind, Visibility};

/// A record that another one refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Related<T> {
    /// The request did not include it.
    #[default]
    NotIncluded,
    /// The request included it, but there is none, or the caller may not see it.
    Nothing,
    /// The record.
    Record(T),
}

impl<T> Related<T> {
    /// Returns the record, if the response contains it.
    pub const fn record(&self) -> Option<&T> {
        match self {
            Self::Record(record) => Some(record),
            Self::NotIncluded | Self::Nothing => None,
        }
    }

    pub(crate) const fn is_not_included(&self) -> bool {
        matches!(self, Self::NotIncluded)
    }
}

impl<T: Serialize> Serialize for Related<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.record().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Related<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Nothing, Self::Record))
    }
}

/// The user who created a space: only the id, or the user if the request included `createdBy`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Author {
    /// The id.
    Id(UserId),
    /// The user.
    User(Box<IncludedMember>),
}

impl Author {
    /// Returns the id of the user.
    pub const fn id(&self) -> UserId {
        match self {
            Self::Id(id) => *id,
            Self::User(user) => user.id,
        }
    }
}

open_enum! {
    /// A relation of a space that a response is to include.
    pub enum SpaceInclude {
        /// The project.
        Project = "project",
        /// The organization.
        Organization = "organization",
        /// The creator.
        CreatedBy = "createdBy",
        /// Every relation.
        All = "all",
    }
}

/// The relations of a space that a response is to include: one, or an array of different ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceIncludes(Vec<SpaceInclude>);

impl From<SpaceInclude> for SpaceIncludes {
    fn from(include: SpaceInclude) -> Self {
        Self(vec![include])
    }
}

impl<const COUNT: usize> From<[SpaceInclude; COUNT]> for SpaceIncludes {
    fn from(includes: [SpaceInclude; COUNT]) -> Self {
        Self(includes.into())
    }
}

impl fmt::Display for SpaceIncludes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(SpaceInclude::as_str).collect();
        formatter.write_str(&names.join(","))
    }
}

record! {
    /// An organization in a space.
    #[derive(Eq)]
    #[serde(rename_all = "camelCase")]
    pub struct IncludedOrganization {
        /// The id.
        pub id: OrganizationId,
        /// The name.
        pub name: String,
        /// The time of creation.
        pub created_at: Timestamp,
        /// The time of the last change.
        pub updated_at: Timestamp,
    }
}

record! {
    /// A project in a space.
    #[derive(Eq)]
    #[serde(rename_all = "camelCase")]
    pub struct IncludedProject {
        /// The id.
        pub id: ProjectId,
        /// The name.
        pub name: String,
        /// The description, in Markdown.
        pub description: Option<String>,
        /// When the project begins.
        pub start_date: Option<Timestamp>,
        /// When the project ends.
        pub end_date: Option<Timestamp>,
        /// The visibility of the project.
        pub visibility: Visibility,
        /// The time of creation.
        pub created_at: Timestamp,
        /// The time of the last change.
        pub updated_at: Timestamp,
    }
}

record! {
    /// The creator in a space.
    #[derive(Eq)]
    #[serde(rename_all = "camelCase")]
    pub struct IncludedMember {
        /// The id of the user.
        pub id: UserId,
        /// The kind of the user.
        pub kind: UserKind,
        /// The e-mail address; a machine has none.
        pub email: Option<String>,
        /// The first name.
        pub first_name: String,
        /// The last name.
        pub last_name: String,
        /// Both names.
        pub full_name: String,
        /// A short name, unique in the organization.
        pub username: Option<String>,
        /// The number of the employee, unique in the organization.
        pub employee_number: Option<String>,
        /// The URL of a picture.
        pub avatar: Option<String>,
    }
}
