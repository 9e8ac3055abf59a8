//! Who owns a record, and through which eyes records are looked at.

use crate::id::{OrganizationId, ScopeId, UserId};

/// The owner of a space, a project or a task; fixed when the record is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All of an organization.
    Organization(OrganizationId),
    /// One user alone.
    Personal(UserId),
}

impl Scope {
    /// The id under which everything in the scope is stored.
    pub const fn id(self) -> ScopeId {
        match self {
            Self::Organization(id) => ScopeId::from_uuid(id.as_uuid()),
            Self::Personal(user) => ScopeId::from_uuid(user.as_uuid()),
        }
    }

    /// The organization, unless it is a personal scope.
    pub const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Organization(id) => Some(id),
            Self::Personal(_) => None,
        }
    }
}

/// The scope that a call asks for.
///
/// Three states that must not be mixed up: nothing said, expressly none, and one organization by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeChoice {
    /// Nothing was said: the key's default scope.
    Default,
    /// Expressly no organization: the caller's personal scope.
    Personal,
    /// This organization.
    Organization(OrganizationId),
}

/// Which scopes a caller's key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every scope that the user has a place in.
    Everywhere,
    /// One organization only, whatever else the user belongs to.
    Only(OrganizationId),
}

impl Reach {
    /// Whether the scope can be reached at all.
    pub fn covers(self, scope: Scope) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Only(organization) => scope == Scope::Organization(organization),
        }
    }
}

/// The number of times that a user was readmitted: given access to an organization again after it was taken.
///
/// The user has the number over all organizations. A membership has the user's number as of its own last readmission, or none. An API
/// key has the user's number as of its making, or that of the key that made it. A key opens a membership whose number is not greater than
/// its own, so no key from before a readmission opens that organization again. Numbers and not times, since the clocks of replicas
/// differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Readmissions(i64);

impl Readmissions {
    /// No readmission.
    pub const NONE: Self = Self(0);
    /// More than any user has: of a caller who opens every membership.
    pub const ALL: Self = Self(i64::MAX);

    /// Takes a number as it is stored.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// The eyes through which the store is read: nothing outside the viewer's scopes is ever found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Who looks.
    pub user: UserId,
    /// How far the key lets them see.
    pub reach: Reach,
    /// The key opens no membership with a greater number.
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
        // Even a user whose id reads like the organization's is no organization.
        let namesake = Scope::Personal(UserId::from_uuid(ORGANIZATION.as_uuid()));
        let scopes = [SCOPE, Scope::Organization(other), Scope::Personal(ADA), namesake];
        assert_eq!(scopes.map(|scope| Reach::Everywhere.covers(scope)), [true; 4]);
        assert_eq!(scopes.map(|scope| Reach::Only(ORGANIZATION).covers(scope)), [true, false, false, false]);
    }
}
