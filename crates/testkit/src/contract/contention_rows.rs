//! Rows that several units of work insert, number or delete concurrently.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loggia_domain::page::{Offset, Start, Window};
use loggia_domain::port::{Includes, Inserted, MemberInserted};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::user::MemberPatch;

use super::Fixture;
use super::contention::{ROUNDS, concurrently, insist, linger, race};
use crate::builders::{self, ADA, viewer};
use crate::seed::{self, World};

/// The number of concurrent callers.
const CALLERS: usize = 20;

/// Exactly one of the callers adds the person to the roster; the others find the membership taken.
pub async fn of_twenty_concurrent_additions_of_one_person_one_succeeds(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let outcomes = concurrently(CALLERS, || {
        let (ports, world) = (ports.clone(), world.clone());
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let project = world.project.id;
                assert!(work.lock_project(&world.as_admin(), project).await?.is_some());
                let known = work.hold_members(world.scope, &[world.viewer.user]).await?;
                assert_eq!(known.len(), 1);
                let number = work.next_membership_numbers(world.scope, project, 1).await?;
                let membership =
                    builders::membership(&ports, project, world.viewer.user, number, RosterRole::Member);
                let inserted = work.insert_membership(world.scope, &membership).await?;
                linger().await;
                if inserted == Inserted::Yes {
                    work.commit().await?;
                }
                Ok(inserted)
            })
            .await
        }
    })
    .await;
    let yes = outcomes.iter().filter(|outcome| **outcome == Inserted::Yes).count();
    assert_eq!((yes, outcomes.len()), (1, CALLERS), "exactly one add goes in");
    let window = Window { start: Start::Offset(Offset::default()), rows: 100 };
    let roster =
        fixture.views().roster(&world.as_admin(), world.project.id, &window).await.expect("a roster");
    let memberships = roster.iter().filter(|membership| membership.member.user == world.viewer.user).count();
    assert_eq!((memberships, roster.len()), (1, 3));
}

/// Exactly one of the callers inserts the user.
pub async fn of_twenty_concurrent_users_with_one_address_one_is_inserted(fixture: &Fixture) {
    let ports = &fixture.ports;
    let mut outcomes = concurrently(CALLERS, || {
        let ports = ports.clone();
        async move {
            insist(|| async {
                let user = builders::user(&ports, ADA);
                let mut work = ports.store.begin().await?;
                let inserted = work.insert_user(&user).await?;
                linger().await;
                work.commit().await.map(|()| (inserted, user))
            })
            .await
        }
    })
    .await;
    outcomes.retain(|(inserted, _)| *inserted == Inserted::Yes);
    assert_eq!(outcomes.len(), 1, "exactly one user goes in");
    let found = fixture.views().account_by_email(&ADA.email()).await.expect("a lookup");
    assert_eq!(found.as_ref(), outcomes.first().map(|(_, user)| user));
}

/// Each number of a scope or a project is assigned once, however many callers request one.
pub async fn concurrently_assigned_numbers_are_all_different(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let numbers = concurrently(CALLERS, || {
        let (ports, world) = (ports.clone(), world.clone());
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let of_project = work.next_project_number(world.scope).await?.get();
                let of_member = work.next_member_number(world.scope).await?.get();
                linger().await;
                assert!(work.lock_project(&world.as_admin(), world.project.id).await?.is_some());
                let of_task = work.next_task_number(world.scope, world.project.id).await?.get();
                let of_memberships =
                    work.next_membership_numbers(world.scope, world.project.id, 3).await?.get();
                let top = work.next_top_number(world.scope, world.project.id).await?;
                work.commit().await.map(|()| [of_project, of_member, of_task, of_memberships, top])
            })
            .await
        }
    })
    .await;
    let given = |kind: usize| numbers.iter().map(|numbers| numbers[kind]).collect::<BTreeSet<_>>();
    let callers = i64::try_from(CALLERS).expect("a count");
    // The seeded world has used one project number, three member numbers and two membership numbers, and counters leave no gaps.
    assert_eq!(given(0), (2..2 + callers).collect(), "of projects");
    assert_eq!(given(1), (4..4 + callers).collect(), "of members");
    assert_eq!(given(2), (1..=callers).collect(), "of tasks");
    assert_eq!(
        given(3),
        (0..callers).map(|batch| 3 + 3 * batch).collect(),
        "of memberships, three at a time"
    );
    assert_eq!(given(4), (1..=callers).collect(), "at the top of the outline");
}

/// Each organization of one user is counted, however many are created concurrently.
pub async fn concurrently_counted_organizations_have_different_counts(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut counts = concurrently(CALLERS, || {
        let (ports, maker) = (ports.clone(), world.member.user);
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let number = work.count_organization_of(maker).await?;
                linger().await;
                work.commit().await.map(|()| number)
            })
            .await
        }
    })
    .await;
    let other = world.admin.user;
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<u64>>());
    let mut work = fixture.begin().await;
    assert_eq!(work.count_organization_of(other).await.expect("a count"), 1, "others count apart");
    drop(work);
    let mut work = fixture.begin().await;
    assert_eq!(work.count_organization_of(other).await.expect("a count"), 1, "what is undone is not");
}

/// A unit of work that holds a project prevents its deletion, so no space is linked to a deleted project.
pub async fn no_space_links_to_a_project_that_was_deleted_concurrently(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
        let mut space = builders::space(ports, world.scope, world.admin.user, "Tides");
        space.project = Some(project.id);
        let (deleting, linking, viewer, linked) =
            (ports.clone(), ports.clone(), world.as_admin(), space.clone());
        let delete = async move {
            insist(|| async {
                let mut work = deleting.store.begin().await?;
                assert!(work.lock_project(&viewer, project.id).await?.is_some());
                work.unlink_spaces(project.scope, project.id, deleting.clock.now()).await?;
                linger().await;
                work.delete_project(project.scope, project.id).await?;
                work.commit().await
            })
            .await;
        };
        let link = async move {
            insist(|| async {
                let mut work = linking.store.begin().await?;
                if work.hold_project(&viewer, project.id).await?.is_none() {
                    return Ok(false);
                }
                linger().await;
                work.insert_space(&linked).await?;
                work.commit().await.map(|()| true)
            })
            .await
        };
        let ((), linked) = race(delete, link).await;
        let found = fixture.views().space(&viewer, space.id, Includes::default()).await.expect("a look-up");
        let links = found.map(|(view, _)| view.space.project);
        assert_eq!(
            links,
            linked.then_some(None),
            "in round {round} the space points at nothing, or is not there"
        );
    }
}

/// A held member keeps their access, so a member is not added to a roster while being deactivated.
pub async fn no_member_is_added_to_a_roster_during_a_deactivation(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let scope = Scope::Organization(organization);
        let ada = seed::member(ports, organization, ADA, ScopeRole::Admin).await;
        let grace = seed::member(ports, organization, builders::GRACE, ScopeRole::Member).await;
        let project = seed::project(ports, scope, ada.user, "Lighthouse", |_| ()).await;
        let (first, second, viewer, user) = (ports.clone(), ports.clone(), viewer(ada.user), grace.user);
        let deactivate = async move {
            insist(|| async {
                let mut work = first.store.begin().await?;
                assert!(work.lock_organization(&viewer, organization).await?.is_some());
                let mut member = work.members(scope, &[user]).await?.pop().expect("a member");
                member.active = false;
                // The member is written first: a unit of work that waits to remove the memberships then sees those that were added
                // meanwhile.
                assert_eq!(work.update_member(&member).await?, MemberInserted::Yes);
                linger().await;
                work.remove_from_rosters(scope, user).await?;
                work.commit().await
            })
            .await;
        };
        let id = project.id;
        let add = async move {
            insist(|| async {
                let mut work = second.store.begin().await?;
                assert!(work.lock_project(&viewer, id).await?.is_some());
                let held = work.hold_members(scope, &[user]).await?;
                if !held.iter().all(|member| member.active) {
                    return Ok(());
                }
                linger().await;
                let number = work.next_membership_numbers(scope, id, 1).await?;
                let membership = builders::membership(&second, id, user, number, RosterRole::Member);
                assert_eq!(work.insert_membership(scope, &membership).await?, Inserted::Yes);
                work.commit().await
            })
            .await;
        };
        race(deactivate, add).await;
        let count = fixture.views().count_roster(&viewer, project.id).await.expect("a count");
        assert_eq!(count, 0, "in round {round} nobody inactive is on the roster");
    }
}

/// A held member keeps their role, so a member does not become an admin of the scope while being removed from a roster.
pub async fn no_member_becomes_an_admin_during_a_removal_from_a_roster(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let scope = Scope::Organization(organization);
        let ada = seed::member(ports, organization, ADA, ScopeRole::Admin).await;
        let grace = seed::member(ports, organization, builders::GRACE, ScopeRole::Member).await;
        let project = seed::project(ports, scope, ada.user, "Lighthouse", |_| ()).await;
        seed::membership(ports, &project, grace.user, RosterRole::Member).await;
        let (first, second, viewer, user) = (ports.clone(), ports.clone(), viewer(ada.user), grace.user);
        let is_admin = Arc::new(AtomicBool::new(false));
        let was_admin = Arc::clone(&is_admin);
        let promote = async move {
            insist(|| async {
                let mut work = first.store.begin().await?;
                assert!(work.lock_organization(&viewer, organization).await?.is_some());
                let mut member = work.members(scope, &[user]).await?.pop().expect("a member");
                let promoted = MemberPatch { role: Some(ScopeRole::Admin), ..MemberPatch::default() };
                member.apply(promoted, 1, first.clock.now()).expect("a promotion");
                assert_eq!(work.update_member(&member).await?, MemberInserted::Yes);
                work.commit().await
            })
            .await;
            is_admin.store(true, Ordering::SeqCst);
        };
        let id = project.id;
        let remove = async move {
            insist(|| async {
                let mut work = second.store.begin().await?;
                assert!(work.lock_project(&viewer, id).await?.is_some());
                let held = work.hold_members(scope, &[user]).await?.pop().expect("a member");
                if held.role == ScopeRole::Admin {
                    return Ok(());
                }
                linger().await;
                let membership = work.memberships(scope, id, &[user]).await?.pop().expect("a membership");
                work.delete_membership(scope, id, membership.id).await?;
                assert!(
                    !was_admin.load(Ordering::SeqCst),
                    "in round {round} the role is still what was read"
                );
                work.commit().await
            })
            .await;
        };
        race(promote, remove).await;
    }
}
