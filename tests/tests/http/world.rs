//! A small world for tests: two organizations, their people, and records in every kind of scope.
//!
//! **Meridian** has an admin who is on no roster (Ada), another admin who made the projects (Barbara), a member on no roster (Grace), a
//! viewer (Edsger), a member on the rosters (Margaret), a member who is admin on the rosters (Katherine) and a former member (Dennis). Its
//! projects are `harbour`, which all of its members see, and `vault`, which is private; both have the same roster. **Borealis** belongs to
//! Alan, who is a stranger in Meridian. Margaret also has records in her personal scope. They are accounts, but for Dennis and Hedy: she is
//! a member on no roster, and both are Meridian's own people. Meridian has invited Jean to the harbour. None of these people belongs to
//! **Skerry**, which has a pending invitation that each of the accounts can accept.
//!
//! All records were made at [`MADE`]; the clock shows a time one day later ([`NOW`]).

use std::sync::Arc;

use loggia_domain::event::Actor;
use loggia_domain::key::Descendants;
use loggia_domain::page::PageRequest;
use loggia_domain::port::Ports;
use loggia_domain::service::{Loggia, UserLimits};
use loggia_domain::user::MemberPatch;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::contract::Fixture;
use loggia_testkit::{SequentialIds, TestClock};

use crate::harness::Store;
use crate::harness::client::{Client, Service};

mod people;
pub(crate) mod seed;

pub(crate) use people::{Key, Person, Who};

/// The time at which the world's records were made.
pub(crate) const MADE: &str = "2026-01-31T08:00:00.000Z";
/// The time that the clock shows when a test begins.
pub(crate) const NOW: &str = "2026-02-01T08:00:00.000Z";
/// An id that no record has.
pub(crate) const MADE_UP: &str = "01930000-0000-7000-8000-0000ffffffff";

/// The records of one project, by id.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    /// Task 1: unassigned, to do.
    pub(crate) free_task: String,
    /// Task 2: assigned to Margaret, in progress.
    pub(crate) open_task: String,
    /// Task 3: assigned to Margaret, done.
    pub(crate) done_task: String,
    /// A space that refers to the project.
    pub(crate) space: String,
}

/// A world. `world.again().await` makes a new one on the same kind of store.
pub(crate) struct World {
    pub(crate) loggia: Loggia,
    pub(crate) clock: Arc<TestClock>,
    service: Service,
    people: Vec<Person>,
    /// The organization of most people, by id.
    pub(crate) meridian: String,
    /// The stranger's organization, by id.
    pub(crate) borealis: String,
    /// Meridian's project that all of its members see.
    pub(crate) harbour: Project,
    /// Meridian's private project, with the same people on its roster.
    pub(crate) vault: Project,
    /// Borealis' project, which the stranger made.
    pub(crate) lighthouse: Project,
    /// The project in Margaret's personal scope.
    pub(crate) garden: Project,
    /// Meridian's space that refers to no project. Grace made it.
    pub(crate) pier: String,
    /// Hedy's second key, by id; it reaches Meridian only, as all her keys do.
    pub(crate) badge: String,
    /// A second key of Barbara's, by id, with which no test calls.
    pub(crate) spare: String,
    /// Meridian's invitation for jean@example.com, by id.
    pub(crate) invitation: String,
    /// The token of the invitation to Skerry.
    pub(crate) token: String,
    store: Store,
    _fixture: Fixture,
}

impl World {
    /// Creates a world on a new store.
    pub(crate) async fn on(store: Store) -> Self {
        Self::over(store, store.fresh().await).await
    }

    /// Creates a world on an empty store of that kind.
    pub(crate) async fn over(store: Store, fixture: Fixture) -> Self {
        let clock = Arc::new(TestClock::new());
        let mut ports = fixture.ports.clone();
        ports.clock = clock.clone();
        let secret = ports.views.instance_secret().await.expect("the instance's secret");
        let loggia = Loggia::on_ports(ports).build();
        let seeded = seed::fill(&loggia).await;
        clock.advance_seconds(24 * 60 * 60);
        // The use of each key in this hour is recorded already, so that no call of a test does it.
        for person in &seeded.people {
            for key in loggia.operator().keys(person.user, &PageRequest::FIRST).await.expect("keys").items {
                loggia.touch_key(key.id).await.expect("a noted use");
            }
        }
        let service = serving(store, &loggia, secret).await;
        Self {
            loggia,
            clock,
            service,
            people: seeded.people,
            meridian: seeded.meridian.to_string(),
            borealis: seeded.borealis.to_string(),
            harbour: seeded.harbour,
            vault: seeded.vault,
            lighthouse: seeded.lighthouse,
            garden: seeded.garden,
            pier: seeded.pier,
            badge: seeded.badge,
            spare: seeded.spare,
            invitation: seeded.invitation,
            token: seeded.token,
            store,
            _fixture: fixture,
        }
    }

    /// Creates another world, as this one was at first.
    pub(crate) async fn again(&self) -> Self {
        Self::on(self.store).await
    }

    /// Returns the same world with other limits for each user.
    pub(crate) async fn with_user_limits(self, limits: UserLimits) -> Self {
        let loggia = self.loggia.to_builder().user_limits(limits).build();
        let secret = self._fixture.ports.views.instance_secret().await.expect("the instance's secret");
        let service = serving(self.store, &loggia, secret).await;
        Self { loggia, service, ..self }
    }

    /// Returns another application, served as this world's is.
    pub(crate) async fn serve(&self, app: HttpApp) -> Service {
        service(self.store, app).await
    }

    /// Returns `true` if the store runs statements: the one in memory has none.
    pub(crate) fn has_statements(&self) -> bool {
        matches!(self.store, Store::Sqlite | Store::Postgres)
    }

    /// Returns the ports under the world, for tests that read the store directly or wrap it.
    pub(crate) fn ports(&self) -> Ports {
        Ports { clock: self.clock.clone(), ..self._fixture.ports.clone() }
    }

    /// Brings a former member of Meridian back, as the operator.
    pub(crate) async fn bring_back(&self, who: Who) {
        let (person, back) = (self.person(who), MemberPatch { active: Some(true), ..MemberPatch::default() });
        let changed = self.loggia.operator().update_member(person.organization, person.user, back).await;
        changed.expect("an active member");
    }

    /// Returns one of the people.
    pub(crate) fn person(&self, who: Who) -> &Person {
        let index = Who::ALL.iter().position(|known| *known == who).expect("one of them all");
        &self.people[index]
    }

    /// Returns a person's id, as the API shows it.
    pub(crate) fn id(&self, who: Who) -> &str {
        &self.person(who).id
    }

    /// Returns a person as a client with the [`Key::Full`].
    pub(crate) fn caller(&self, who: Who) -> Client {
        self.with_authorization(&[&self.authorization(who)])
    }

    /// Returns the value of a person's header `Authorization`.
    pub(crate) fn authorization(&self, who: Who) -> String {
        format!("Bearer {}", self.person(who).secret)
    }

    pub(crate) fn as_admin(&self) -> Client {
        self.caller(Who::Admin)
    }

    pub(crate) fn as_founder(&self) -> Client {
        self.caller(Who::Founder)
    }

    pub(crate) fn as_member(&self) -> Client {
        self.caller(Who::Member)
    }

    pub(crate) fn as_viewer(&self) -> Client {
        self.caller(Who::Viewer)
    }

    pub(crate) fn as_project_member(&self) -> Client {
        self.caller(Who::ProjectMember)
    }

    pub(crate) fn as_project_admin(&self) -> Client {
        self.caller(Who::ProjectAdmin)
    }

    pub(crate) fn as_former_member(&self) -> Client {
        self.caller(Who::Former)
    }

    pub(crate) fn as_own_person(&self) -> Client {
        self.caller(Who::Own)
    }

    pub(crate) fn as_stranger(&self) -> Client {
        self.caller(Who::Stranger)
    }

    /// Returns a client without a key.
    pub(crate) fn as_nobody(&self) -> Client {
        self.with_authorization(&[])
    }

    /// Returns a client with these values of the header `Authorization`.
    pub(crate) fn with_authorization(&self, values: &[&str]) -> Client {
        Client::new(self.service.clone(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    /// Returns a person as a client with a new key of that kind. For [`Key::Expired`] the clock advances by a minute.
    pub(crate) async fn with_key(&self, who: Who, kind: Key) -> Client {
        let secret = self.new_key(who, kind).await;
        self.with_authorization(&[&format!("Bearer {secret}")])
    }

    /// Creates a key of that kind, and returns its secret.
    pub(crate) async fn new_key(&self, who: Who, kind: Key) -> String {
        let person = self.person(who);
        let new = people::new_key(person, kind, self.loggia.now());
        let issued =
            self.loggia.operator().issue_key(Actor::Operator, person.user, new).await.expect("a key");
        self.loggia.touch_key(issued.key.id).await.expect("a noted use");
        if kind == Key::Revoked {
            self.loggia
                .operator()
                .revoke_key(Actor::Operator, None, issued.key.id, Descendants::Revoke)
                .await
                .expect("a revoked key");
        }
        if kind == Key::Expired {
            self.clock.advance_seconds(60);
        }
        issued.secret.expose().to_owned()
    }
}

async fn serving(store: Store, loggia: &Loggia, secret: [u8; 32]) -> Service {
    // Requests have ids of their own, so that records' ids do not depend on the number of requests. Without connections all clients share
    // one address, so the limit on invalid keys is off. The time limit is long, since a machine that is busy with other tests is not
    // overloaded.
    let limits = Limits { failed_authentications: u32::MAX, request_seconds: 60, ..Limits::default() };
    service(store, HttpApp::new(loggia.clone(), Arc::new(SequentialIds::new()), secret, limits)).await
}

async fn service(store: Store, app: HttpApp) -> Service {
    match store {
        Store::Mounted => Service::mounted(app).await,
        Store::Memory | Store::Sqlite | Store::Postgres => Service::new(app).await,
    }
}
