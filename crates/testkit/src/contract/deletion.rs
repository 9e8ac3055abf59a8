//! The deletion of an organization.

use loggia_domain::id::OrganizationId;
use loggia_domain::key::ApiKey;
use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery};
use loggia_domain::port::{
    Claimed, DeletionStep, Includes, MemberInserted, OrganizationExtent, Ports, StoreError,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::user::User;

use super::Fixture;
use super::contention::{ROUNDS, insist, linger, race};
use super::events::all_of;
use super::pagination::whole;
use crate::builders::{self, ADA, BARBARA, viewer};
use crate::doomed::{Doomed, ROWS};
use crate::seed::{self, World, commit};

/// A closed organization is found by the deletion only, and by no unit of work that would change it otherwise.
pub async fn a_closed_organization_is_found_by_its_deletion_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (id, now) = (world.organization.id, ports.clock.now());
    let mut work = fixture.begin().await;
    let found = work.lock_open_or_closed(id).await.expect("a lock");
    assert_eq!(found, Some((world.organization.clone(), None)));
    work.close_organization(id, now).await.expect("closing");
    drop(work);
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(id).await.expect("a lock").is_some(), "it was rolled back");
    assert!(work.lock_open_or_closed(id).await.expect("a lock").is_some());
    work.close_organization(id, now).await.expect("closing");
    commit(work).await;

    let mut work = fixture.begin().await;
    assert_eq!(work.lock_any_organization(id).await.expect("a lock"), None);
    assert_eq!(work.lock_organization(&world.as_admin(), id).await.expect("a lock"), None);
    let found = work.lock_open_or_closed(id).await.expect("a lock");
    assert_eq!(found, Some((world.organization.clone(), Some(now))));
    drop(work);
    let nowhere = builders::organization(ports, "Nowhere").id;
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_open_or_closed(nowhere).await.expect("a lock"), None);
    drop(work);
    let extent = fixture.views().organization_extent(id).await.expect("an extent").expect("it is there");
    assert_eq!((extent.organization, extent.closed_at), (world.organization, Some(now)));
}

/// Makes a user a member of an organization, as the use cases do. Returns `false` if it is not found.
async fn enter(ports: &Ports, id: OrganizationId, user: &User) -> Result<bool, StoreError> {
    let scope = Scope::Organization(id);
    let mut work = ports.store.begin().await?;
    if work.lock_any_organization(id).await?.is_none() {
        return Ok(false);
    }
    linger().await;
    let number = work.next_member_number(scope).await?;
    let member = builders::member(ports, scope, user, BARBARA, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&member).await?, MemberInserted::Yes);
    linger().await;
    work.commit().await.map(|()| true)
}

async fn close(ports: &Ports, id: OrganizationId) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    work.lock_open_or_closed(id).await?.expect("the organization");
    linger().await;
    work.close_organization(id, ports.clock.now()).await?;
    work.commit().await
}

async fn end_access(ports: &Ports, id: OrganizationId) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    work.lock_open_or_closed(id).await?.expect("the organization");
    assert!(work.delete_rows(id, DeletionStep::Access, 100).await?.is_complete);
    work.commit().await
}

/// A user who is made a member while the organization is closed is refused, or loses the access with the other members.
pub async fn nobody_joins_an_organization_that_is_closed_concurrently(fixture: &Fixture) {
    let ports = &fixture.ports;
    let barbara = seed::person(ports, BARBARA).await;
    for round in 0..ROUNDS {
        let id = seed::organization(ports, &format!("Organization {round}")).await.id;
        seed::member(ports, id, ADA, ScopeRole::Admin).await;
        let (entering, user) = (ports.clone(), barbara.clone());
        let closing = ports.clone();
        let (entered, ()) = race(async move { insist(|| enter(&entering, id, &user)).await }, async move {
            insist(|| close(&closing, id)).await;
            insist(|| end_access(&closing, id)).await;
        })
        .await;
        let mut work = fixture.begin().await;
        let found = work.members(Scope::Organization(id), &[barbara.id]).await.expect("members");
        assert_eq!(!found.is_empty(), entered, "in round {round}");
        assert!(found.iter().all(|member| !member.active), "in round {round} a member has access");
        drop(work);
        let refused = enter(ports, id, &barbara).await.expect("an answer");
        assert!(!refused, "in round {round} it is closed");
    }
}

/// The number of events of the organization that stays, which may appear a moment later.
const EVENTS: usize = 2;

/// Returns all that a viewer is shown of an organization.
async fn shown(fixture: &Fixture, viewer: &Viewer, id: OrganizationId) -> String {
    let (views, scope, all) = (fixture.views(), Scope::Organization(id), whole());
    let projects = views.projects(viewer, scope, &ProjectQuery::default(), &all).await.expect("projects");
    let mut in_projects = String::new();
    for project in &projects {
        let roster = views.roster(viewer, project.record.id, &all).await.expect("a roster");
        let tasks = views.tasks(viewer, project.record.id, &TaskQuery::default(), &all).await.expect("tasks");
        in_projects.push_str(&format!("{roster:#?}{tasks:#?}"));
    }
    let includes = Includes { project: true, organization: true, creator: true };
    format!(
        "{:#?}{:#?}{:#?}{:#?}{:#?}{projects:#?}{in_projects}",
        views.organization(viewer, id).await.expect("the organization"),
        views.members(viewer, scope, &MemberQuery::default(), &all).await.expect("members"),
        views.spaces(viewer, scope, &SpaceQuery::default(), includes, &all).await.expect("spaces"),
        all_of(fixture, scope, 100, EVENTS).await,
        views.organization_extent(id).await.expect("an extent"),
    )
}

/// Returns the outcome of repeating a request whose response was stored.
async fn repeated(fixture: &Fixture, owner: &Viewer, operation: &str, key: &str) -> Claimed {
    let mut work = fixture.begin().await;
    let claim = builders::claim(operation, key);
    work.claim(owner, &claim, fixture.ports.clock.now()).await.expect("a claim")
}

/// A step deletes at most as many rows as its limit. After the last one nothing is left of the organization, its own users and the
/// keys for it alone; accounts, their other keys and other organizations stay.
pub async fn an_organization_is_deleted_a_few_rows_at_a_time_and_others_stay(fixture: &Fixture) {
    let ports = &fixture.ports;
    let doomed = Doomed::seed(ports).await;
    let (world, views) = (&doomed.world, fixture.views());
    let (id, ada) = (world.organization.id, world.as_admin());
    let extent = views.organization_extent(id).await.expect("an extent");
    let expected = OrganizationExtent {
        organization: world.organization.clone(),
        closed_at: None,
        members: 5,
        own_users: 2,
        keys: 2,
        invitations: 2,
        spaces: 2,
        projects: 2,
        tasks: 3,
    };
    assert_eq!(extent, Some(expected));
    let before = shown(fixture, &ada, doomed.beside).await;
    let deleted = doomed.delete(ports, 2).await;
    assert_eq!(deleted, ROWS);

    assert_eq!(views.organization_extent(id).await.expect("an extent"), None);
    assert_eq!(fixture.begin().await.lock_open_or_closed(id).await.expect("a lock"), None);
    assert_eq!(views.events(world.scope, None, 100).await.expect("events"), []);
    for user in doomed.own {
        assert_eq!(views.user(user).await.expect("a lookup"), None);
    }
    for key in &doomed.confined {
        assert_eq!(views.key(key.user, key.id).await.expect("a lookup"), None);
    }
    let key = views.key(ada.user, doomed.key.id).await.expect("a lookup");
    assert_eq!(key, Some(ApiKey { default_scope: Scope::Personal(ada.user), ..doomed.key.clone() }));
    assert_eq!(repeated(fixture, &ada, "POST /v1/spaces", "doomed").await, Claimed::New);

    assert_eq!(shown(fixture, &ada, doomed.beside).await, before);
    let kept = repeated(fixture, &ada, "POST /v1/spaces", "beside").await;
    assert!(matches!(kept, Claimed::Kept(_)), "{kept:?}");
    for member in [&world.admin, &world.member, &world.viewer] {
        assert!(views.user(member.user).await.expect("a lookup").is_some(), "accounts stay");
        let own = views.own_member(&viewer(member.user), Scope::Personal(member.user)).await;
        assert!(own.expect("a lookup").is_some(), "and their personal scopes");
    }
    let keys = views.keys(&ada, &whole()).await.expect("keys");
    assert_eq!(keys.len(), 2, "{keys:?}");
}

/// The first start does not happen again after the last organization was deleted.
pub async fn the_first_start_does_not_happen_again_after_a_deletion(fixture: &Fixture) {
    let ports = &fixture.ports;
    let id = seed::organization(ports, "Harbour Works").await.id;
    let mut work = fixture.begin().await;
    work.lock_open_or_closed(id).await.expect("a lock");
    work.close_organization(id, ports.clock.now()).await.expect("closing");
    for step in DeletionStep::ALL {
        assert!(work.delete_rows(id, *step, 10).await.expect("a step").is_complete, "{step}");
    }
    commit(work).await;
    assert_eq!(fixture.views().all_organizations(None, 10).await.expect("a list"), []);
    assert!(fixture.views().has_organizations().await.expect("an answer"));
    assert!(fixture.begin().await.lock_instance().await.expect("an answer"));
}

/// The operator's list has every organization once, by id, and says which are closed.
pub async fn organizations_are_listed_by_id_for_the_operator(fixture: &Fixture) {
    let ports = &fixture.ports;
    assert_eq!(fixture.views().all_organizations(None, 10).await.expect("a list"), []);
    let mut all = Vec::new();
    for name in ["Harbour Works", "Quay Works", "Mole Works"] {
        all.push((seed::organization(ports, name).await, None));
    }
    seed::person(ports, ADA).await;
    all.sort_by_key(|(organization, _)| organization.id);
    let now = ports.clock.now();
    let mut work = fixture.begin().await;
    work.lock_open_or_closed(all[1].0.id).await.expect("a lock");
    work.close_organization(all[1].0.id, now).await.expect("closing");
    commit(work).await;
    all[1].1 = Some(now);
    let views = fixture.views();
    assert_eq!(views.all_organizations(None, 10).await.expect("a list"), all);
    assert_eq!(views.all_organizations(None, 2).await.expect("a list"), all[..2]);
    assert_eq!(views.all_organizations(Some(all[1].0.id), 2).await.expect("a list"), all[2..]);
    assert_eq!(views.all_organizations(Some(all[2].0.id), 2).await.expect("a list"), []);
}
