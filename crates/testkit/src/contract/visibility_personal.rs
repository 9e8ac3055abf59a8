//! A personal scope is visible to its user only, and records of one scope cannot be reached by naming another.

use std::sync::Arc;

use loggia_domain::id::OrganizationId;
use loggia_domain::page::SpaceQuery;
use loggia_domain::port::Includes;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, Viewer};

use super::Fixture;
use super::pagination::whole;
use crate::builders;
use crate::seed::{self, World, commit};

const ALL: Includes = Includes { project: true, organization: true, creator: true };

/// A user's id is the id of their personal scope, but does not identify an organization, not even for that user.
pub async fn the_id_of_a_user_identifies_no_organization(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let viewer = world.as_member();
    let organization = OrganizationId::from_uuid(viewer.user.as_uuid());
    let scope = Scope::Organization(organization);
    let views = fixture.views();
    assert_eq!(views.role_in_scope(&viewer, scope).await.expect("a look-up"), None);
    assert_eq!(views.own_member(&viewer, scope).await.expect("a look-up"), None);
    assert_eq!(views.organization(&viewer, organization).await.expect("a look-up"), None);
    let mut work = fixture.begin().await;
    assert_eq!(work.role_in_scope(&viewer, scope).await.expect("a look-up"), None);
    assert_eq!(work.lock_organization(&viewer, organization).await.expect("a lock"), None);
}

/// A personal space is found by its user, and by no other user, whatever their roles elsewhere.
pub async fn a_personal_scope_is_visible_to_its_user_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let scope = Scope::Personal(world.member.user);
    let space = builders::space(ports, scope, world.member.user, "Diary");
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let project = seed::project(ports, scope, world.member.user, "My boat", |_| ()).await;
    let views = fixture.views();
    let only = Viewer { reach: Reach::Only(world.organization.id), ..world.as_member() };
    for viewer in [world.as_admin(), world.as_viewer(), only] {
        assert_eq!(views.role_in_scope(&viewer, scope).await.expect("a look-up"), None);
        assert_eq!(views.space(&viewer, space.id, ALL).await.expect("a look-up"), None);
        assert_eq!(views.project(&viewer, project.id).await.expect("a look-up"), None);
        let found =
            views.spaces(&viewer, scope, &SpaceQuery::default(), ALL, &whole()).await.expect("a list");
        assert_eq!(found, []);
        assert_eq!(views.count_spaces(&viewer, scope, &SpaceQuery::default()).await.expect("a count"), 0);
        let mut work = fixture.begin().await;
        assert_eq!(work.lock_space(&viewer, space.id).await.expect("a lock"), None);
        assert_eq!(work.lock_project(&viewer, project.id).await.expect("a lock"), None);
    }
    let viewer = world.as_member();
    assert_eq!(views.role_in_scope(&viewer, scope).await.expect("a look-up"), Some(ScopeRole::Admin));
    let (view, role) =
        views.space(&viewer, space.id, ALL).await.expect("a look-up").expect("one's own space");
    assert_eq!((&view.space, role, &view.organization), (&space, ScopeRole::Admin, &None));
    let creator = view.creator.expect("who made it");
    assert_eq!((creator.scope, creator.user), (scope, world.member.user));
    let found = views.spaces(&viewer, scope, &SpaceQuery::default(), ALL, &whole()).await.expect("a list");
    assert_eq!(found.len(), 1);
    let shared =
        views.spaces(&viewer, world.scope, &SpaceQuery::default(), ALL, &whole()).await.expect("a list");
    assert_eq!(shared, [], "what is personal is not in the organization's list");
    let organizations = views.organizations(&viewer, &whole()).await.expect("a list");
    assert_eq!(organizations.len(), 1, "a personal scope is no organization");
}

/// A space is returned with the relations that were requested.
pub async fn a_space_is_returned_with_the_requested_relations(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut linked = builders::space(ports, world.scope, world.member.user, "Tides");
    linked.project = Some(world.project.id);
    let loose = builders::space(ports, world.scope, world.admin.user, "Winds");
    let mut another = builders::space(ports, world.scope, world.member.user, "Rocks");
    another.project = Some(world.project.id);
    seed::spaces(ports, &[linked.clone(), loose.clone(), another.clone()]).await;
    let (views, viewer) = (fixture.views(), world.as_viewer());
    for bits in 0..8 {
        let includes = Includes { project: bits & 1 > 0, organization: bits & 2 > 0, creator: bits & 4 > 0 };
        for (space, creator) in [(&linked, &world.member), (&loose, &world.admin), (&another, &world.member)]
        {
            let (view, _) =
                views.space(&viewer, space.id, includes).await.expect("a look-up").expect("a space");
            let project = space.project.filter(|_| includes.project).map(|_| Arc::new(world.project.clone()));
            assert_eq!((&view.space, &view.project), (space, &project), "{includes:?}");
            assert_eq!(
                view.organization,
                includes.organization.then(|| Arc::new(world.organization.clone()))
            );
            assert_eq!(view.creator, includes.creator.then(|| Arc::new(creator.clone())));
            let query = SpaceQuery::default();
            let page = views.spaces(&viewer, world.scope, &query, includes, &whole()).await.expect("a list");
            assert!(page.contains(&view), "a list brings the same");
        }
    }
}

/// A lock of one scope reveals nothing about another, and changes nothing there.
pub async fn rows_of_another_scope_are_not_reached(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let elsewhere = Scope::Organization(seed::organization(ports, "Elsewhere").await.id);
    let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
    space.project = Some(world.project.id);
    seed::spaces(ports, std::slice::from_ref(&space)).await;
    let grace = world.member.user;
    let task = seed::task(ports, &world.project, "1", |task| task.assignee = Some(grace)).await;
    let (project, now) = (world.project.id, ports.clock.now());
    let mut work = fixture.begin().await;
    assert_eq!(work.members(elsewhere, &[grace]).await.expect("a look-up"), []);
    assert_eq!(work.hold_members(elsewhere, &[grace]).await.expect("a look-up"), []);
    assert_eq!(work.count_active_admins(elsewhere).await.expect("a count"), 0);
    assert_eq!(work.memberships(elsewhere, project, &[grace]).await.expect("a look-up"), []);
    assert_eq!(work.count_roster_admins(elsewhere, project).await.expect("a count"), 0);
    work.raise_top_number(elsewhere, project, 7).await.expect("an answer");
    assert_eq!(work.unlink_spaces(elsewhere, project, now).await.expect("an answer"), []);
    assert_eq!(work.remove_from_rosters(elsewhere, grace).await.expect("an answer"), []);
    for project in [None, Some(project)] {
        let unassigned = work.unassign_open_tasks(elsewhere, project, grace, now).await.expect("an answer");
        assert_eq!(unassigned, []);
    }
    commit(work).await;
    for kind in ["space", "task", "membership", "project"] {
        let mut work = fixture.begin().await;
        // The store may refuse the deletion or find nothing to delete.
        let outcome = match kind {
            "space" => work.delete_space(elsewhere, space.id).await,
            "task" => work.delete_task(elsewhere, task.id).await,
            "membership" => work.delete_membership(elsewhere, project, world.roster_member.id).await,
            _ => work.delete_project(elsewhere, project).await,
        };
        if outcome.is_ok() {
            commit(work).await;
        }
    }
    let mut work = fixture.begin().await;
    let found = work.lock_project(&world.as_admin(), project).await.expect("a lock");
    assert_eq!(found.map(|(project, _)| project).as_ref(), Some(&world.project));
    let found = work.lock_space(&world.as_admin(), space.id).await.expect("a lock");
    assert_eq!(found.map(|(space, _)| space), Some(space));
    let found = work.lock_task(&world.as_admin(), task.id).await.expect("a lock");
    assert_eq!(found.map(|(task, _)| task), Some(task));
    let memberships = work.memberships(world.scope, project, &[grace]).await.expect("a look-up");
    assert_eq!(memberships, [world.roster_member]);
}
