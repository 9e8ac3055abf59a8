//! The columns: the callers, and their roles in the world. The roles are written down independently of the store, so that the rule does not
//! ask the code that it checks.

use loggia_domain::key::Ability;
use loggia_domain::role::{RosterRole, ScopeRole};

use super::rows::Record;

/// A caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    MadeUpKey,
    RevokedKey,
    ExpiredKey,
    Former,
    Readmitted,
    Stranger,
    Invited,
    ForeignAdmin,
    Viewer,
    OwnPerson,
    Member,
    ProjectMember,
    ConfinedProjectMember,
    ProjectAdmin,
    Admin,
    ReadingAdmin,
    AdminElsewhere,
}

/// The scopes that a call may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedScope {
    /// The organization that the matrix is about.
    Meridian,
    /// Another organization.
    Borealis,
    /// The personal scope of Margaret, the member on the rosters.
    Margarets,
    /// The personal scope of the caller.
    CallersOwn,
    /// An organization of the caller's to which no record of the matrix belongs.
    Elsewhere,
    /// A scope that does not exist.
    Nowhere,
}

impl Caller {
    pub(super) const ALL: [Self; 18] = [
        Self::Nobody,
        Self::MadeUpKey,
        Self::RevokedKey,
        Self::ExpiredKey,
        Self::Former,
        Self::Readmitted,
        Self::Stranger,
        Self::Invited,
        Self::ForeignAdmin,
        Self::Viewer,
        Self::OwnPerson,
        Self::Member,
        Self::ProjectMember,
        Self::ConfinedProjectMember,
        Self::ProjectAdmin,
        Self::Admin,
        Self::ReadingAdmin,
        Self::AdminElsewhere,
    ];

    pub(super) fn index(self) -> usize {
        Self::ALL.iter().position(|caller| *caller == self).expect("one of them all")
    }

    /// Returns the column's head and its explanation.
    pub(super) fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Nobody => ("none", "no key"),
            Self::MadeUpKey => ("made-up", "a well-formed key that was never issued"),
            Self::RevokedKey => ("revoked", "the admin's key, revoked"),
            Self::ExpiredKey => ("expired", "the admin's key, expired"),
            Self::Former => ("left", "an account that left the organization"),
            Self::Readmitted => {
                ("readmitted", "an account that is an active member again, with a key from before it left")
            }
            Self::Stranger => ("stranger", "an account that is a member of a third organization only"),
            Self::Invited => ("invited", "such an account, with a pending invitation to the organization"),
            Self::ForeignAdmin => ("other admin", "the admin of the other organization"),
            Self::Viewer => ("viewer", "a viewer in the organization"),
            Self::OwnPerson => {
                ("own person", "a person of the organization's own, role member, on no roster")
            }
            Self::Member => ("member", "an account that is a member of the organization, on no roster"),
            Self::ProjectMember => {
                ("project member", "a member, role member on the rosters; owner of the personal records")
            }
            Self::ConfinedProjectMember => {
                ("… confined", "the same user, with a key confined to the organization")
            }
            Self::ProjectAdmin => ("project admin", "a member, role admin on the rosters"),
            Self::Admin => ("admin", "an admin of the organization, on no roster"),
            Self::ReadingAdmin => ("admin, read", "the same admin, with a read-only key"),
            Self::AdminElsewhere => (
                "admin, elsewhere",
                "the same admin, with a key confined to another of the admin's organizations",
            ),
        }
    }

    /// Returns `true` if the key opens anything at all.
    pub(super) fn authenticates(self) -> bool {
        !matches!(self, Self::Nobody | Self::MadeUpKey | Self::RevokedKey | Self::ExpiredKey)
    }

    pub(super) fn is_margaret(self) -> bool {
        matches!(self, Self::ProjectMember | Self::ConfinedProjectMember)
    }

    /// Returns `true` if the key is confined to one organization.
    pub(super) fn is_confined(self) -> bool {
        matches!(self, Self::OwnPerson | Self::ConfinedProjectMember | Self::AdminElsewhere)
    }

    pub(super) fn ability(self) -> Ability {
        if self == Self::ReadingAdmin { Ability::Read } else { Ability::Write }
    }

    /// Returns the default scope of the caller's key.
    pub(super) fn default_scope(self) -> NamedScope {
        match self {
            Self::Stranger | Self::Invited | Self::AdminElsewhere => NamedScope::Elsewhere,
            Self::ForeignAdmin => NamedScope::Borealis,
            _ => NamedScope::Meridian,
        }
    }

    /// Returns the caller's role in a scope, as far as the key reaches.
    pub(super) fn role(self, scope: NamedScope) -> Option<ScopeRole> {
        match (scope, self) {
            (NamedScope::Meridian, Self::Viewer) => Some(ScopeRole::Viewer),
            (
                NamedScope::Meridian,
                Self::OwnPerson
                | Self::Member
                | Self::ProjectMember
                | Self::ConfinedProjectMember
                | Self::ProjectAdmin,
            )
            | (NamedScope::Elsewhere, Self::Stranger | Self::Invited) => Some(ScopeRole::Member),
            (NamedScope::Meridian, Self::Admin | Self::ReadingAdmin)
            | (NamedScope::Borealis, Self::ForeignAdmin)
            | (NamedScope::Margarets, Self::ProjectMember)
            | (NamedScope::Elsewhere, Self::AdminElsewhere) => Some(ScopeRole::Admin),
            (NamedScope::CallersOwn, caller) => (!caller.is_confined()).then_some(ScopeRole::Admin),
            _ => None,
        }
    }

    /// Returns the caller's role on the roster of a record's project.
    pub(super) fn roster_role(self, record: Record) -> Option<RosterRole> {
        match (record, self) {
            (Record::Own | Record::Private, Self::ProjectMember | Self::ConfinedProjectMember) => {
                Some(RosterRole::Member)
            }
            (Record::Own | Record::Private, Self::ProjectAdmin)
            | (Record::Foreign, Self::ForeignAdmin)
            | (Record::Personal, Self::ProjectMember) => Some(RosterRole::Admin),
            _ => None,
        }
    }
}
