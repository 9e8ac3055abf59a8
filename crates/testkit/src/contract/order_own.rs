//! Lists of one user's records are in the order of their indexes, and every way of paging returns each row exactly once.

use loggia_domain::key::ApiKey;
use loggia_domain::page::{Direction, Position, key_position, organization_position};
use loggia_domain::port::MemberInserted;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};
use loggia_domain::user::Member;

use super::Fixture;
use super::pagination::{check_pagination, sorted};
use crate::builders::{self, ADA, GRACE, viewer};
use crate::seed::{self, World, commit};

/// Organizations are listed by id, whatever their names. Neither an organization without access nor the personal scope takes a row of a
/// page.
pub async fn organizations_of_a_user_are_listed_once_each_by_id(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut expected = vec![organization_position(world.organization.id)];
    for (index, name) in ["Zinc", "Yard", "Left", "Wharf", "Vane", "Gone", "Upland"].into_iter().enumerate() {
        let organization = seed::organization(ports, name).await;
        seed::member(ports, organization.id, GRACE, ScopeRole::Admin).await;
        let member = seed::member(ports, organization.id, ADA, ScopeRole::Viewer).await;
        if [2, 5].contains(&index) {
            let mut work = fixture.begin().await;
            let locked = work.lock_any_organization(organization.id).await.expect("a lock");
            assert!(locked.is_some());
            let left = Member { active: false, ..member };
            assert_eq!(work.update_member(&left).await.expect("an answer"), MemberInserted::Yes);
            commit(work).await;
        } else {
            expected.push(organization_position(organization.id));
        }
    }
    let expected = sorted(expected, Direction::Ascending);
    let (views, viewer) = (fixture.views(), &world.as_admin());
    check_pagination("organizations", &expected, Direction::Ascending, |window| async move {
        let found = views.organizations(viewer, &window).await.expect("a list");
        found.iter().map(|(organization, _)| organization_position(organization.id)).collect()
    })
    .await;
}

/// Inserts keys of either reach and of either organization in turn, some of them with equal times of creation; and a key of another
/// member.
async fn seed_keys(fixture: &Fixture, world: &World) -> Vec<ApiKey> {
    let ports = &fixture.ports;
    let other = seed::organization(ports, "Elsewhere").await.id;
    seed::member(ports, other, GRACE, ScopeRole::Member).await;
    let here = world.organization.id;
    let mut keys = Vec::new();
    for step in 0..15_i64 {
        let reach = match step % 3 {
            0 => Reach::Everywhere,
            1 => Reach::Only(here),
            _ => Reach::Only(other),
        };
        let default_scope = match reach {
            Reach::Everywhere => world.scope,
            Reach::Only(organization) => Scope::Organization(organization),
        };
        for user in [world.member.user, world.viewer.user] {
            if user == world.viewer.user && reach == Reach::Only(other) {
                continue;
            }
            let key = builders::key(ports, user, default_scope);
            let created_at = key.created_at.plus_seconds(step * 7 % 4);
            let key = ApiKey { reach, created_at, ..key };
            seed::key(ports, &key, &format!("{user} {step}")).await;
            keys.push(key);
        }
    }
    keys
}

fn positions(keys: &[ApiKey], is_listed: impl Fn(&ApiKey) -> bool) -> Vec<Position> {
    sorted(keys.iter().filter(|key| is_listed(key)).map(key_position).collect(), Direction::Ascending)
}

/// The viewer's own keys are listed oldest first: all of them, or for a key that reaches one organization only those with that reach.
pub async fn keys_of_a_user_are_listed_once_each_oldest_first(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let keys = seed_keys(fixture, &world).await;
    let (views, user) = (fixture.views(), world.member.user);
    for reach in [Reach::Everywhere, Reach::Only(world.organization.id)] {
        let viewer = &Viewer { user, reach, readmissions: Readmissions::NONE };
        let is_listed = |key: &ApiKey| key.user == user && [Reach::Everywhere, key.reach].contains(&reach);
        let expected = positions(&keys, is_listed);
        check_pagination(&format!("keys, {reach:?}"), &expected, Direction::Ascending, |window| async move {
            views.keys(viewer, &window).await.expect("a list").iter().map(key_position).collect()
        })
        .await;
    }
}

/// A member's keys that reach one organization only are listed oldest first.
pub async fn keys_of_a_member_are_listed_once_each_oldest_first(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let keys = seed_keys(fixture, &world).await;
    let (views, user, here) = (fixture.views(), world.member.user, world.organization.id);
    let expected = positions(&keys, |key| key.user == user && key.reach == Reach::Only(here));
    let viewer = &viewer(world.admin.user);
    check_pagination("a member's keys", &expected, Direction::Ascending, |window| async move {
        let found = views.member_keys(viewer, here, user, &window).await.expect("a list");
        found.iter().map(key_position).collect()
    })
    .await;
}
