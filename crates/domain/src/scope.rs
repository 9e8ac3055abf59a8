//! Scopes, which own records, and viewers, for whom records are read.

use crate::id::{OrganizationId, ScopeId, UserId};

/// The owner of a space, a project or a task; fixed when the record is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Scope {
    /// An organization.
    Organization(OrganizationId),
    /// The personal scope of one user.
    Personal(UserId),
}

impl Scope {
    /// Returns the id under which every record of the scope is stored.
    pub const fn id(self) -> ScopeId {
        match self {
            Self::Organization(id) => ScopeId::from_uuid(id.as_uuid()),
            Self::Personal(user) => ScopeId::from_uuid(user.as_uuid()),
        }
    }

    /// Returns the organization, or `None` for a personal scope.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Organization(id) => Some(id),
            Self::Personal(_) => None,
        }
    }
}

/// The scope that a call names.
///
/// Three states are kept apart: no scope named, the personal scope named, and an organization named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ScopeChoice {
    /// No scope was named; the key's default scope applies.
    Default,
    /// The caller's personal scope.
    Personal,
    /// An organization.
    Organization(OrganizationId),
}

/// The scopes that an API key gives access to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Reach {
    /// Every scope of which the user is a member.
    Everywhere,
    /// One organization, whichever other scopes the user is a member of.
    Only(OrganizationId),
}

impl Reach {
    /// Returns `true` if the reach includes the scope. Membership is not checked.
    pub fn covers(self, scope: Scope) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Only(organization) => scope == Scope::Organization(organization),
        }
    }
}

/// The number of times that a user was readmitted: given access to an organization again after the access was removed.
///
/// The number counts all organizations of the user. A membership stores the user's number as of its own last readmission, or
/// [`Self::NONE`]. An API key stores the user's number as of the key's creation, or that of the key that created it; the number of a key
/// that accepts an invitation is raised to the user's. A key gives access to a membership only if the membership's number is not greater
/// than the key's, so no other key from before a readmission opens that organization again. Numbers are compared and not times, since
/// the clocks of replicas differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Readmissions(i64);

impl Readmissions {
    /// No readmission.
    pub const NONE: Self = Self(0);
    /// Greater than the number of any user: for a caller to whom every membership is open.
    pub const ALL: Self = Self(i64::MAX);

    /// Wraps a stored number.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// The user for whom the store is read, and the limits of the user's API key. No record outside the viewer's scopes is ever found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The user.
    pub user: UserId,
    /// The scopes that the key gives access to.
    pub reach: Reach,
    /// The key's number of readmissions: memberships with a greater number are not open to the viewer.
    pub readmissions: Readmissions,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::{ADA, ORGANIZATION, SCOPE};

    #[test]
    fn a_scope_is_stored_under_its_owners_id() {
        assert_eq!(SCOPE.id().as_uuid(), ORGANIZATION.as_uuid());
        assert_eq!(Scope::Personal(ADA).id().as_uuid(), ADA.as_uuid());
        assert_eq!(SCOPE.organization(), Some(ORGANIZATION));
        assert_eq!(Scope::Personal(ADA).organization(), None);
    }

    #[test]
    fn a_narrow_reach_covers_one_organization_and_no_personal_scope() {
        let other = OrganizationId::from_uuid(Uuid::from_u128(0xfe));
        // A user whose id equals the organization's id is still not that organization.
        let namesake = Scope::Personal(UserId::from_uuid(ORGANIZATION.as_uuid()));
        let scopes = [SCOPE, Scope::Organization(other), Scope::Personal(ADA), namesake];
        assert_eq!(scopes.map(|scope| Reach::Everywhere.covers(scope)), [true; 4]);
        assert_eq!(scopes.map(|scope| Reach::Only(ORGANIZATION).covers(scope)), [true, false, false, false]);
    }
}
