//! The operator deletes an organization: the extent that is reported before, the loss of access, and the continuation of a deletion
//! that stopped.

use std::num::NonZeroU32;

use loggia_domain::event::Actor;
use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::InvitedProjects;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::page::PageRequest;
use loggia_domain::port::DeletionStep;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{
    DELETION_ROWS, DeletionError as E, InvitationError, KeyError, Loggia, NewInvitation, NewInvitations,
    NewKey, OrganizationError,
};
use loggia_domain::text::KeyName;
use loggia_testkit::builders::KATHERINE;

use crate::support::{HIDDEN, House, NOBODY, account, newcomer, out};

/// Does parts of a deletion, at most `parts` of them and each of at most `limit` rows. Returns the numbers of rows, and whether the
/// organization is deleted.
async fn delete(loggia: &Loggia, id: OrganizationId, parts: usize, limit: NonZeroU32) -> (Vec<u64>, bool) {
    let (mut step, mut rows) = (Some(DeletionStep::FIRST), Vec::new());
    while let Some(next) = step
        && rows.len() < parts
    {
        let progress = loggia
            .operator()
            .delete_organization_step(id, next, limit)
            .await
            .expect("a part of the deletion");
        rows.push(progress.rows);
        step = progress.next;
    }
    (rows, step.is_none())
}

/// Adds a project with a roster and a task, and a space that is linked to it.
async fn furnish(house: &House) {
    let harbour = house.project("Harbour").await;
    house.join(&harbour, &house.grace, RosterRole::Member).await;
    house.task(&harbour, "Dredge", |_| ()).await;
    house.space("Tides", Some(harbour.id)).await;
}

#[tokio::test]
async fn the_extent_of_a_deletion_is_reported_first_and_then_gone() {
    let house = House::open().await;
    furnish(&house).await;
    let (loggia, id) = (&house.loggia, house.organization);
    let extent =
        loggia.operator().organization_extent(id).await.expect("an extent").expect("the organization");
    assert_eq!((extent.organization.name.as_str(), extent.closed_at), ("Harbour Works", None));
    assert_eq!((extent.members, extent.projects, extent.tasks, extent.spaces), (4, 1, 1, 1));

    let closed_at = loggia.operator().close_organization(id).await.expect("closing");
    assert_eq!(closed_at, loggia.now());
    assert_eq!(
        house.news().await,
        ["the operator deleted organization Harbour Works: name Harbour Works > -"]
    );
    house.wait();
    assert_eq!(loggia.operator().close_organization(id).await.expect("closing again"), closed_at);
    assert_eq!(house.news().await, [""; 0], "it is closed once");

    let (_, is_deleted) = delete(loggia, id, usize::MAX, DELETION_ROWS).await;
    assert!(is_deleted);
    assert_eq!(loggia.operator().organization_extent(id).await.expect("an extent"), None);
    refused!(
        loggia.operator().delete_organization_step(id, DeletionStep::FIRST, DELETION_ROWS).await,
        E::NotFound
    );
    refused!(loggia.operator().close_organization(id).await, E::NotFound);
    let all = loggia.operator().all_organizations(None, 10).await.expect("a list");
    let names: Vec<_> = all.iter().map(|(organization, _)| organization.name.as_str()).collect();
    assert_eq!(names, ["Quay Works"]);
    assert!(loggia.operator().has_organizations().await.expect("an answer"));
    let quay =
        loggia.acting_as(&house.alan).organization(house.elsewhere).await.expect("the other organization");
    assert_eq!(quay.0.id, house.elsewhere);
}

#[tokio::test]
async fn nobody_is_added_to_a_closed_organization_or_changed_there() {
    let house = House::open().await;
    house.deactivate(&house.grace).await;
    let (loggia, id) = (&house.loggia, house.organization);
    let projects = InvitedProjects::default();
    let new = NewInvitation { email: KATHERINE.email(), role: ScopeRole::Member, projects };
    let invited = NewInvitations::from(new);
    let issued = loggia.operator().invite(id, &invited).await.expect("an invitation");
    loggia.operator().close_organization(id).await.expect("closing");
    refused!(
        loggia.acting_as(&house.alan).accept_invitation(&issued[0].token).await,
        InvitationError::UnknownToken
    );
    let joined = loggia.operator().add_account_member(id, &account(KATHERINE), ScopeRole::Member).await;
    refused!(joined, OrganizationError::Denied(HIDDEN));
    macro_rules! refuses_all {
        ($by:expr) => {{
            let by = $by;
            let added = by.add_member(id, newcomer(KATHERINE)).await;
            refused!(added, OrganizationError::Denied(HIDDEN));
            refused!(by.invite(id, &invited).await, InvitationError::Denied(HIDDEN));
            let withdrawn = by.withdraw_invitation(id, issued[0].invitation.id).await;
            refused!(withdrawn, InvitationError::Denied(HIDDEN));
            let resent = by.resend_invitation(id, issued[0].invitation.id).await;
            refused!(resent, InvitationError::Denied(HIDDEN));
            let changed = by.update_member(id, house.grace.user, out()).await;
            refused!(changed, OrganizationError::Denied(HIDDEN));
            refused!(by.update_organization(id, None).await, OrganizationError::Denied(HIDDEN));
        }};
    }
    refuses_all!(loggia.operator());
    refuses_all!(loggia.acting_as(&house.ada));
    let name = KeyName::parse("laptop").expect("a name");
    let (default_scope, reach) = (house.scope, Reach::Only(id));
    let key = NewKey { name, default_scope, reach, ability: Ability::Write, expires_at: None };
    refused!(loggia.operator().issue_key(Actor::Operator, house.ada.user, key).await, KeyError::NotInScope);
    let (rows, _) = delete(loggia, id, 1, DELETION_ROWS).await;
    assert_eq!(rows, [3], "Ada, Barbara and Edsger");
    for caller in [house.ada, house.edsger] {
        refused!(loggia.acting_as(&caller).organization(id).await, OrganizationError::Denied(HIDDEN));
    }
    let own = Caller::unchecked(house.ada.user, Scope::Personal(house.ada.user));
    let me = loggia.acting_as(&own).me(&PageRequest::FIRST).await.expect("what is Ada's own");
    assert!(me.member.is_some() && me.organizations.items.is_empty());
}

#[tokio::test]
async fn a_deletion_interrupted_after_any_part_completes_when_restarted() {
    let limit = NonZeroU32::MIN;
    let house = House::open().await;
    furnish(&house).await;
    house.loggia.operator().close_organization(house.organization).await.expect("closing");
    let (parts, _) = delete(&house.loggia, house.organization, usize::MAX, limit).await;
    assert!(parts.len() > DeletionStep::ALL.len(), "{parts:?}");
    for stop in 0..parts.len() {
        let house = House::open().await;
        furnish(&house).await;
        let (loggia, id) = (&house.loggia, house.organization);
        loggia.operator().close_organization(id).await.expect("closing");
        let (_, is_deleted) = delete(loggia, id, stop, limit).await;
        assert!(!is_deleted, "stopped after {stop} parts");
        loggia.operator().close_organization(id).await.expect("closing again");
        let (_, is_deleted) = delete(loggia, id, usize::MAX, limit).await;
        assert!(is_deleted, "begun again after {stop} parts");
        assert_eq!(loggia.operator().organization_extent(id).await.expect("an extent"), None);
    }
}

#[tokio::test]
async fn an_open_organization_is_not_deleted() {
    let house = House::open().await;
    let (loggia, id) = (&house.loggia, house.organization);
    for step in DeletionStep::ALL {
        refused!(loggia.operator().delete_organization_step(id, *step, DELETION_ROWS).await, E::NotClosed);
        let nowhere = OrganizationId::from_uuid(NOBODY);
        refused!(
            loggia.operator().delete_organization_step(nowhere, *step, DELETION_ROWS).await,
            E::NotFound
        );
    }
    assert!(loggia.acting_as(&house.ada).organization(id).await.is_ok());
}

/// A key that reaches everywhere is of use in the account's other scopes; one for the organization alone is of none.
#[tokio::test]
async fn the_keys_of_an_account_stay_and_those_for_the_organization_alone_go() {
    let house = House::open().await;
    let (loggia, id) = (&house.loggia, house.organization);
    let issue = async |reach| {
        let new = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: house.scope,
            reach,
            ability: Ability::Write,
            expires_at: None,
        };
        loggia.operator().issue_key(Actor::Operator, house.ada.user, new).await.expect("a key")
    };
    let (everywhere, confined) = (issue(Reach::Everywhere).await, issue(Reach::Only(id)).await);
    loggia.operator().close_organization(id).await.expect("closing");
    delete(loggia, id, usize::MAX, DELETION_ROWS).await;
    let known = loggia.authenticate(&everywhere.secret).await.expect("the key is known");
    assert_eq!(known.caller.default_scope, Scope::Personal(house.ada.user));
    assert!(loggia.authenticate(&confined.secret).await.is_err());
}
