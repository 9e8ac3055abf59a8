//! The stored totals of unfiltered lists are equal to the numbers of rows in the lists after every kind of write.

use loggia_domain::id::ProjectId;
use loggia_domain::port::{Inserted, MemberInserted, UnitOfWork};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::user::Member;

use super::Fixture;
use crate::builders::{self, ALAN, KATHERINE, viewer};
use crate::seed::{self, World, commit};
use crate::totals::wrong_totals;

/// Checks all totals of the world's scope, as each of its members and as a stranger.
async fn assert_right(fixture: &Fixture, world: &World, projects: &[ProjectId], after: &str) {
    let mut viewers = vec![world.as_admin(), world.as_member(), world.as_viewer()];
    let stranger = fixture.views().account_by_email(&ALAN.email()).await.expect("a lookup");
    viewers.extend(stranger.map(|user| viewer(user.id)));
    let wrong = wrong_totals(fixture.views(), &viewers, world.scope, projects).await.expect("totals");
    assert_eq!(wrong, Vec::<String>::new(), "after {after}");
}

async fn counts(fixture: &Fixture, viewer: &Viewer, scope: Scope) -> u64 {
    fixture.views().count_projects(viewer, scope, &Default::default()).await.expect("a count")
}

/// Begins a unit of work and locks the project.
async fn begin_at(fixture: &Fixture, project: &Project) -> Box<dyn UnitOfWork> {
    let mut work = fixture.begin().await;
    let locked = work.lock_project(&viewer(project.created_by), project.id).await.expect("a lock");
    assert!(locked.is_some(), "{} is there", project.name);
    work
}

async fn show_to(fixture: &Fixture, project: &mut Project, visibility: Visibility) {
    let mut work = begin_at(fixture, project).await;
    project.visibility = visibility;
    project.revision += 1;
    work.update_project(project).await.expect("a change");
    commit(work).await;
}

/// The totals count active and inactive members, and spaces as they are inserted and deleted. A member who is inserted again is not
/// counted twice.
pub async fn totals_of_people_and_spaces_match_the_lists(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    assert_right(fixture, &world, &[world.project.id], "seeding").await;
    seed::person(ports, ALAN).await;
    seed::member(ports, world.organization.id, KATHERINE, ScopeRole::Viewer).await;
    assert_right(fixture, &world, &[], "a member").await;

    let mut work = fixture.begin().await;
    let again = work.insert_member(&world.member).await.expect("an answer");
    assert_eq!(again, MemberInserted::AlreadyAMember { active: true });
    commit(work).await;
    assert_right(fixture, &world, &[], "a member who was there").await;

    let spaces: Vec<_> =
        (0..5).map(|_| builders::space(ports, world.scope, world.admin.user, "Tides")).collect();
    seed::spaces(ports, &spaces).await;
    assert_right(fixture, &world, &[], "spaces").await;
    let mut work = fixture.begin().await;
    for space in &spaces[..2] {
        assert!(work.lock_space(&world.as_admin(), space.id).await.expect("a lock").is_some());
        work.delete_space(world.scope, space.id).await.expect("a deletion");
    }
    commit(work).await;
    assert_right(fixture, &world, &[], "deleted spaces").await;
    let total = fixture.views().count_spaces(&world.as_member(), world.scope, &Default::default()).await;
    assert_eq!(total.expect("a count"), 3);

    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    work.lock_rosters_of(world.scope, world.member.user).await.expect("locks");
    let left = Member { active: false, ..world.member.clone() };
    assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
    let memberships = work.remove_from_rosters(world.scope, world.member.user).await.expect("memberships");
    assert_eq!(memberships.len(), 1);
    commit(work).await;
    assert_right(fixture, &world, &[world.project.id], "a deactivation").await;
    let shown = fixture.views().count_members(&world.as_member(), world.scope, &Default::default()).await;
    assert_eq!(shown.expect("a count"), 0, "a user without access gets no count");
}

/// Projects of the organization are counted for all members, private ones for admins and for those on the roster, after every kind of
/// change.
pub async fn totals_of_projects_match_the_list_of_each_viewer(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (grace, edsger) = (world.member.user, world.viewer.user);
    let private = |project: &mut Project| project.visibility = Visibility::Private;
    let mut hidden = seed::project(ports, world.scope, world.admin.user, "Hidden", private).await;
    let empty = seed::project(ports, world.scope, world.admin.user, "Empty", private).await;
    let projects = [world.project.id, hidden.id, empty.id];
    assert_right(fixture, &world, &projects, "private projects").await;
    seed::membership(ports, &hidden, grace, RosterRole::Member).await;
    let membership = seed::membership(ports, &hidden, edsger, RosterRole::Member).await;
    assert_right(fixture, &world, &projects, "memberships of a private roster").await;
    let [admin, member] = [world.as_admin(), world.as_member()];
    assert_eq!(counts(fixture, &admin, world.scope).await, 3);
    assert_eq!(counts(fixture, &member, world.scope).await, 2);

    let mut work = begin_at(fixture, &hidden).await;
    let number = work.next_membership_numbers(world.scope, hidden.id, 1).await.expect("a number");
    let taken = builders::membership(ports, hidden.id, grace, number, RosterRole::Admin);
    assert_eq!(work.insert_membership(world.scope, &taken).await.expect("an answer"), Inserted::KeyTaken);
    commit(work).await;
    assert_right(fixture, &world, &projects, "a taken membership").await;

    for visibility in
        [Visibility::Organization, Visibility::Organization, Visibility::Private, Visibility::Private]
    {
        show_to(fixture, &mut hidden, visibility).await;
        assert_right(fixture, &world, &projects, &format!("{visibility}")).await;
    }
    let mut work = begin_at(fixture, &hidden).await;
    work.delete_membership(world.scope, hidden.id, membership.id).await.expect("a deletion");
    commit(work).await;
    assert_right(fixture, &world, &projects, "a deleted membership").await;

    for role in [ScopeRole::Admin, ScopeRole::Viewer] {
        let mut work = fixture.begin().await;
        assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
        let changed = Member { role, ..world.member.clone() };
        assert_eq!(work.update_member(&changed).await.expect("an answer"), MemberInserted::Yes);
        commit(work).await;
        assert_right(fixture, &world, &projects, role.as_str()).await;
    }
    let mut work = begin_at(fixture, &hidden).await;
    work.delete_project(world.scope, hidden.id).await.expect("a deletion");
    commit(work).await;
    assert_right(fixture, &world, &projects, "a deleted private project").await;
    assert_eq!(counts(fixture, &member, world.scope).await, 1);
    let mut work = begin_at(fixture, &world.project).await;
    work.delete_project(world.scope, world.project.id).await.expect("a deletion");
    commit(work).await;
    assert_right(fixture, &world, &projects, "a deleted project").await;
    assert_eq!(
        (counts(fixture, &admin, world.scope).await, counts(fixture, &member, world.scope).await),
        (1, 0)
    );

    // A personal scope and its user have equal ids.
    let personal = Scope::Personal(grace);
    let own = seed::project(ports, personal, grace, "My boat", private).await;
    seed::membership(ports, &own, grace, RosterRole::Admin).await;
    let other = seed::project(ports, personal, grace, "My other boat", |_| ()).await;
    let wrong = wrong_totals(fixture.views(), &[member], personal, &[own.id, other.id]).await;
    assert_eq!(wrong.expect("totals"), Vec::<String>::new());
    assert_eq!(counts(fixture, &member, personal).await, 2);
}

/// Rosters and tasks are counted as rows are added and deleted one by one, with their project, or with a deactivated member.
pub async fn totals_of_rosters_and_tasks_match_the_lists(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let projects = [world.project.id, other.id];
    let mut tasks = Vec::new();
    for position in ["1", "2", "2.1", "3"] {
        tasks.push(seed::task(ports, &world.project, position, |_| ()).await);
    }
    seed::task(ports, &other, "1", |_| ()).await;
    seed::membership(ports, &other, world.viewer.user, RosterRole::Member).await;
    assert_right(fixture, &world, &projects, "tasks").await;

    let mut work = begin_at(fixture, &world.project).await;
    let number = work.next_task_number(world.scope, world.project.id).await.expect("a number");
    let taken = builders::task(ports, &world.project, world.admin.user, number, "2.1");
    assert_eq!(work.insert_task(&taken).await.expect("an answer"), Inserted::KeyTaken);
    assert!(work.lock_task(&world.as_admin(), tasks[1].id).await.expect("a lock").is_some());
    work.delete_task(world.scope, tasks[1].id).await.expect("a deletion");
    work.delete_membership(world.scope, world.project.id, world.roster_member.id).await.expect("a deletion");
    commit(work).await;
    assert_right(fixture, &world, &projects, "a taken position, a deleted task and a deleted membership")
        .await;

    let mut work = begin_at(fixture, &world.project).await;
    work.delete_project(world.scope, world.project.id).await.expect("a deletion");
    commit(work).await;
    assert_right(fixture, &world, &projects, "a deleted project").await;
    let viewer = world.as_admin();
    let tasks = fixture.views().count_tasks(&viewer, other.id, &Default::default()).await.expect("a count");
    let roster = fixture.views().count_roster(&viewer, other.id).await.expect("a count");
    assert_eq!((tasks, roster), (1, 1), "the other project has kept its own");
}

/// A dropped unit of work, a savepoint that is rolled back and a refused deletion do not change the totals.
pub async fn rolled_back_changes_leave_the_totals_unchanged(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let private = |project: &mut Project| project.visibility = Visibility::Private;
    let hidden = seed::project(ports, world.scope, world.admin.user, "Hidden", private).await;
    seed::membership(ports, &hidden, world.member.user, RosterRole::Member).await;
    seed::task(ports, &hidden, "1", |_| ()).await;
    let projects = [world.project.id, hidden.id];

    let mut work = begin_at(fixture, &hidden).await;
    work.insert_space(&builders::space(ports, world.scope, world.admin.user, "Tides"))
        .await
        .expect("a space");
    let shown = Project { visibility: Visibility::Organization, ..hidden.clone() };
    work.update_project(&shown).await.expect("a change");
    work.delete_project(world.scope, hidden.id).await.expect("a deletion");
    drop(work);
    assert_right(fixture, &world, &projects, "a unit of work that was dropped").await;

    let mut space = builders::space(ports, world.scope, world.admin.user, "Winds");
    space.project = Some(hidden.id);
    seed::spaces(ports, &[space]).await;
    let mut work = begin_at(fixture, &hidden).await;
    let refused = match work.delete_project(world.scope, hidden.id).await {
        Ok(()) => work.commit().await,
        refused => refused,
    };
    assert!(refused.is_err(), "a space points at it");
    assert_right(fixture, &world, &projects, "a deletion that was refused").await;
}
