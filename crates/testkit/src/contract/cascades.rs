//! The effects of a deletion or a deactivation on related rows.

use std::sync::Arc;

use loggia_domain::id::{MembershipId, SpaceId, TaskId};
use loggia_domain::page::TaskQuery;
use loggia_domain::port::{Includes, StoreError};
use loggia_domain::role::RosterRole;
use loggia_domain::space::Space;
use loggia_domain::task::{Task, TaskStatus};

use super::Fixture;
use super::extremes::exact;
use super::pagination::whole;
use crate::builders;
use crate::seed::{self, World, commit};

/// The deletion of a project deletes its roster and its tasks, and nothing of any other project.
pub async fn deleting_a_project_deletes_its_roster_and_its_tasks(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let (viewer, views) = (world.as_admin(), fixture.views());
    let kept = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    seed::membership(ports, &kept, world.admin.user, RosterRole::Admin).await;
    let grace = world.member.user;
    let gone = seed::task(ports, &world.project, "1", |task| task.assignee = Some(grace)).await;
    let stays = seed::task(ports, &kept, "1", |_| ()).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&viewer, world.project.id).await.expect("a lock").is_some());
    work.delete_project(world.scope, world.project.id).await.expect("a deletion");
    assert_eq!(work.lock_task(&viewer, gone.id).await.expect("a lock"), None, "gone for the same work too");
    commit(work).await;
    assert_eq!(views.project(&viewer, world.project.id).await.expect("a look-up"), None);
    assert_eq!(views.task(&viewer, gone.id).await.expect("a look-up"), None);
    assert_eq!(views.count_roster(&viewer, world.project.id).await.expect("a count"), 0);
    let query = TaskQuery::default();
    assert_eq!(views.tasks(&viewer, world.project.id, &query, &whole()).await.expect("a list"), []);
    let found = views.task(&viewer, stays.id).await.expect("a look-up");
    assert_eq!(found.map(|(view, _)| view.task), Some(stays));
    assert_eq!(views.count_roster(&viewer, kept.id).await.expect("a count"), 1);
    let mut work = fixture.begin().await;
    let left = work.remove_from_rosters(world.scope, grace).await.expect("an answer");
    assert_eq!(left, [], "no membership is left behind");
    let left = work.unassign_open_tasks(world.scope, None, grace, exact()).await.expect("an answer");
    assert_eq!(left, [], "and no task");
}

/// A project that a space is linked to cannot be deleted.
pub async fn a_project_with_a_linked_space_cannot_be_deleted(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let mut space = builders::space(&fixture.ports, world.scope, world.admin.user, "Tides");
    space.project = Some(world.project.id);
    seed::spaces(&fixture.ports, std::slice::from_ref(&space)).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
    let outcome = match work.delete_project(world.scope, world.project.id).await {
        Ok(()) => work.commit().await,
        refused => refused,
    };
    assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
    let all = Includes { project: true, ..Includes::default() };
    let found = fixture.views().space(&world.as_admin(), space.id, all).await.expect("a look-up");
    assert_eq!(found.map(|(view, _)| view.project), Some(Some(Arc::new(world.project))));
}

/// Unlinking a project marks the spaces as changed and returns their ids.
pub async fn unlinked_spaces_are_returned_and_marked_as_changed(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let mut spaces = Vec::new();
    for link in [Some(world.project.id), None, Some(other.id), Some(world.project.id), Some(world.project.id)]
    {
        let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
        space.project = link;
        space.revision = 7;
        spaces.push(space);
    }
    // The spaces are inserted in reverse, so that the order of ids is not the order of insertion.
    spaces.reverse();
    seed::spaces(ports, &spaces).await;
    spaces.reverse();
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
    let unlinked = work.unlink_spaces(world.scope, world.project.id, exact()).await.expect("an answer");
    let expected: Vec<SpaceId> = [0, 3, 4].iter().map(|index| spaces[*index].id).collect();
    assert_eq!(unlinked, expected, "by ascending id");
    let again = work.unlink_spaces(world.scope, world.project.id, exact()).await.expect("an answer");
    assert_eq!(again, []);
    work.delete_project(world.scope, world.project.id).await.expect("a deletion");
    commit(work).await;
    let mut work = fixture.begin().await;
    for space in spaces {
        let changed = Space { project: None, updated_at: exact(), revision: 8, ..space.clone() };
        let expected = if expected.contains(&space.id) { changed } else { space };
        let found = work.lock_space(&world.as_admin(), expected.id).await.expect("a lock");
        assert_eq!(found.map(|(space, _)| space), Some(expected));
    }
}

/// Open tasks lose their assignee, in one project or in the whole scope; done and cancelled ones keep it.
pub async fn unassigned_tasks_are_the_open_ones_of_that_person(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let (grace, ada) = (world.member.user, world.admin.user);
    let mut tasks: Vec<Task> = Vec::new();
    for (index, project) in [&world.project, &other].into_iter().enumerate() {
        for (step, status) in TaskStatus::ALL.iter().enumerate() {
            for (turn, assignee) in [Some(grace), Some(ada), None].into_iter().enumerate() {
                let position = format!("{}.{}.{}", index + 1, step + 1, turn + 1);
                let change =
                    |task: &mut Task| (task.status, task.assignee, task.revision) = (*status, assignee, 4);
                tasks.push(seed::task(ports, project, &position, change).await);
            }
        }
    }
    for scope_wide in [None, Some(world.project.id)].into_iter().rev() {
        let leaves = |task: &Task| {
            task.assignee == Some(grace)
                && task.status.is_open()
                && scope_wide.is_none_or(|id| task.project == id)
        };
        let mut expected: Vec<TaskId> =
            tasks.iter().filter(|task| leaves(task)).map(|task| task.id).collect();
        expected.sort();
        assert_eq!(expected.len(), 2, "the open ones of each project");
        let mut work = fixture.begin().await;
        assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
        assert!(work.lock_project(&world.as_admin(), other.id).await.expect("a lock").is_some());
        let unassigned =
            work.unassign_open_tasks(world.scope, scope_wide, grace, exact()).await.expect("an answer");
        assert_eq!(unassigned, expected, "by ascending id");
        commit(work).await;
        for task in &mut tasks {
            if leaves(task) {
                *task = Task { assignee: None, updated_at: exact(), revision: 5, ..task.clone() };
            }
        }
        let mut work = fixture.begin().await;
        for task in &tasks {
            let found = work.lock_task(&world.as_admin(), task.id).await.expect("a lock");
            assert_eq!(found.map(|(task, _)| task).as_ref(), Some(task));
        }
    }
}

/// A user is removed from every roster of the scope, and from no roster of another scope.
pub async fn a_user_who_leaves_a_scope_is_removed_from_all_its_rosters(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let grace = world.member.user;
    let other = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    let second = seed::membership(ports, &other, grace, RosterRole::Admin).await;
    let personal = loggia_domain::scope::Scope::Personal(grace);
    let own = seed::project(ports, personal, grace, "My boat", |_| ()).await;
    let kept = seed::membership(ports, &own, grace, RosterRole::Admin).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_any_organization(world.organization.id).await.expect("a lock").is_some());
    let mut removed = work.remove_from_rosters(world.scope, grace).await.expect("an answer");
    removed.sort_by_key(|membership| membership.id);
    let mut expected = [world.roster_member.clone(), second];
    expected.sort_by_key(|membership| membership.id);
    assert_eq!(removed, expected, "the memberships as they were");
    commit(work).await;
    let mut work = fixture.begin().await;
    for project in [world.project.id, other.id] {
        assert_eq!(work.memberships(world.scope, project, &[grace]).await.expect("a look-up"), []);
    }
    let admins =
        work.memberships(world.scope, world.project.id, &[world.admin.user]).await.expect("a look-up");
    assert_eq!(admins, [world.roster_admin], "others stay");
    assert_eq!(work.memberships(personal, own.id, &[grace]).await.expect("a look-up"), [kept]);
}

/// The deletion of a space, a task or a membership deletes no other row.
pub async fn deleting_a_space_a_task_or_a_membership_deletes_no_other_row(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let viewer = world.as_admin();
    let spaces = ["Tides", "Winds"].map(|name| builders::space(ports, world.scope, world.admin.user, name));
    seed::spaces(ports, &spaces).await;
    let (first, second) = (
        seed::task(ports, &world.project, "1", |_| ()).await,
        seed::task(ports, &world.project, "2", |_| ()).await,
    );
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&viewer, world.project.id).await.expect("a lock").is_some());
    assert!(work.lock_space(&viewer, spaces[0].id).await.expect("a lock").is_some());
    work.delete_space(world.scope, spaces[0].id).await.expect("a deletion");
    assert!(work.lock_task(&viewer, second.id).await.expect("a lock").is_some());
    work.delete_task(world.scope, second.id).await.expect("a deletion");
    let membership: MembershipId = world.roster_member.id;
    work.delete_membership(world.scope, world.project.id, membership).await.expect("a deletion");
    commit(work).await;
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_space(&viewer, spaces[0].id).await.expect("a lock"), None);
    assert!(work.lock_space(&viewer, spaces[1].id).await.expect("a lock").is_some());
    assert_eq!(work.lock_task(&viewer, second.id).await.expect("a lock"), None);
    assert!(work.lock_task(&viewer, first.id).await.expect("a lock").is_some());
    let people = [world.admin.user, world.member.user];
    let memberships = work.memberships(world.scope, world.project.id, &people).await.expect("a look-up");
    assert_eq!(memberships, [world.roster_admin]);
}
