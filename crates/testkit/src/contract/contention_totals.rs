//! Totals of lists that several units of work change concurrently. Units of work lock totals after everything else and in one order, so
//! that no two of them wait for each other: no attempt is repeated here.

use std::sync::atomic::{AtomicUsize, Ordering};

use loggia_domain::id::{DisplayNumber, UserId};
use loggia_domain::port::{Inserted, MemberInserted, Ports, StoreError};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;

use super::Fixture;
use super::contention::{ROUNDS, concurrently, linger, race};
use crate::builders::{self, BARBARA, KATHERINE, viewer};
use crate::seed::{self, World};
use crate::totals::wrong_totals;

/// The number of concurrent callers.
const CALLERS: usize = 12;

/// Returns the result of a unit of work that must not meet contention.
fn unhindered<T>(outcome: Result<T, StoreError>) -> T {
    outcome.expect("nobody is in the way")
}

async fn assert_right(fixture: &Fixture, world: &World, projects: &[&Project]) {
    let viewers = [world.as_admin(), world.as_member(), world.as_viewer()];
    let ids: Vec<_> = projects.iter().map(|project| project.id).collect();
    let wrong = wrong_totals(fixture.views(), &viewers, world.scope, &ids).await.expect("totals");
    assert_eq!(wrong, Vec::<String>::new());
}

async fn private(ports: &Ports, world: &World, name: &str) -> Project {
    let hide = |project: &mut Project| project.visibility = Visibility::Private;
    seed::project(ports, world.scope, world.admin.user, name, hide).await
}

/// Each caller creates two spaces and two tasks, and deletes one of each.
pub async fn spaces_and_tasks_created_and_deleted_at_once_are_counted(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (viewer, scope, project) = (world.as_admin(), world.scope, world.project.clone());
    concurrently(CALLERS, || {
        let (ports, project) = (ports.clone(), project.clone());
        async move {
            let spaces = [(); 2].map(|()| builders::space(&ports, scope, viewer.user, "Tides"));
            seed::spaces(&ports, &spaces).await;
            let mut work = seed::begin(&ports).await;
            assert!(unhindered(work.lock_space(&viewer, spaces[0].id).await).is_some());
            unhindered(work.delete_space(scope, spaces[0].id).await);
            linger().await;
            unhindered(work.commit().await);
            let mut tasks = Vec::new();
            for _ in 0..2 {
                let mut work = seed::begin(&ports).await;
                assert!(unhindered(work.lock_project(&viewer, project.id).await).is_some());
                let number = unhindered(work.next_task_number(scope, project.id).await);
                let position = number.get().to_string();
                let task = builders::task(&ports, &project, viewer.user, number, &position);
                assert_eq!(unhindered(work.insert_task(&task).await), Inserted::Yes);
                unhindered(work.commit().await);
                tasks.push(task.id);
            }
            let mut work = seed::begin(&ports).await;
            assert!(unhindered(work.lock_task(&viewer, tasks[0]).await).is_some());
            unhindered(work.delete_task(scope, tasks[0]).await);
            linger().await;
            unhindered(work.commit().await);
        }
    })
    .await;
    assert_right(fixture, &world, &[&world.project]).await;
    let views = fixture.views();
    let callers = u64::try_from(CALLERS).expect("a few");
    assert_eq!(views.count_spaces(&viewer, scope, &Default::default()).await.expect("a count"), callers);
    assert_eq!(views.count_tasks(&viewer, project.id, &Default::default()).await.expect("a count"), callers);
}

/// Adds people to a project's roster, by ascending user id, as the use cases do.
async fn put_on(ports: &Ports, project: &Project, people: &[UserId]) -> Result<bool, StoreError> {
    let mut people = people.to_vec();
    people.sort_unstable();
    let mut work = ports.store.begin().await?;
    if work.lock_project(&viewer(project.created_by), project.id).await?.is_none() {
        return Ok(false);
    }
    let held = work.hold_members(project.scope, &people).await?;
    people.retain(|user| held.iter().any(|member| member.user == *user && member.active));
    let first = work.next_membership_numbers(project.scope, project.id, people.len()).await?;
    linger().await;
    for (user, number) in people.into_iter().zip(first.get()..) {
        let number = DisplayNumber::new(number);
        let membership = builders::membership(ports, project.id, user, number, RosterRole::Member);
        assert_eq!(work.insert_membership(project.scope, &membership).await?, Inserted::Yes);
        linger().await;
    }
    work.commit().await.map(|()| true)
}

async fn delete(ports: &Ports, project: &Project) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    assert!(work.lock_project(&viewer(project.created_by), project.id).await?.is_some());
    linger().await;
    work.delete_project(project.scope, project.id).await?;
    linger().await;
    work.commit().await
}

async fn show_to(ports: &Ports, project: &Project, visibility: Visibility) -> Result<(), StoreError> {
    let mut work = ports.store.begin().await?;
    let (mut found, _) =
        work.lock_project(&viewer(project.created_by), project.id).await?.expect("a project");
    found.visibility = visibility;
    found.revision += 1;
    linger().await;
    work.update_project(&found).await?;
    linger().await;
    work.commit().await
}

/// Two private projects get equal rosters, with the people given in opposite orders; then one is deleted while the other becomes visible
/// to all.
pub async fn concurrent_changes_of_private_rosters_are_counted_without_conflict(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let people = [world.admin.user, world.member.user, world.viewer.user];
    let backwards: Vec<UserId> = people.iter().rev().copied().collect();
    for round in 0..ROUNDS {
        let one = private(ports, &world, &format!("One {round}")).await;
        let other = private(ports, &world, &format!("Other {round}")).await;
        let (first, second) = (ports.clone(), ports.clone());
        let (at_one, at_other, backwards) = (one.clone(), other.clone(), backwards.clone());
        let (here, there) = race(async move { put_on(&first, &at_one, &people).await }, async move {
            put_on(&second, &at_other, &backwards).await
        })
        .await;
        assert!(unhindered(here) && unhindered(there));
        assert_right(fixture, &world, &[&one, &other]).await;

        let (first, second) = (ports.clone(), ports.clone());
        let (deleted, shown) = (one.clone(), other.clone());
        let (here, there) = race(async move { delete(&first, &deleted).await }, async move {
            show_to(&second, &shown, Visibility::Organization).await
        })
        .await;
        unhindered(here);
        unhindered(there);
        assert_right(fixture, &world, &[&one, &other]).await;
    }
}

/// A user is deactivated, and so leaves one private roster, while being added to another one.
pub async fn a_deactivation_during_an_addition_to_a_roster_is_counted_without_conflict(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let scope = Scope::Organization(organization);
        let ada = seed::member(ports, organization, KATHERINE, ScopeRole::Admin).await.user;
        let grace = seed::member(ports, organization, BARBARA, ScopeRole::Member).await.user;
        let hide = |project: &mut Project| project.visibility = Visibility::Private;
        let left = seed::project(ports, scope, ada, "Left", hide).await;
        let joined = seed::project(ports, scope, ada, "Joined", hide).await;
        for user in [ada, grace] {
            seed::membership(ports, &left, user, RosterRole::Member).await;
        }
        let (first, second) = (ports.clone(), ports.clone());
        let deactivate = async move {
            let mut work = first.store.begin().await?;
            assert!(work.lock_organization(&viewer(ada), organization).await?.is_some());
            let mut member = work.members(scope, &[grace]).await?.pop().expect("a member");
            member.active = false;
            work.lock_rosters_of(scope, grace).await?;
            linger().await;
            assert_eq!(work.update_member(&member).await?, MemberInserted::Yes);
            linger().await;
            work.remove_from_rosters(scope, grace).await?;
            work.commit().await
        };
        let to = joined.clone();
        let (gone, come) = race(deactivate, async move { put_on(&second, &to, &[ada, grace]).await }).await;
        unhindered(gone);
        assert!(unhindered(come));
        let viewers = [viewer(ada), viewer(grace)];
        let wrong = wrong_totals(fixture.views(), &viewers, scope, &[left.id, joined.id]).await;
        assert_eq!(wrong.expect("totals"), Vec::<String>::new());
        let roster = fixture.views().count_roster(&viewer(ada), joined.id).await.expect("a count");
        assert_eq!(roster, 1, "Grace is on no roster");
    }
}

/// Private projects are created and filled while others with the same people are deleted or become visible to all.
pub async fn projects_created_hidden_and_deleted_at_once_are_counted_without_conflict(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (scope, people) = (world.scope, [world.admin.user, world.member.user, world.viewer.user]);
    let mut there = Vec::new();
    for number in 0..CALLERS {
        let project = private(ports, &world, &format!("Project {number}")).await;
        assert!(unhindered(put_on(ports, &project, &people).await));
        there.push(project);
    }
    let number = AtomicUsize::new(0);
    concurrently(CALLERS, || {
        let nth = number.fetch_add(1, Ordering::SeqCst);
        let (ports, project) = (ports.clone(), there[nth].clone());
        async move {
            match nth % 4 {
                0 => unhindered(delete(&ports, &project).await),
                1 => {
                    unhindered(show_to(&ports, &project, Visibility::Organization).await);
                    unhindered(show_to(&ports, &project, Visibility::Private).await);
                }
                2 => unhindered(show_to(&ports, &project, Visibility::Organization).await),
                _ => {
                    let mut work = unhindered(ports.store.begin().await);
                    let number = unhindered(work.next_project_number(scope).await);
                    let mut made = builders::project(&ports, scope, project.created_by, number, "Made");
                    made.visibility = Visibility::Private;
                    unhindered(work.insert_project(&made).await);
                    linger().await;
                    let number = unhindered(work.next_membership_numbers(scope, made.id, 1).await);
                    let membership =
                        builders::membership(&ports, made.id, project.created_by, number, RosterRole::Admin);
                    assert_eq!(unhindered(work.insert_membership(scope, &membership).await), Inserted::Yes);
                    linger().await;
                    unhindered(work.commit().await);
                }
            }
        }
    })
    .await;
    let projects: Vec<&Project> = there.iter().collect();
    assert_right(fixture, &world, &projects).await;
}
