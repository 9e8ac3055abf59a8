//! The last admins of an organization or of a roster, who step down or leave concurrently.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::port::{MemberInserted, Ports};
use loggia_domain::project::Project;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::Scope;
use loggia_domain::user::{Member, MemberPatch};

use super::Fixture;
use super::contention::{ROUNDS, insist, linger, race};
use crate::builders::{ADA, BARBARA, viewer};
use crate::seed::{self, World};

/// Makes an admin a member, unless no other admin is left. Returns `true` if it was done.
async fn step_down(ports: Ports, organization: OrganizationId, user: UserId) -> bool {
    let scope = Scope::Organization(organization);
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let (_, role) = work.lock_organization(&viewer(user), organization).await?.expect("an organization");
        assert_eq!(role, ScopeRole::Admin);
        let admins = work.count_active_admins(scope).await?;
        let mut own = work.members(scope, &[user]).await?.pop().expect("a member");
        linger().await;
        let demoted = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
        if own.apply(demoted, admins, ports.clock.now()).is_err() {
            return Ok(false);
        }
        assert_eq!(work.update_member(&own).await?, MemberInserted::Yes);
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the scope prevents an organization from losing its last two admins concurrently.
pub async fn two_admins_stepping_down_at_once_leave_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let ada = seed::member(ports, organization, ADA, ScopeRole::Admin).await.user;
        let barbara = seed::member(ports, organization, BARBARA, ScopeRole::Admin).await.user;
        let (one, other) = race(
            step_down(ports.clone(), organization, ada),
            step_down(ports.clone(), organization, barbara),
        )
        .await;
        let mut work = fixture.begin().await;
        let left = work.count_active_admins(Scope::Organization(organization)).await.expect("a count");
        assert_eq!(left, 1, "in round {round} an organization must keep one admin");
        assert!(one != other, "one stepped down and one did not");
    }
}

/// Leaves an organization, as an admin who must not be the last one. Returns `true` if the admin left.
async fn leave(ports: Ports, organization: OrganizationId, user: UserId) -> bool {
    let scope = Scope::Organization(organization);
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_organization(&viewer(user), organization).await?.is_some());
        let admins = work.count_active_admins(scope).await?;
        let member = work.members(scope, &[user]).await?.pop().expect("a member");
        linger().await;
        if admins <= 1 {
            return Ok(false);
        }
        let left = Member { active: false, ..member };
        assert_eq!(work.update_member(&left).await?, MemberInserted::Yes);
        work.remove_from_rosters(scope, user).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the scope prevents an organization from losing its last two admins if one leaves and the other becomes a member.
pub async fn an_admin_leaving_and_one_stepping_down_at_once_leave_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    for round in 0..ROUNDS {
        let organization = seed::organization(ports, &format!("Organization {round}")).await.id;
        let ada = seed::member(ports, organization, ADA, ScopeRole::Admin).await.user;
        let barbara = seed::member(ports, organization, BARBARA, ScopeRole::Admin).await.user;
        let (left, stepped_down) =
            race(leave(ports.clone(), organization, ada), step_down(ports.clone(), organization, barbara))
                .await;
        let mut work = fixture.begin().await;
        let admins = work.count_active_admins(Scope::Organization(organization)).await.expect("a count");
        assert_eq!(admins, 1, "in round {round} an organization must keep one admin");
        assert!(left != stepped_down, "one gave up the role and one did not");
    }
}

async fn leave_the_lead(ports: Ports, project: Project, user: UserId) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_project(&viewer(user), project.id).await?.is_some());
        let admins = work.count_roster_admins(project.scope, project.id).await?;
        let mut own =
            work.memberships(project.scope, project.id, &[user]).await?.pop().expect("a membership");
        linger().await;
        if own.change_role(RosterRole::Member, admins).is_err() {
            return Ok(false);
        }
        work.update_membership(project.scope, &own).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// Creates a project whose roster has two admins.
async fn project_of_two_admins(ports: &Ports, world: &World) -> Project {
    let project = seed::project(ports, world.scope, world.admin.user, "Lighthouse", |_| ()).await;
    for user in [world.admin.user, world.member.user] {
        seed::membership(ports, &project, user, RosterRole::Admin).await;
    }
    project
}

async fn keeps_one_admin(fixture: &Fixture, project: &Project, round: usize) {
    let mut work = fixture.begin().await;
    let left = work.count_roster_admins(project.scope, project.id).await.expect("a count");
    assert_eq!(left, 1, "in round {round} a roster must keep one admin");
}

/// The lock of the project prevents a roster from losing its last two admins concurrently.
pub async fn two_roster_admins_stepping_down_at_once_leave_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let project = project_of_two_admins(ports, &world).await;
        let (one, other) = race(
            leave_the_lead(ports.clone(), project.clone(), world.admin.user),
            leave_the_lead(ports.clone(), project.clone(), world.member.user),
        )
        .await;
        keeps_one_admin(fixture, &project, round).await;
        assert!(one != other, "one stepped down and one did not");
    }
}

async fn leave_the_roster(ports: Ports, project: Project, user: UserId) -> bool {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        assert!(work.lock_project(&viewer(user), project.id).await?.is_some());
        let own = work.memberships(project.scope, project.id, &[user]).await?.pop().expect("a membership");
        let admins = work.count_roster_admins(project.scope, project.id).await?;
        linger().await;
        if own.judge_leaving(admins).is_err() {
            return Ok(false);
        }
        work.delete_membership(project.scope, project.id, own.id).await?;
        work.commit().await.map(|()| true)
    })
    .await
}

/// The lock of the project keeps one of a roster's last two admins from leaving while the other one leaves or steps down.
pub async fn two_roster_admins_leaving_or_stepping_down_at_once_leave_one(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let project = project_of_two_admins(ports, &world).await;
        let leaving = leave_the_roster(ports.clone(), project.clone(), world.admin.user);
        let (one, other) = if round % 2 == 0 {
            race(leaving, leave_the_roster(ports.clone(), project.clone(), world.member.user)).await
        } else {
            race(leaving, leave_the_lead(ports.clone(), project.clone(), world.member.user)).await
        };
        keeps_one_admin(fixture, &project, round).await;
        assert!(one != other, "one went and one did not");
    }
}
