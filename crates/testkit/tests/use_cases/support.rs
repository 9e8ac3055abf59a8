//! A fixture with two organizations and their people, and a readable log of the events there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use loggia_domain::event::{Actor, Event, EventPosition, Value};
use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::page::{Offset, PageRequest, PageSize, Start};
use loggia_domain::policy::{Denied, Forbidden};
use loggia_domain::port::{Includes, Ports, StoreError};
use loggia_domain::project::{NewProject, Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Bootstrap, Loggia, NewAccount, NewMember};
use loggia_domain::space::{NewSpace, Space};
use loggia_domain::task::{NewTask, Task};
use loggia_domain::text::{KeyName, OrganizationName, ProjectName, SpaceName, TaskName};
use loggia_domain::user::MemberPatch;
use loggia_testkit::TestClock;
use loggia_testkit::builders::{ADA, ALAN, BARBARA, EDSGER, GRACE, Person};
use loggia_testkit::intercept::{self, Interceptor, Recorder};
use uuid::Uuid;

/// The denial of a resource that must seem not to exist.
pub(crate) const HIDDEN: Denied = Denied::Hidden;
/// The denial of an action on a visible resource for a role that is too low.
pub(crate) const ROLE: Denied = Denied::Forbidden(Forbidden::Role);
/// The denial of an action in a scope that the caller is not a member of.
pub(crate) const NO_SCOPE: Denied = Denied::Forbidden(Forbidden::NotInScope);
/// The denial of a write to a key that may only read, by a caller whose role would suffice.
pub(crate) const READ_ONLY: Denied = Denied::Forbidden(Forbidden::Ability(Ability::Write));

/// The denial of a key that is confined to an organization and would create something beyond.
pub(crate) const CONFINED: Denied = Denied::Forbidden(Forbidden::Reach);

/// Fails the test unless the outcome is this refusal.
macro_rules! refused {
    ($outcome:expr, $refusal:pat $(if $guard:expr)? $(,)?) => {
        match $outcome {
            Err($refusal) $(if $guard)? => {}
            other => panic!("expected {}, got {other:?}", stringify!($refusal)),
        }
    };
}

/// Harbour Works and its people, Quay Works with Alan beside it, and a clock that has advanced since they were created.
pub(crate) struct House {
    pub(crate) loggia: Loggia,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<TestClock>,
    /// Harbour Works.
    pub(crate) organization: OrganizationId,
    pub(crate) scope: Scope,
    /// Quay Works.
    pub(crate) elsewhere: OrganizationId,
    /// An admin of Harbour Works.
    pub(crate) ada: Caller,
    /// The other admin of Harbour Works.
    pub(crate) barbara: Caller,
    /// A member of Harbour Works.
    pub(crate) grace: Caller,
    /// A viewer of Harbour Works.
    pub(crate) edsger: Caller,
    /// An admin of Quay Works, who is not a member of Harbour Works.
    pub(crate) alan: Caller,
    names: Mutex<HashMap<Uuid, String>>,
    read: Mutex<Option<EventPosition>>,
}

impl House {
    /// Opens a house whose people are accounts.
    pub(crate) async fn open() -> Self {
        Self::with(false).await
    }

    /// Opens a house in which Barbara, Grace and Edsger are Harbour Works' own people.
    pub(crate) async fn of_own_people() -> Self {
        Self::with(true).await
    }

    async fn with(own_people: bool) -> Self {
        let clock = Arc::new(TestClock::new());
        let ports = Ports { clock: clock.clone(), ..loggia_testkit::memory() };
        let loggia = Loggia::on_ports(ports.clone()).build();
        let (organization, ada) = found(&loggia, "Harbour Works", ADA).await;
        let (elsewhere, alan) = found(&loggia, "Quay Works", ALAN).await;
        let mut people = Vec::new();
        for (who, role) in
            [(BARBARA, ScopeRole::Admin), (GRACE, ScopeRole::Member), (EDSGER, ScopeRole::Viewer)]
        {
            let added = if own_people {
                let new = NewMember::person(who.email(), who.profile(), role);
                loggia.operator().add_member(organization, new).await
            } else {
                loggia.operator().add_account_member(organization, &account(who), role).await
            };
            let added = added.expect("a member");
            people.push(Caller::unchecked(added.user, added.scope));
        }
        let &[barbara, grace, edsger] = people.as_slice() else { unreachable!("three were added") };
        let house = Self {
            loggia,
            ports,
            clock,
            organization,
            scope: Scope::Organization(organization),
            elsewhere,
            ada,
            barbara,
            grace,
            edsger,
            alan,
            names: Mutex::default(),
            read: Mutex::default(),
        };
        for (caller, who) in [(ada, ADA), (barbara, BARBARA), (grace, GRACE), (edsger, EDSGER), (alan, ALAN)]
        {
            house.call(caller.user.as_uuid(), who.first);
        }
        house.call(organization.as_uuid(), "Harbour Works");
        house.forget_news().await;
        house.wait();
        house
    }

    /// Returns the use cases on this store behind an interceptor.
    pub(crate) fn behind(&self, interceptor: Arc<dyn Interceptor>) -> Loggia {
        Loggia::on_ports(intercept::store(self.ports.clone(), interceptor)).build()
    }

    /// Advances the clock by a minute.
    pub(crate) fn wait(&self) {
        self.clock.advance_seconds(60);
    }

    /// Creates, as Ada, a project that all of the organization sees.
    pub(crate) async fn project(&self, name: &str) -> Project {
        self.open_project(&self.ada, name, Visibility::Organization).await
    }

    /// Creates, as Ada, a project that only its roster and the scope's admins see.
    pub(crate) async fn private_project(&self, name: &str) -> Project {
        self.open_project(&self.ada, name, Visibility::Private).await
    }

    pub(crate) async fn open_project(&self, who: &Caller, name: &str, visibility: Visibility) -> Project {
        let new = NewProject { visibility, ..NewProject::named(project_name(name)) };
        let opened =
            self.loggia.acting_as(who).create_project(ScopeChoice::Default, new).await.expect("a project");
        self.call(opened.record.id.as_uuid(), name);
        self.settle().await;
        opened.record
    }

    /// Adds a user to a roster, as Ada.
    pub(crate) async fn join(&self, project: &Project, who: &Caller, role: RosterRole) {
        let people = NewMemberships::new(vec![NewMembership { user: who.user, role }]).expect("one person");
        let added =
            self.loggia.acting_as(&self.ada).add_to_roster(project.id, &people).await.expect("a membership");
        self.call(added[0].membership.id.as_uuid(), "on the roster");
        self.settle().await;
    }

    /// Creates a space, as Ada, linked to a project or to none.
    pub(crate) async fn space(&self, name: &str, project: Option<ProjectId>) -> Space {
        let new = NewSpace { project, ..NewSpace::named(space_name(name)) };
        let made =
            self.loggia.acting_as(&self.ada).create_space(ScopeChoice::Default, new).await.expect("a space");
        self.call(made.id.as_uuid(), name);
        self.settle().await;
        made
    }

    /// Creates a task, as Ada, who is on the roster.
    pub(crate) async fn task(
        &self,
        project: &Project,
        name: &str,
        change: impl FnOnce(&mut NewTask),
    ) -> Task {
        let mut new = NewTask::named(task_name(name));
        change(&mut new);
        let made = self.loggia.acting_as(&self.ada).create_task(project.id, new).await.expect("a task");
        self.call(made.task.id.as_uuid(), name);
        self.settle().await;
        made.task
    }

    /// Deactivates a member of Harbour Works, as the operator.
    pub(crate) async fn deactivate(&self, who: &Caller) {
        let (house, user) = (self.organization, who.user);
        self.loggia.operator().update_member(house, user, out()).await.expect("a change");
        self.settle().await;
    }

    /// Returns the stored space, as Ada sees it.
    pub(crate) async fn space_now(&self, id: SpaceId) -> Space {
        self.loggia.acting_as(&self.ada).space(id, Includes::default()).await.expect("the space").space
    }

    /// Returns the stored task, as Ada sees it.
    pub(crate) async fn task_now(&self, id: TaskId) -> Task {
        self.loggia.acting_as(&self.ada).task(id).await.expect("the task").task
    }

    /// Gives an id the name by which the log of events shows it.
    pub(crate) fn call(&self, id: Uuid, name: &str) {
        self.names.lock().expect("no test panics here").insert(id, name.to_owned());
    }

    /// Returns the events of Harbour Works since the last call, one line for each.
    pub(crate) async fn news(&self) -> Vec<String> {
        let after = *self.read.lock().expect("no test panics here");
        let events = self.ports.views.events(self.scope, after, 1_000).await.expect("events");
        if let Some((position, _)) = events.last() {
            *self.read.lock().expect("no test panics here") = Some(*position);
        }
        events.iter().map(|(_, event)| self.line(event)).collect()
    }

    /// Skips the events so far.
    pub(crate) async fn forget_news(&self) {
        self.news().await;
    }

    /// Skips the events of the setup and advances the clock, so that the setup is distinct from the calls under test.
    async fn settle(&self) {
        self.forget_news().await;
        self.wait();
    }

    fn line(&self, event: &Event) -> String {
        let actor = match event.actor {
            Actor::Operator => "the operator".to_owned(),
            Actor::User { user, .. } => self.name(user.as_uuid()),
        };
        let changes: Vec<String> = event
            .changes
            .iter()
            .map(|change| {
                format!("{} {} > {}", change.field, self.value(&change.from), self.value(&change.to))
            })
            .collect();
        let (kind, subject) = (event.subject_kind, self.name(event.subject));
        format!("{actor} {} {kind} {subject}: {}", event.verb, changes.join(", "))
    }

    fn name(&self, id: Uuid) -> String {
        let names = self.names.lock().expect("no test panics here");
        names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Empty => "-".to_owned(),
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Time(time) => time.to_rfc3339(),
            Value::Id(id) => self.name(*id),
        }
    }
}

/// Fails all calls with this name.
pub(crate) fn failing_at(name: &'static str, error: fn() -> StoreError) -> Recorder {
    Recorder::new().failing(move |call, _| if call == name { Err(error()) } else { Ok(()) })
}

/// Creates an organization with its admin, as the operator.
async fn found(loggia: &Loggia, name: &str, who: Person) -> (OrganizationId, Caller) {
    let made = loggia.operator().bootstrap(&plan(name, who), false).await.expect("a first organization");
    let made = made.expect("it need not be the first");
    (made.organization.id, Caller::unchecked(made.member.user, made.member.scope))
}

/// Returns the request to create an organization with an admin.
pub(crate) fn plan(name: &str, who: Person) -> Bootstrap {
    Bootstrap {
        organization: OrganizationName::parse(name).expect("a name"),
        email: who.email(),
        profile: who.profile(),
        key: KeyName::parse("first key").expect("a name"),
        key_ends_unless_used: false,
    }
}

/// Returns the caller with a key that may only read.
pub(crate) fn reading(caller: &Caller) -> Caller {
    caller.reading_only()
}

/// Returns the caller with a key that reaches one organization only.
pub(crate) fn only(caller: &Caller, organization: OrganizationId) -> Caller {
    caller.confined_to(organization)
}

/// An id that no record has.
pub(crate) const NOBODY: Uuid = Uuid::from_u128(0xdead);

/// Requests this number of rows from the beginning of the list, with a count.
pub(crate) fn first(rows: u32) -> PageRequest {
    let size = PageSize::new(rows).expect("a page size");
    PageRequest { start: Start::Offset(Offset::default()), size, count: true }
}

pub(crate) fn batch(people: &[(UserId, RosterRole)]) -> NewMemberships {
    let people = people.iter().map(|(user, role)| NewMembership { user: *user, role: *role }).collect();
    NewMemberships::new(people).expect("a batch")
}

pub(crate) fn project_name(text: &str) -> ProjectName {
    ProjectName::parse(text).expect("a name")
}

pub(crate) fn space_name(text: &str) -> SpaceName {
    SpaceName::parse(text).expect("a name")
}

pub(crate) fn task_name(text: &str) -> TaskName {
    TaskName::parse(text).expect("a name")
}

/// Returns the request to create an account.
pub(crate) fn account(who: Person) -> NewAccount {
    NewAccount { email: who.email(), profile: who.profile() }
}

/// Returns the request to create an own person, with a name and no other optional field.
pub(crate) fn newcomer(who: Person) -> NewMember {
    NewMember::person(who.email(), who.profile(), ScopeRole::Member)
}

/// Returns a patch that deactivates a member.
pub(crate) fn out() -> MemberPatch {
    MemberPatch { active: Some(false), ..MemberPatch::default() }
}
