//! Valid records for this crate's unit tests. The testkit's builders cannot be used here: they build on the crate as a dependency, which
//! is another instance of it than the one under test.

use uuid::Uuid;

use crate::id::{DisplayNumber, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::{DateRange, Timestamp};
use crate::project::{NewProject, Project};
use crate::role::ScopeRole;
use crate::scope::Scope;
use crate::space::{NewSpace, Space};
use crate::task::{NewTask, OutlineNumber, Task};
use crate::text::{EmailAddress, PersonName, ProjectName, SpaceName, TaskName};
use crate::user::{Member, Profile, UserKind};

pub(crate) const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xada));
pub(crate) const GRACE: UserId = UserId::from_uuid(Uuid::from_u128(0x9ace));
pub(crate) const ORGANIZATION: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0x0c));
pub(crate) const SCOPE: Scope = Scope::Organization(ORGANIZATION);
pub(crate) const PROJECT: ProjectId = ProjectId::from_uuid(Uuid::from_u128(0x9a));

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// Returns the time of creation of every sample.
pub(crate) fn made() -> Timestamp {
    time("2026-01-31T08:00:00Z")
}

/// Returns the time at which tests change a sample.
pub(crate) fn later() -> Timestamp {
    made().plus_seconds(60)
}

/// Returns the project "Harbour", from 1 to 28 February 2026.
pub(crate) fn project() -> Project {
    let new = NewProject::named(ProjectName::parse("Harbour").expect("a name"));
    let dates = DateRange::new(Some(time("2026-02-01")), Some(time("2026-02-28"))).expect("a range");
    Project {
        id: PROJECT,
        number: DisplayNumber::new(1),
        scope: SCOPE,
        name: new.name,
        description: new.description,
        dates,
        visibility: new.visibility,
        created_by: ADA,
        created_at: made(),
        updated_at: made(),
        revision: 1,
    }
}

/// Returns the task "Dredge" at outline position 1, without assignee.
pub(crate) fn task() -> Task {
    let new = NewTask::named(TaskName::parse("Dredge").expect("a name"));
    Task {
        id: TaskId::from_uuid(Uuid::from_u128(0x7a)),
        number: DisplayNumber::new(1),
        scope: SCOPE,
        project: PROJECT,
        outline: OutlineNumber::parse("1").expect("a position"),
        name: new.name,
        description: new.description,
        status: new.status,
        dates: new.dates,
        assignee: new.assignee,
        created_by: ADA,
        created_at: made(),
        updated_at: made(),
        revision: 1,
    }
}

/// Returns the space "Quay", with every other field at its default.
pub(crate) fn space() -> Space {
    let new = NewSpace::named(SpaceName::parse("Quay").expect("a name"));
    new.create(SpaceId::from_uuid(Uuid::from_u128(0x5a)), SCOPE, ADA, made())
}

/// Returns Ada's membership of the organization.
pub(crate) fn member(role: ScopeRole, active: bool) -> Member {
    Member {
        scope: SCOPE,
        user: ADA,
        kind: UserKind::Person,
        home: Some(ORGANIZATION),
        email: EmailAddress::parse("ada@example.com").ok(),
        number: DisplayNumber::new(1),
        role,
        active,
        profile: Profile {
            first_name: PersonName::parse("Ada").expect("a name"),
            last_name: PersonName::parse("Byron").expect("a name"),
            username: None,
            employee_number: None,
            avatar: None,
        },
        created_at: made(),
        updated_at: made(),
        revision: 1,
        erased_at: None,
    }
}
