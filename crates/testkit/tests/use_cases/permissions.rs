//! Permissions: the policy's decisions on a resource, without revealing a resource that is hidden from the caller.

use std::collections::BTreeMap;

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::policy::{Action, Forbidden};
use loggia_domain::role::RosterRole;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{PermissionError as E, PermissionTarget};

use crate::support::{HIDDEN, House, NO_SCOPE, NOBODY, only, reading};

impl House {
    /// Returns the outcome for each action, such as `yes`, `role` or `ability`.
    async fn may(&self, who: &Caller, target: PermissionTarget) -> BTreeMap<&'static str, &'static str> {
        let answers = self.loggia.acting_as(who).permissions(target).await.expect("permissions");
        let word = |outcome| match outcome {
            Ok(()) => "yes",
            Err(Forbidden::Role) => "role",
            Err(Forbidden::Ability(Ability::Write)) => "ability",
            Err(_) => "beside the table",
        };
        answers.into_iter().map(|(action, outcome)| (action.as_str(), word(outcome))).collect()
    }
}

#[tokio::test]
async fn an_organization_lists_the_permissions_on_it_and_in_it() {
    let house = House::open().await;
    let target = PermissionTarget::Scope(ScopeChoice::Organization(house.organization));
    let admin = house.may(&house.ada, target).await;
    assert_eq!(admin.len(), Action::IN_SCOPE.len() + Action::ON_ORGANIZATION.len());
    assert!(admin.values().all(|answer| *answer == "yes"), "{admin:?}");
    let member = house.may(&house.grace, target).await;
    assert_eq!(
        (member["space.create"], member["project.create"], member["member.manage"]),
        ("yes", "role", "role")
    );
    let reader = house.may(&reading(&house.ada), target).await;
    assert_eq!((reader["space.create"], reader["member.read"]), ("ability", "yes"));
    let by_default = house.may(&house.grace, PermissionTarget::Scope(ScopeChoice::Default)).await;
    assert_eq!(by_default, member);
}

#[tokio::test]
async fn a_personal_scope_has_no_members_to_manage() {
    let house = House::open().await;
    let own = house.may(&house.edsger, PermissionTarget::Scope(ScopeChoice::Personal)).await;
    assert_eq!(own.len(), Action::IN_SCOPE.len());
    assert!(own.values().all(|answer| *answer == "yes"), "{own:?}");
}

#[tokio::test]
async fn a_project_and_a_space_list_the_permissions_on_them() {
    let house = House::open().await;
    let project = house.project("Harbour").await;
    house.join(&project, &house.edsger, RosterRole::Member).await;
    let on_it = house.may(&house.edsger, PermissionTarget::Project(project.id)).await;
    assert_eq!(on_it.len(), Action::ON_PROJECT.len());
    assert_eq!(
        (on_it["task.write"], on_it["roster.manage"], on_it["project.delete"]),
        ("yes", "role", "role")
    );
    let off_it = house.may(&house.grace, PermissionTarget::Project(project.id)).await;
    assert_eq!(
        (off_it["project.read"], off_it["task.write"], off_it["roster.read"]),
        ("yes", "role", "role")
    );

    let space = house.space("Quay", None).await;
    let member = house.may(&house.grace, PermissionTarget::Space(space.id)).await;
    assert_eq!(member, [("space.delete", "yes"), ("space.read", "yes"), ("space.update", "yes")].into());
    let viewer = house.may(&house.edsger, PermissionTarget::Space(space.id)).await;
    assert_eq!(viewer, [("space.delete", "role"), ("space.read", "yes"), ("space.update", "role")].into());
}

#[tokio::test]
async fn permissions_on_a_hidden_resource_fail_as_reading_it_does() {
    let house = House::open().await;
    let (project, space) = (house.private_project("Harbour").await, house.space("Quay", None).await);
    let made_up = PermissionTarget::Project(ProjectId::from_uuid(NOBODY));
    for (caller, target) in [
        (house.ada, made_up),
        (house.grace, PermissionTarget::Project(project.id)),
        (house.alan, PermissionTarget::Project(project.id)),
        (house.ada, PermissionTarget::Space(SpaceId::from_uuid(NOBODY))),
        (house.alan, PermissionTarget::Space(space.id)),
        (only(&house.ada, house.elsewhere), PermissionTarget::Space(space.id)),
    ] {
        refused!(house.loggia.acting_as(&caller).permissions(target).await, E::Denied(HIDDEN));
    }
    let organization = |id| PermissionTarget::Scope(ScopeChoice::Organization(id));
    for (caller, target) in [
        (house.alan, organization(house.organization)),
        (house.ada, organization(OrganizationId::from_uuid(NOBODY))),
        (only(&house.ada, house.elsewhere), organization(house.organization)),
        (only(&house.ada, house.organization), PermissionTarget::Scope(ScopeChoice::Personal)),
    ] {
        refused!(house.loggia.acting_as(&caller).permissions(target).await, E::Denied(NO_SCOPE));
    }
}
