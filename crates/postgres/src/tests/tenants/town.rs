//! Four organizations, their members, and all the tenant contexts that a session can have.

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::port::{MemberInserted, Ports};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::user::Member;
use loggia_testkit::builders::{self, ADA, ALAN, BARBARA, EDSGER, GRACE, KATHERINE, Person, viewer};
use loggia_testkit::seed;
use loggia_testpg::TestDatabase;
use uuid::Uuid;

use super::super::statements::Question;
use super::foreign::foreign_ids;
use super::{database, open, options, ports, superuser};
use crate::PostgresStore;
use crate::tenancy::context::{Record, TenantContext};

/// An organization with one of everything.
#[derive(Clone, Copy)]
struct House {
    organization: OrganizationId,
    project: ProjectId,
    space: SpaceId,
    task: TaskId,
    /// The digest of an invitation's token.
    token: KeyHash,
}

impl House {
    fn scope(&self) -> Scope {
        Scope::Organization(self.organization)
    }
}

/// A tenant context, and the ids of everything that must not be seen in it, as a regular expression.
pub(super) struct ContextCase {
    pub(super) name: &'static str,
    pub(super) context: TenantContext,
    pub(super) foreign: String,
}

pub(super) struct Town {
    pub(super) store: PostgresStore,
    pub(super) database: TestDatabase,
    ada: UserId,
    alan: UserId,
    /// The organization of Ada, Grace and Edsger.
    harbour: House,
    /// Alan's organization; Ada was never a member.
    lighthouse: House,
    /// Barbara's organization; Ada was a member.
    quay: House,
    /// Katherine's organization; Ada is a viewer.
    mole: House,
    /// Alan's key.
    key: (ApiKey, KeyHash),
    contexts: Vec<(&'static str, TenantContext, String)>,
    seen_by_alan: String,
}

async fn house(ports: &Ports, name: &str, people: &[(Person, ScopeRole)]) -> House {
    let organization = seed::organization(ports, name).await.id;
    let scope = Scope::Organization(organization);
    let mut users = Vec::new();
    for (who, role) in people {
        users.push(seed::member(ports, organization, *who, *role).await.user);
    }
    let admin = users[0];
    let project = seed::project(ports, scope, admin, name, |_| ()).await;
    for user in users {
        seed::membership(ports, &project, user, RosterRole::Admin).await;
    }
    let mut space = builders::space(ports, scope, admin, name);
    space.project = Some(project.id);
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let task = seed::task(ports, &project, "1", |task| task.assignee = Some(admin)).await;
    seed::task(ports, &project, "2", |_| ()).await;
    let event = builders::event(ports, scope, SubjectKind::Space, space.id.as_uuid(), Verb::Created);
    let about_a_member = builders::event(ports, scope, SubjectKind::Member, admin.as_uuid(), Verb::Updated);
    seed::events(ports, &[event, about_a_member]).await;
    let invitation = Invitation {
        projects: vec![InvitedProject { project: project.id, role: RosterRole::Member }],
        invited_by: Some(admin),
        ..builders::invitation(ports, organization, KATHERINE)
    };
    let token = seed::invitation(ports, &invitation, name).await;
    House { organization, project: project.id, space: space.id, task: task.id, token }
}

async fn user(ports: &Ports, who: Person) -> UserId {
    ports.views.account_by_email(&who.email()).await.expect("a look").expect("there").id
}

async fn key(ports: &Ports, user: UserId, secret: &str) -> (ApiKey, KeyHash) {
    let key = builders::key(ports, user, Scope::Personal(user));
    let hash = seed::key(ports, &key, secret).await;
    (key, hash)
}

impl Town {
    pub(super) async fn found() -> Self {
        let database = database().await;
        let store = open(&options(&database)).await;
        let ports = ports(&store);
        let harbour = house(
            &ports,
            "Harbour",
            &[(ADA, ScopeRole::Admin), (GRACE, ScopeRole::Member), (EDSGER, ScopeRole::Viewer)],
        )
        .await;
        let lighthouse = house(&ports, "Lighthouse", &[(ALAN, ScopeRole::Admin)]).await;
        let quay = house(&ports, "Quay", &[(BARBARA, ScopeRole::Admin), (ADA, ScopeRole::Admin)]).await;
        let mole = house(&ports, "Mole", &[(KATHERINE, ScopeRole::Admin), (ADA, ScopeRole::Viewer)]).await;
        let (ada, alan) = (user(&ports, ADA).await, user(&ports, ALAN).await);
        leave(&ports, quay.scope(), ada).await;
        key(&ports, ada, "Ada's").await;
        let key = key(&ports, alan, "Alan's").await;
        let child = builders::key(&ports, alan, Scope::Personal(alan));
        let origin = KeyOrigin { parent: Some(key.0.id), issued: false };
        seed::key_of(&ports, &child, "made with Alan's", &origin).await;
        // Stored responses for Ada, for Alan, who shares no organization with her, and for Grace, who shares one. Each has
        // an id as its idempotency key, which distinguishes them.
        let grace = user(&ports, GRACE).await;
        for (person, house) in [(ada, harbour), (alan, lighthouse), (grace, harbour)] {
            seed::claim(&ports, person, &ports.ids.next().to_string(), Some(house.scope())).await;
        }
        let mut town = Self {
            store,
            database,
            ada,
            alan,
            harbour,
            lighthouse,
            quay,
            mole,
            key,
            contexts: Vec::new(),
            seen_by_alan: String::new(),
        };
        town.look_around().await;
        town
    }

    /// Determines what is foreign in each context, as a superuser.
    async fn look_around(&mut self) {
        let mut outsider = superuser(&self.database).await;
        let (harbour, quay, mole) = (self.harbour.scope(), self.quay.scope(), self.mole.scope());
        let (ada, confined) = (self.ada_everywhere(), self.ada_confined());
        let own = Scope::Personal(self.ada);
        let person = Some(self.ada);
        let (key, hash) = (&self.key.0, &self.key.1);
        let nobody = UserId::from_uuid(Uuid::nil());
        let (digest, token) = (hex(hash), hex(&self.lighthouse.token));
        let none = String::new;
        let of_ada = |name, context, scopes| (name, context, scopes, person, none());
        let at = |record| TenantContext::viewer_at(&ada, record);
        for (name, context, scopes, person, word) in [
            of_ada("Ada in one organization", TenantContext::viewer_in(&ada, harbour), vec![harbour]),
            of_ada("Ada in her personal scope", TenantContext::viewer_in(&ada, own), vec![own]),
            of_ada(
                "Ada in another organization, with a key for that one",
                TenantContext::viewer_in(&confined, mole),
                vec![mole],
            ),
            of_ada(
                "Ada in another organization than the key's",
                TenantContext::viewer_in(&confined, harbour),
                vec![],
            ),
            of_ada("Ada in an organization that she left", TenantContext::viewer_in(&ada, quay), vec![]),
            of_ada(
                "Ada in an organization of others",
                TenantContext::viewer_in(&ada, self.lighthouse.scope()),
                vec![],
            ),
            of_ada("Ada at a record of one organization", at(Record::Task(self.harbour.task)), vec![harbour]),
            of_ada(
                "Ada at a record of another organization",
                at(Record::Project(self.mole.project)),
                vec![mole],
            ),
            of_ada("Ada at a space of others", at(Record::Space(self.lighthouse.space)), vec![]),
            of_ada("Ada at a project of others", at(Record::Project(self.lighthouse.project)), vec![]),
            of_ada("Ada at a task of others", at(Record::Task(self.lighthouse.task)), vec![]),
            ("a scope", TenantContext::scope(harbour), vec![harbour], None, none()),
            ("a person", TenantContext::person(self.ada), vec![], person, none()),
            (
                "an address",
                TenantContext::identity("ada@example.com"),
                vec![],
                None,
                "ada@example.com".to_owned(),
            ),
            (
                "a key's id",
                TenantContext::identity(key.id.as_uuid().to_string()),
                vec![],
                None,
                key.id.as_uuid().to_string(),
            ),
            ("a key's digest", TenantContext::identity(digest.as_str()), vec![], None, digest.clone()),
            ("a token's digest", TenantContext::identity(token.as_str()), vec![], None, token.clone()),
            (
                "a user who does not exist",
                TenantContext::viewer_in(&viewer(nobody), harbour),
                vec![],
                Some(nobody),
                none(),
            ),
            ("nothing", TenantContext::none(), vec![], None, none()),
        ] {
            let foreign = foreign_ids(&mut outsider, &scopes, person, &word).await;
            self.contexts.push((name, context, foreign));
        }
        let theirs = [self.lighthouse.scope(), Scope::Personal(self.alan)];
        self.seen_by_alan = foreign_ids(&mut outsider, &theirs, Some(self.alan), "").await;
    }

    /// Returns every context.
    pub(super) fn contexts(&self) -> Vec<ContextCase> {
        let contexts = self.contexts.iter().cloned();
        contexts.map(|(name, context, foreign)| ContextCase { name, context, foreign }).collect()
    }

    pub(super) fn ada_everywhere(&self) -> Viewer {
        viewer(self.ada)
    }

    pub(super) fn ada_confined(&self) -> Viewer {
        Viewer { reach: Reach::Only(self.mole.organization), ..self.ada_everywhere() }
    }

    /// Returns Alan, who is no member of the harbour, and what is foreign to him.
    pub(super) fn stranger(&self) -> (Viewer, String) {
        (viewer(self.alan), self.seen_by_alan.clone())
    }

    /// Returns the arguments of reads of the harbour and its records.
    pub(super) fn question(&self) -> Question {
        Question {
            viewer: self.ada_everywhere(),
            organization: self.harbour.organization,
            scope: self.harbour.scope(),
            project: self.harbour.project,
            space: self.harbour.space,
            task: self.harbour.task,
            user: self.ada,
            email: ADA.email(),
            key: (self.key.0.id, self.key.1),
        }
    }
}

fn hex(hash: &KeyHash) -> String {
    hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn leave(ports: &Ports, scope: Scope, user: UserId) {
    let mut work = seed::begin(ports).await;
    let member = work.members(scope, &[user]).await.expect("members").pop().expect("a member");
    let left = Member { active: false, ..member };
    assert_eq!(work.update_member(&left).await.expect("a result"), MemberInserted::Yes);
    seed::commit(work).await;
}
