//! An organization with rows of every kind, to be deleted, beside one that stays.
#![expect(clippy::expect_used, reason = "a store that refuses what is seeded fails the test that needs it")]

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::key::{ApiKey, KeyOrigin};
use loggia_domain::once::StoredResponse;
use loggia_domain::port::{Claimed, DeletionStep, Inserted, MemberInserted, Ports};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, Viewer};
use loggia_domain::user::User;

use crate::builders::{self, ADA, ALAN, BARBARA, GRACE, KATHERINE, Person, viewer};
use crate::seed::{self, World};

/// An organization to be deleted, and what is beside it.
#[derive(Clone, Debug)]
pub struct Doomed {
    /// The organization. Its three members have accounts.
    pub world: World,
    /// A person and a machine of the organization's own.
    pub own: [UserId; 2],
    /// A key of the admin's account, which reaches everywhere and has the organization as its default scope.
    pub key: ApiKey,
    /// A key of the own person, and one that was created with it.
    pub confined: [ApiKey; 2],
    /// Another organization, whose admin is the same account.
    pub beside: OrganizationId,
}

/// The number of rows that each step deletes or changes for [`Doomed::seed`].
pub const ROWS: [(DeletionStep, u64); 13] = [
    (DeletionStep::Access, 5),
    (DeletionStep::KeyOrigins, 2),
    (DeletionStep::Keys, 2),
    (DeletionStep::DefaultScopes, 1),
    (DeletionStep::Invitations, 2),
    (DeletionStep::Events, 3),
    (DeletionStep::Spaces, 2),
    (DeletionStep::Tasks, 3),
    (DeletionStep::Rosters, 3),
    (DeletionStep::Projects, 2),
    (DeletionStep::Members, 5),
    (DeletionStep::Users, 2),
    (DeletionStep::Organization, 1),
];

async fn own(ports: &Ports, home: OrganizationId, user: User, who: Person) -> UserId {
    let scope = Scope::Organization(home);
    let mut work = seed::begin(ports).await;
    work.lock_any_organization(home).await.expect("a lock");
    assert_eq!(work.insert_user(&user).await.expect("a user"), Inserted::Yes);
    let number = work.next_member_number(scope).await.expect("a number");
    let member = builders::member(ports, scope, &user, who, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&member).await.expect("a member"), MemberInserted::Yes);
    seed::commit(work).await;
    user.id
}

async fn confined(ports: &Ports, user: UserId, organization: OrganizationId, parent: &ApiKey) -> ApiKey {
    let scope = Scope::Organization(organization);
    let key = ApiKey { reach: Reach::Only(organization), ..builders::key(ports, user, scope) };
    let origin = KeyOrigin { parent: Some(parent.id), issued: true };
    seed::key_of(ports, &key, &format!("confined {}", key.id), &origin).await;
    key
}

/// Stores a response to a request with a key that reaches the organization only. The request changed nothing there.
async fn answer_to_confined(ports: &Ports, user: UserId, organization: OrganizationId) {
    let owner = Viewer { reach: Reach::Only(organization), ..viewer(user) };
    let claim = builders::claim("POST /v1/keys", "confined");
    let mut work = seed::begin(ports).await;
    assert_eq!(work.claim(&owner, &claim, ports.clock.now()).await.expect("a claim"), Claimed::New);
    work.keep(&owner, &claim, None, &StoredResponse::Withheld).await.expect("keeping");
    seed::commit(work).await;
}

async fn events(ports: &Ports, scope: Scope, count: usize) {
    let event =
        || builders::event(ports, scope, SubjectKind::Organization, scope.id().as_uuid(), Verb::Updated);
    seed::events(ports, &std::iter::repeat_with(event).take(count).collect::<Vec<_>>()).await;
}

impl Doomed {
    /// Inserts both organizations into an empty store.
    pub async fn seed(ports: &Ports) -> Self {
        let world = World::seed(ports).await;
        let (id, scope, ada) = (world.organization.id, world.scope, world.admin.user);
        let person = own(ports, id, builders::own_person(ports, id, ALAN), ALAN).await;
        let machine = own(ports, id, builders::machine(ports, id), KATHERINE).await;
        let hide = |project: &mut Project| project.visibility = Visibility::Private;
        let hidden = seed::project(ports, scope, ada, "Hidden", hide).await;
        seed::membership(ports, &hidden, person, RosterRole::Member).await;
        seed::task(ports, &hidden, "1", |task| task.assignee = Some(person)).await;
        seed::task(ports, &world.project, "1", |_| ()).await;
        seed::task(ports, &world.project, "2", |_| ()).await;
        let mut linked = builders::space(ports, scope, ada, "Tides");
        linked.project = Some(hidden.id);
        seed::spaces(ports, &[linked, builders::space(ports, scope, ada, "Quay")]).await;
        events(ports, scope, 3).await;
        let key = builders::key(ports, ada, scope);
        seed::key(ports, &key, "everywhere").await;
        let parent = confined(ports, person, id, &key).await;
        let child = confined(ports, machine, id, &parent).await;
        for (who, token) in [(BARBARA, "one"), (KATHERINE, "other")] {
            let projects = vec![InvitedProject { project: hidden.id, role: RosterRole::Member }];
            let invited_by = Some(ada);
            let invitation = Invitation { projects, invited_by, ..builders::invitation(ports, id, who) };
            seed::invitation(ports, &invitation, token).await;
        }
        seed::claim(ports, ada, "doomed", Some(scope)).await;
        answer_to_confined(ports, person, id).await;
        let beside = Self::beside(ports, ada).await;
        Self { world, own: [person, machine], key, confined: [parent, child], beside }
    }

    /// Inserts the organization that stays, with rows of every kind too.
    async fn beside(ports: &Ports, ada: UserId) -> OrganizationId {
        let id = seed::organization(ports, "Quay Works").await.id;
        let scope = Scope::Organization(id);
        seed::member(ports, id, ADA, ScopeRole::Admin).await;
        seed::member(ports, id, GRACE, ScopeRole::Member).await;
        let person = own(ports, id, builders::own_person(ports, id, ALAN), ALAN).await;
        let project = seed::project(ports, scope, ada, "Pier", |_| ()).await;
        seed::membership(ports, &project, person, RosterRole::Admin).await;
        seed::task(ports, &project, "1", |_| ()).await;
        let mut space = builders::space(ports, scope, ada, "Ebb");
        space.project = Some(project.id);
        seed::spaces(ports, &[space]).await;
        events(ports, scope, 2).await;
        let key = builders::key(ports, ada, scope);
        seed::key(ports, &key, "beside").await;
        confined(ports, person, id, &key).await;
        seed::invitation(ports, &builders::invitation(ports, id, BARBARA), "beside").await;
        seed::claim(ports, ada, "beside", Some(scope)).await;
        answer_to_confined(ports, person, id).await;
        id
    }

    /// Closes the organization and deletes it, at most `limit` rows at a time. Returns the number of rows that each step has written.
    pub async fn delete(&self, ports: &Ports, limit: u32) -> Vec<(DeletionStep, u64)> {
        let id = self.world.organization.id;
        let mut work = seed::begin(ports).await;
        work.lock_open_or_closed(id).await.expect("a lock");
        work.close_organization(id, ports.clock.now()).await.expect("closing");
        seed::commit(work).await;
        let mut written = Vec::new();
        for step in DeletionStep::ALL.iter().copied() {
            let mut rows = 0;
            loop {
                let mut work = seed::begin(ports).await;
                work.lock_open_or_closed(id).await.expect("a lock").expect("the organization");
                let part = work.delete_rows(id, step, limit).await.expect("a part of the deletion");
                seed::commit(work).await;
                assert!(part.rows <= u64::from(limit), "{step}: {part:?}");
                rows += part.rows;
                if part.is_complete {
                    break;
                }
            }
            written.push((step, rows));
        }
        written
    }
}
