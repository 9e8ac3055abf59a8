//! The people of the world, and their keys.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Ability;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::NewKey;
use loggia_domain::text::KeyName;

/// The people, by their kinds of standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Ada: admin of Meridian, on no roster.
    Admin,
    /// Barbara: admin of Meridian who made its projects and so is admin on their rosters.
    Founder,
    /// Grace: member of Meridian, on no roster.
    Member,
    /// Edsger: viewer in Meridian.
    Viewer,
    /// Margaret: member of Meridian, member on the rosters.
    ProjectMember,
    /// Katherine: member of Meridian, admin on the rosters.
    ProjectAdmin,
    /// Dennis: Meridian's own person, no longer active.
    Former,
    /// Alan: admin of Borealis.
    Stranger,
    /// Hedy: Meridian's own person, member, on no roster.
    Own,
}

impl Who {
    pub(crate) const ALL: [Self; 9] = [
        Self::Admin,
        Self::Founder,
        Self::Member,
        Self::Viewer,
        Self::ProjectMember,
        Self::ProjectAdmin,
        Self::Former,
        Self::Stranger,
        Self::Own,
    ];
}

/// The kinds of keys, described by their differences from [`Key::Full`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A key that reads and writes in all of its user's scopes, without an expiry. The organization is its default scope.
    Full,
    ReadOnly,
    Expired,
    Revoked,
    /// A key that reaches the organization only.
    Confined,
    /// A key whose default scope is the personal one.
    Personal,
}

/// A person of the world, with a [`Key::Full`].
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The user's id, as the API shows it.
    pub(crate) id: String,
    pub(crate) user: UserId,
    pub(crate) organization: OrganizationId,
    /// The key's id.
    pub(crate) key: String,
    pub(super) secret: String,
}

/// Returns the plan of a new key of that kind.
pub(super) fn new_key(person: &Person, kind: Key, now: Timestamp) -> NewKey {
    let scope = match kind {
        Key::Personal => Scope::Personal(person.user),
        _ => Scope::Organization(person.organization),
    };
    NewKey {
        name: KeyName::parse("a test's").expect("a name"),
        default_scope: scope,
        reach: if kind == Key::Confined { Reach::Only(person.organization) } else { Reach::Everywhere },
        ability: if kind == Key::ReadOnly { Ability::Read } else { Ability::Write },
        expires_at: (kind == Key::Expired).then(|| now.plus_seconds(60)),
    }
}
