//! Valid records, from which the cases start.

use loggia_domain::id::{DisplayNumber, MembershipId, OrganizationId, ProjectId, UserId};
use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::Membership;
use loggia_domain::scope::Scope;
use loggia_domain::text::{PersonName, ProjectName};
use loggia_domain::user::{Member, Profile, UserKind};
use loggia_domain::uuid::Uuid;

pub(crate) const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xada));
pub(crate) const GRACE: UserId = UserId::from_uuid(Uuid::from_u128(0x9ace));
pub(crate) const HARBOUR_WORKS: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0x0c));
const PROJECT: ProjectId = ProjectId::from_uuid(Uuid::from_u128(0x9a));

/// Returns midnight UTC of a day in January 2026.
pub(crate) fn day(day: i64) -> Timestamp {
    Timestamp::parse("2026-01-01").expect("a date").plus_seconds((day - 1) * 86_400)
}

/// Returns Grace's membership of Harbour Works, whose own person she is.
pub(crate) fn member(role: ScopeRole, active: bool) -> Member {
    let [first_name, last_name] = ["Grace", "Hopper"].map(|name| PersonName::parse(name).expect("a name"));
    Member {
        scope: Scope::Organization(HARBOUR_WORKS),
        user: GRACE,
        kind: UserKind::Person,
        home: Some(HARBOUR_WORKS),
        email: None,
        number: DisplayNumber::new(1),
        role,
        active,
        profile: Profile { first_name, last_name, username: None, employee_number: None, avatar: None },
        created_at: day(1),
        updated_at: day(1),
        revision: 1,
        erased_at: None,
    }
}

/// Returns Grace's membership of a project's roster.
pub(crate) fn membership(role: RosterRole) -> Membership {
    Membership {
        id: MembershipId::from_uuid(Uuid::from_u128(1)),
        number: DisplayNumber::new(1),
        project: PROJECT,
        user: GRACE,
        role,
        created_at: day(1),
    }
}

/// Returns a project with these dates.
pub(crate) fn project(dates: DateRange) -> Project {
    Project {
        id: PROJECT,
        number: DisplayNumber::new(1),
        scope: Scope::Organization(HARBOUR_WORKS),
        name: ProjectName::parse("Harbour").expect("a name"),
        description: None,
        dates,
        visibility: Visibility::Organization,
        created_by: ADA,
        created_at: day(1),
        updated_at: day(1),
        revision: 1,
    }
}
