//! Valid records with default values: build one, and change the fields that a test is about.
//!
//! Ids and times come from the ports. The caller chooses numbers, since they belong to a store's counters.
#![expect(
    clippy::expect_used,
    reason = "what is built here from literals is sound, and a test may fail loudly"
)]

use std::num::NonZeroU32;

use loggia_domain::event::{Actor, Change, Event, SubjectKind, Verb};
use loggia_domain::id::{
    DisplayNumber, EventId, InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId,
    UserId,
};
use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{Ability, ApiKey, KeyPrefix};
use loggia_domain::once::{Claim, IdempotencyKey};
use loggia_domain::organization::Organization;
use loggia_domain::port::Ports;
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};
use loggia_domain::space::{NewSpace, Space};
use loggia_domain::task::{OutlineNumber, Task, TaskStatus};
use loggia_domain::text::{
    EmailAddress, KeyName, OrganizationName, PersonName, ProjectName, SpaceName, TaskName,
};
use loggia_domain::user::{Member, Profile, User};
use uuid::Uuid;

/// A person in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The first name. In lower case it is the local part of the address at example.com.
    pub first: &'static str,
    /// The last name.
    pub last: &'static str,
}

/// A person who usually is an admin.
pub const ADA: Person = Person { first: "Ada", last: "Byron" };
/// A person who usually is a member.
pub const GRACE: Person = Person { first: "Grace", last: "Hopper" };
/// A person who usually is a viewer.
pub const EDSGER: Person = Person { first: "Edsger", last: "Dijkstra" };
/// A person who usually is a second admin.
pub const BARBARA: Person = Person { first: "Barbara", last: "Liskov" };
/// A person who usually belongs to another organization.
pub const ALAN: Person = Person { first: "Alan", last: "Turing" };
/// A person who usually is on no roster.
pub const KATHERINE: Person = Person { first: "Katherine", last: "Johnson" };

impl Person {
    /// Returns the address, such as `ada@example.com`.
    pub fn email(self) -> EmailAddress {
        email(&format!("{}@example.com", self.first.to_lowercase()))
    }

    /// Returns a profile with the names and no other field.
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

/// Parses an e-mail address.
pub fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// Parses an RFC 3339 time, or a date.
pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// Parses an outline number.
pub fn outline(text: &str) -> OutlineNumber {
    OutlineNumber::parse(text).expect("an outline number")
}

/// Returns a viewer whose key gives access to all scopes of the user.
pub const fn viewer(user: UserId) -> Viewer {
    Viewer { user, reach: Reach::Everywhere, readmissions: Readmissions::ALL }
}

/// Builds an account.
pub fn user(ports: &Ports, who: Person) -> User {
    User::account(UserId::from_uuid(ports.ids.next()), who.email(), ports.clock.now())
}

/// Builds an organization's own person.
pub fn own_person(ports: &Ports, home: OrganizationId, who: Person) -> User {
    User::person(UserId::from_uuid(ports.ids.next()), home, who.email(), ports.clock.now())
}

/// Builds a machine of an organization.
pub fn machine(ports: &Ports, home: OrganizationId) -> User {
    User::machine(UserId::from_uuid(ports.ids.next()), home, ports.clock.now())
}

/// Builds an organization.
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

/// Builds a user's active membership of a scope.
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
        home: user.home,
        email: user.email.clone(),
        number,
        role,
        active: true,
        profile: who.profile(),
        created_at: now,
        updated_at: now,
        revision: 1,
        erased_at: None,
    }
}

/// Builds an invitation by the operator to become a member, without projects, that expires in 14 days.
pub fn invitation(ports: &Ports, organization: OrganizationId, who: Person) -> Invitation {
    let now = ports.clock.now();
    Invitation {
        id: InvitationId::from_uuid(ports.ids.next()),
        organization,
        email: who.email(),
        role: ScopeRole::Member,
        projects: Vec::new(),
        invited_by: None,
        created_at: now,
        expires_at: now.plus_seconds(Invitation::SECONDS),
    }
}

/// Builds a space that is linked to no project.
pub fn space(ports: &Ports, scope: Scope, created_by: UserId, name: &str) -> Space {
    let name = SpaceName::parse(name).expect("a space's name");
    let id = SpaceId::from_uuid(ports.ids.next());
    NewSpace::named(name).create(id, scope, created_by, ports.clock.now())
}

/// Converts a number that is at least one.
pub fn at_most(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("one at least")
}

/// Builds a project without dates that all of its scope sees.
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

/// Builds a membership of a roster.
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

/// Builds a task that is not started and has no assignee.
pub fn task(
    ports: &Ports,
    project: &Project,
    created_by: UserId,
    number: DisplayNumber,
    position: &str,
) -> Task {
    let now = ports.clock.now();
    Task {
        id: TaskId::from_uuid(ports.ids.next()),
        number,
        scope: project.scope,
        project: project.id,
        outline: outline(position),
        name: TaskName::parse(&format!("Task {position}")).expect("a task's name"),
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

/// Builds a key that may write, does not expire, and gives access to all scopes of its user.
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

/// Builds a claim of a request that is to be executed once.
pub fn claim(operation: &str, key: &str) -> Claim {
    let key = IdempotencyKey::parse(key).expect("an idempotency key");
    Claim { operation: operation.to_owned(), key, fingerprint: [1; 32] }
}

/// Builds an event by the operator on a record of the scope.
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
