//! Sound values with sensible defaults: take one, change the fields a test is about.
//!
//! Ids and times come from the ports; numbers are the caller's to give, for they belong to a store's counters.
#![expect(
    clippy::expect_used,
    reason = "what is built here from literals is sound, and a test may fail loudly"
)]

use std::num::NonZeroU32;

use loggia_domain::event::{Actor, Change, Event, SubjectKind, Verb};
use loggia_domain::id::{
    DisplayNumber, EventId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::key::{Ability, ApiKey, KeyPrefix};
use loggia_domain::once::{Claim, IdempotencyKey};
use loggia_domain::organization::Organization;
use loggia_domain::port::Ports;
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::task::{OutlineNumber, Task, TaskStatus};
use loggia_domain::text::{
    EmailAddress, KeyName, OrganizationName, PersonName, ProjectName, SpaceName, TaskName,
};
use loggia_domain::user::{Member, Profile, User, UserKind};
use uuid::Uuid;

/// Someone a test speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The first name; in lower case it makes the address at example.com.
    pub first: &'static str,
    /// The last name.
    pub last: &'static str,
}

/// Usually an admin.
pub const ADA: Person = Person { first: "Ada", last: "Byron" };
/// Usually a member.
pub const GRACE: Person = Person { first: "Grace", last: "Hopper" };
/// Usually a viewer.
pub const EDSGER: Person = Person { first: "Edsger", last: "Dijkstra" };
/// Usually a second admin.
pub const BARBARA: Person = Person { first: "Barbara", last: "Liskov" };
/// Usually somebody of another organization.
pub const ALAN: Person = Person { first: "Alan", last: "Turing" };
/// Usually on no roster.
pub const KATHERINE: Person = Person { first: "Katherine", last: "Johnson" };

impl Person {
    /// The address, such as `ada@example.com`.
    pub fn email(self) -> EmailAddress {
        email(&format!("{}@example.com", self.first.to_lowercase()))
    }

    /// The profile with nothing but names.
    pub fn profile(self) -> Profile {
        Profile {
            first_name: PersonName::parse(self.first).expect("a first name"),
            last_name: PersonName::parse(self.last).expect("a last name"),
            username: None,
            employee_number: None,
            avatar: None,
        }
    }
}

/// An address.
pub fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// A time of RFC 3339, or a date.
pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// An outline number.
pub fn outline(text: &str) -> OutlineNumber {
    OutlineNumber::parse(text).expect("an outline number")
}

/// The eyes of somebody whose key opens all of their scopes.
pub const fn viewer(user: UserId) -> Viewer {
    Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL }
}

/// A user of the instance.
pub fn user(ports: &Ports, who: Person) -> User {
    User {
        id: UserId::from_uuid(ports.ids.next()),
        kind: UserKind::Person,
        email: Some(who.email()),
        created_at: ports.clock.now(),
    }
}

/// A user that is a program.
pub fn machine(ports: &Ports) -> User {
    User {
        id: UserId::from_uuid(ports.ids.next()),
        kind: UserKind::Machine,
        email: None,
        created_at: ports.clock.now(),
    }
}

/// An organization.
pub fn organization(ports: &Ports, name: &str) -> Organization {
    let now = ports.clock.now();
    Organization {
        id: OrganizationId::from_uuid(ports.ids.next()),
        name: OrganizationName::parse(name).expect("an organization's name"),
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

/// A user's active place in a scope.
pub fn member(
    ports: &Ports,
    scope: Scope,
    user: &User,
    who: Person,
    number: DisplayNumber,
    role: ScopeRole,
) -> Member {
    let now = ports.clock.now();
    Member {
        scope,
        user: user.id,
        kind: user.kind,
        email: user.email.clone(),
        number,
        role,
        active: true,
        profile: who.profile(),
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

/// A space that points at nothing.
pub fn space(ports: &Ports, scope: Scope, created_by: UserId, name: &str) -> Space {
    let now = ports.clock.now();
    Space {
        id: SpaceId::from_uuid(ports.ids.next()),
        scope,
        name: SpaceName::parse(name).expect("a space's name"),
        description: None,
        project: None,
        status: SpaceStatus::Draft,
        priority: Priority::None,
        strength: Strength::default(),
        created_by,
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

/// So many, of which there is one at least.
pub fn at_most(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("one at least")
}

/// A project without dates that all of its scope sees.
pub fn project(
    ports: &Ports,
    scope: Scope,
    created_by: UserId,
    number: DisplayNumber,
    name: &str,
) -> Project {
    let now = ports.clock.now();
    Project {
        id: ProjectId::from_uuid(ports.ids.next()),
        number,
        scope,
        name: ProjectName::parse(name).expect("a project's name"),
        description: None,
        dates: DateRange::default(),
        visibility: Visibility::Organization,
        created_by,
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

/// A place on a roster.
pub fn membership(
    ports: &Ports,
    project: ProjectId,
    user: UserId,
    number: DisplayNumber,
    role: RosterRole,
) -> Membership {
    Membership {
        id: MembershipId::from_uuid(ports.ids.next()),
        number,
        project,
        user,
        role,
        created_at: ports.clock.now(),
    }
}

/// A task that is nobody's and not begun.
pub fn task(
    ports: &Ports,
    project: &Project,
    created_by: UserId,
    number: DisplayNumber,
    place: &str,
) -> Task {
    let now = ports.clock.now();
    Task {
        id: TaskId::from_uuid(ports.ids.next()),
        number,
        scope: project.scope,
        project: project.id,
        outline: outline(place),
        name: TaskName::parse(&format!("Task {place}")).expect("a task's name"),
        description: None,
        status: TaskStatus::Todo,
        dates: DateRange::default(),
        assignee: None,
        created_by,
        created_at: now,
        updated_at: now,
        revision: 1,
    }
}

/// A writing key without end that opens all of its user's scopes.
pub fn key(ports: &Ports, user: UserId, default_scope: Scope) -> ApiKey {
    ApiKey {
        id: KeyId::from_uuid(ports.ids.next()),
        user,
        name: KeyName::parse("laptop").expect("a key's name"),
        prefix: KeyPrefix::parse("lga_00000000").ok(),
        default_scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        created_at: ports.clock.now(),
        expires_at: None,
        ends_unless_used: false,
        revoked_at: None,
        last_used_at: None,
        readmissions: Readmissions::NONE,
    }
}

/// A request that shall be done once.
pub fn claim(operation: &str, key: &str) -> Claim {
    let key = IdempotencyKey::parse(key).expect("an idempotency key");
    Claim { operation: operation.to_owned(), key, fingerprint: [1; 32] }
}

/// Something that the operator did to a thing of the scope.
pub fn event(ports: &Ports, scope: Scope, kind: SubjectKind, subject: Uuid, verb: Verb) -> Event {
    Event {
        id: EventId::from_uuid(ports.ids.next()),
        scope,
        actor: Actor::Operator,
        at: ports.clock.now(),
        subject_kind: kind,
        subject,
        verb,
        changes: Vec::<Change>::new(),
    }
}
