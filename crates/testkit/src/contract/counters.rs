//! Counters assign each number once, starting at 1, for each scope and each project separately.

use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;

use super::Fixture;
use crate::builders::ALAN;
use crate::seed::{self, World, commit};

/// Each scope counts its own projects and members.
pub async fn each_scope_counts_its_projects_and_members_from_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    let first = seed::organization(ports, "Harbour Works").await.id;
    let alan = seed::member(ports, first, ALAN, ScopeRole::Admin).await.user;
    let second = seed::organization(ports, "Elsewhere").await.id;
    for (scope, members) in
        [(Scope::Organization(first), 2), (Scope::Organization(second), 1), (Scope::Personal(alan), 2)]
    {
        for turn in 0..3 {
            let mut work = fixture.begin().await;
            assert_eq!(work.next_project_number(scope).await.expect("a number").get(), 1 + 2 * turn);
            assert_eq!(work.next_project_number(scope).await.expect("a number").get(), 2 + 2 * turn);
            assert_eq!(work.next_member_number(scope).await.expect("a number").get(), members + turn);
            commit(work).await;
        }
    }
}

/// Each project counts its own tasks and memberships, and does not assign a number again after its row is deleted.
pub async fn each_project_counts_its_tasks_and_memberships_from_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    for (project, memberships) in [(&other, 1), (&world.project, 3)] {
        let mut work = fixture.begin().await;
        assert!(work.lock_project(&world.as_admin(), project.id).await.expect("a lock").is_some());
        let first = work.next_membership_numbers(world.scope, project.id, 100).await.expect("numbers");
        assert_eq!(first.get(), memberships);
        let next = work.next_membership_numbers(world.scope, project.id, 1).await.expect("a number");
        assert_eq!(next.get(), memberships + 100);
        assert_eq!(work.next_task_number(world.scope, project.id).await.expect("a number").get(), 1);
        commit(work).await;
    }
    let top = async || {
        let mut work = fixture.begin().await;
        assert!(work.lock_project(&world.as_admin(), other.id).await.expect("a lock").is_some());
        let number = work.next_top_number(world.scope, other.id).await.expect("a number");
        commit(work).await;
        number
    };
    assert_eq!((top().await, top().await), (1, 2));
    let task = seed::task(ports, &other, "1", |_| ()).await;
    assert_eq!(task.number.get(), 2);
    let greater = seed::task(ports, &other, "7.1", |_| ()).await;
    // A number lower than one assigned before does not lower the counter.
    seed::task(ports, &other, "3", |_| ()).await;
    let mut work = fixture.begin().await;
    assert!(work.lock_task(&world.as_admin(), greater.id).await.expect("a lock").is_some());
    work.delete_task(world.scope, greater.id).await.expect("a deletion");
    commit(work).await;
    assert_eq!((top().await, top().await), (8, 9), "after what was chosen, also when that is gone");
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), world.project.id).await.expect("a lock").is_some());
    assert_eq!(work.next_top_number(world.scope, world.project.id).await.expect("a number"), 1, "its own");
    drop(work);
    let mut work = fixture.begin().await;
    assert!(work.lock_task(&world.as_admin(), task.id).await.expect("a lock").is_some());
    work.delete_task(world.scope, task.id).await.expect("a deletion");
    commit(work).await;
    assert_eq!(seed::task(ports, &other, "1", |_| ()).await.number.get(), 5);
    let mut work = fixture.begin().await;
    assert!(work.lock_project(&world.as_admin(), other.id).await.expect("a lock").is_some());
    work.delete_project(world.scope, other.id).await.expect("a deletion");
    commit(work).await;
    let third = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    assert_eq!(third.number.get(), other.number.get() + 1);
}
