//! Stores in files, and an instance with everything that can be moved.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use loggia_demo::{Figures, Pace, Plan, fill};
use loggia_domain::event::Actor;
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::invitation::{InvitedProject, InvitedProjects};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::project::NewProject;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{
    Bootstrap, Loggia, NewAccount, NewInvitation, NewInvitations, NewKey, NewMember,
};
use loggia_domain::system::{SystemClock, SystemSecrets, UuidV7};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName, ProjectName};
use loggia_domain::user::{MemberPatch, Profile};
use loggia_moving::{ImportError, Imported, Machine, export, import, verify};
use loggia_sqlite::moving::{SqliteImport, SqliteRows};
use loggia_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

pub(crate) const MACHINE: Machine<'_> =
    Machine { clock: &SystemClock, ids: &UuidV7, secrets: &SystemSecrets };

/// A file in a folder of its own.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn options(&self) -> SqliteOptions {
        SqliteOptions::new(self.path("loggia.db"))
    }

    /// Returns a home with an empty store.
    pub(crate) async fn empty() -> Self {
        let home = Self::new();
        home.store().await.close().await;
        home
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open_with(&self.options()).await.unwrap()
    }

    /// Calls use cases on the store, and closes it.
    pub(crate) async fn with<T>(&self, work: impl AsyncFnOnce(&Loggia) -> T) -> T {
        let store = self.store().await;
        let done = work(&Loggia::on(Arc::new(store.clone())).with_system().build()).await;
        store.close().await;
        done
    }

    /// Exports the organization, and returns the bytes of the archive.
    pub(crate) async fn export(&self, organization: OrganizationId) -> Vec<u8> {
        let mut rows = SqliteRows::of_organization(&self.options(), organization).unwrap();
        export(&mut rows, organization, Vec::new(), &|_| ()).await.unwrap().1
    }

    /// Imports an archive of these bytes.
    pub(crate) async fn import(&self, archive: &[u8]) -> Result<Imported, ImportError> {
        let path = self.path("archive.tar.gz");
        std::fs::write(&path, archive).unwrap();
        let open = || File::open(&path).unwrap();
        let verified = verify(open(), |_| ()).await?;
        let writer = SqliteImport::begin(&self.options(), verified.organization()).await.unwrap()?;
        import(open(), verified, Box::new(writer), MACHINE, |_| ()).await
    }

    /// Returns the digests of all tables.
    pub(crate) async fn picture(&self) -> Vec<(&'static str, loggia_moving::Digest)> {
        let mut rows = SqliteRows::alone(&self.options()).unwrap();
        loggia_moving::picture(&mut rows).await.unwrap()
    }
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn profile(first: &str, last: &str) -> Profile {
    Profile::named(PersonName::parse(first).unwrap(), PersonName::parse(last).unwrap())
}

/// The organization of a home that is filled.
pub(crate) struct World {
    pub(crate) organization: OrganizationId,
    /// The admin, who has an account.
    pub(crate) ada: UserId,
    /// A member who has an account.
    pub(crate) grace: UserId,
    /// A member no longer, who has an account.
    pub(crate) edsger: UserId,
    /// A person of the organization's own.
    pub(crate) dennis: UserId,
}

/// Fills the store: the sample data, and beside it a former member, an erased person, a machine, invitations, keys that descend from each
/// other, and another organization.
pub(crate) async fn fill_home(home: &Home) -> World {
    home.with(async |loggia| {
        let plan = Plan::new(1, Figures { people: 6, projects: 5, tasks: 60, spaces: 8 }).unwrap();
        let name = OrganizationName::parse("Harbour Works").unwrap();
        let bootstrap = plan.bootstrap(name).unwrap();
        let first = loggia.operator().bootstrap(&bootstrap, false).await.unwrap().unwrap();
        fill(loggia, &first, &plan, Pace { numbering: 1, others: 8 }, &|| ()).await.unwrap();
        let (organization, ada) = (first.organization.id, first.member.user);
        let grace = account(loggia, organization, "grace@example.com", "Grace", "Höpper").await;
        let edsger = account(loggia, organization, "edsger@example.com", "Edsger", "Dijkstra").await;
        let out = MemberPatch { active: Some(false), ..MemberPatch::default() };
        loggia.operator().update_member(organization, edsger, out).await.unwrap();
        let dennis = own(loggia, organization, "dennis@example.com", "Dennis").await;
        let gone = own(loggia, organization, "gone@example.com", "Gone").await;
        let admin = Caller::unchecked(ada, Scope::Organization(organization));
        loggia.acting_as(&admin).erase_member(organization, gone).await.unwrap();
        let machine = NewMember::machine(profile("Build", "Robot"), ScopeRole::Member);
        loggia.operator().add_member(organization, machine).await.unwrap();

        let project = NewProject::named(ProjectName::parse("Invited").unwrap());
        let project = loggia.acting_as(&admin).create_project(ScopeChoice::Default, project).await.unwrap();
        let invited = InvitedProject { project: project.record.id, role: RosterRole::Member };
        let new = NewInvitation {
            email: email("jean@example.com"),
            role: ScopeRole::Member,
            projects: InvitedProjects::new(vec![invited]).unwrap(),
        };
        let new = NewInvitations::new(vec![new]).unwrap();
        loggia.operator().invite(organization, &new).await.unwrap();

        let parent = loggia.authenticate(&first.issued.secret).await.unwrap().caller;
        for _ in 0..3 {
            loggia.acting_as(&parent).create_own_key(key(organization)).await.unwrap();
        }
        loggia.operator().issue_key(Actor::Operator, dennis, key(organization)).await.unwrap();
        found(loggia, "Quay Works", "alan@example.com").await;
        World { organization, ada, grace, edsger, dennis }
    })
    .await
}

fn key(organization: OrganizationId) -> NewKey {
    NewKey {
        name: KeyName::parse("laptop").unwrap(),
        default_scope: Scope::Organization(organization),
        reach: Reach::Only(organization),
        ability: Ability::Write,
        expires_at: None,
    }
}

/// Creates an organization with an admin of its own.
pub(crate) async fn found(loggia: &Loggia, name: &str, address: &str) -> OrganizationId {
    let plan = Bootstrap {
        organization: OrganizationName::parse(name).unwrap(),
        email: email(address),
        profile: profile("Alan", "Turing"),
        key: KeyName::parse("laptop").unwrap(),
        key_ends_unless_used: false,
    };
    loggia.operator().bootstrap(&plan, false).await.unwrap().unwrap().organization.id
}

async fn account(
    loggia: &Loggia,
    organization: OrganizationId,
    address: &str,
    first: &str,
    last: &str,
) -> UserId {
    let new = NewAccount { email: email(address), profile: profile(first, last) };
    loggia.operator().add_account_member(organization, &new, ScopeRole::Member).await.unwrap().user
}

async fn own(loggia: &Loggia, organization: OrganizationId, address: &str, first: &str) -> UserId {
    let new = NewMember::person(email(address), profile(first, "Own"), ScopeRole::Member);
    loggia.operator().add_member(organization, new).await.unwrap().user
}
