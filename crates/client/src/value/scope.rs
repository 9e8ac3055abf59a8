//! Scopes: the organizations, and each account's personal scope.

use std::fmt;

use serde::{Serialize, Serializer};

use super::OrganizationId;
use crate::macros::{open_enum, record};

/// A scope that a request names. A request that names none is about the default scope of its API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The personal scope of the caller.
    Personal,
    /// An organization of which the caller is an active member.
    Organization(OrganizationId),
}

impl From<OrganizationId> for Scope {
    fn from(id: OrganizationId) -> Self {
        Self::Organization(id)
    }
}

impl fmt::Display for Scope {
    /// Writes the scope as it is sent: the personal one is the empty text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal => Ok(()),
            Self::Organization(id) => id.fmt(formatter),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

open_enum! {
    /// The kind of a scope.
    pub enum ScopeKind {
        /// An organization.
        Organization = "organization",
        /// The personal scope of an account.
        Personal = "personal",
    }
}

record! {
    /// A scope that an API key can access.
    #[serde(rename_all = "camelCase")]
    pub struct AvailableScope {
        /// The kind of the scope.
        pub kind: ScopeKind,
        /// The organization; `None` for the personal scope.
        pub organization_id: Option<OrganizationId>,
    }
}
