//! Members who leave an organization of their own accord: what becomes of their access and their work, and who must stay.

use loggia_domain::event::Actor;
use loggia_domain::id::OrganizationId;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::organization::LastAdmin;
use loggia_domain::page::PageRequest;
use loggia_domain::policy::{Action, Forbidden};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{NewKey, OrganizationError as E, PermissionTarget, RosterError};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::KeyName;
use loggia_domain::user::{MemberPatch, MemberRefused};

use crate::support::{CONFINED, HIDDEN, House, NOBODY, READ_ONLY, only, out, reading};

#[tokio::test]
async fn leaving_an_organization_ends_access_rosters_and_open_assignments() {
    let house = House::open().await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.join(&harbour, &house.grace, RosterRole::Member).await;
    house.join(&basin, &house.grace, RosterRole::Admin).await;
    let grace = Some(house.grace.user);
    let open = house.task(&harbour, "Dredge", |new| new.assignee = grace).await;
    let done =
        house.task(&basin, "Drain", |new| (new.assignee, new.status) = (grace, TaskStatus::Done)).await;

    let left = house
        .loggia
        .acting_as(&house.grace)
        .leave_organization(house.organization)
        .await
        .expect("she leaves");
    assert_eq!((left.user, left.active, left.role), (house.grace.user, false, ScopeRole::Member));
    assert_eq!((left.updated_at, left.revision), (house.loggia.now(), 2));
    assert_eq!(
        house.news().await,
        [
            "Grace deleted membership on the roster: project Harbour > -, user Grace > -, role member > -",
            "Grace deleted membership on the roster: project Basin > -, user Grace > -, role admin > -",
            "Grace updated task Dredge: assignee Grace > -",
            "Grace updated member Grace: active true > false",
        ]
    );
    assert_eq!(house.task_now(open.id).await.assignee, None);
    assert_eq!(house.task_now(done.id).await, done, "what is finished keeps the name");
    let shown = house.loggia.acting_as(&house.ada).member(house.organization, house.grace.user).await;
    assert_eq!(shown.expect("the member"), left, "she stays readable");

    refused!(house.loggia.acting_as(&house.grace).organization(house.organization).await, E::Denied(HIDDEN));
    let again = house.loggia.acting_as(&house.grace).leave_organization(house.organization).await;
    refused!(again, E::Denied(HIDDEN));
    assert_eq!(house.news().await, [""; 0]);
    let at_home = Caller::unchecked(house.grace.user, Scope::Personal(house.grace.user));
    let own = house.loggia.acting_as(&at_home).me(&PageRequest::FIRST).await.expect("herself");
    assert!(own.member.is_some(), "what is her own stays");
    assert!(own.organizations.items.is_empty());
}

/// A deactivation by an admin and leaving differ in who did it, and in nothing else.
#[tokio::test]
async fn leaving_differs_from_a_deactivation_only_in_its_actor() {
    let mut outcomes = Vec::new();
    for leaves in [true, false] {
        let house = House::open().await;
        let harbour = house.project("Harbour").await;
        house.join(&harbour, &house.grace, RosterRole::Member).await;
        house.task(&harbour, "Dredge", |new| new.assignee = Some(house.grace.user)).await;
        let (id, user) = (house.organization, house.grace.user);
        let member = if leaves {
            house.loggia.acting_as(&house.grace).leave_organization(id).await
        } else {
            house.loggia.acting_as(&house.ada).update_member(id, user, out()).await
        };
        let (by, news) = (if leaves { "Grace " } else { "Ada " }, house.news().await);
        let news: Vec<_> =
            news.iter().map(|line| line.strip_prefix(by).expect("who did it").to_owned()).collect();
        outcomes.push((member.expect("a change"), news));
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].1.len(), 3);
}

#[tokio::test]
async fn the_last_active_admin_does_not_leave_an_organization() {
    let house = House::open().await;
    let leave = |who: Caller| {
        let (loggia, id) = (&house.loggia, house.organization);
        async move { loggia.acting_as(&who).leave_organization(id).await }
    };
    leave(house.barbara).await.expect("Ada is left");
    house.forget_news().await;
    refused!(leave(house.ada).await, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    assert_eq!(house.news().await, [""; 0]);
    assert!(house.loggia.acting_as(&house.ada).organization(house.organization).await.is_ok());
    let promoted = MemberPatch { role: Some(ScopeRole::Admin), ..MemberPatch::default() };
    let (admin, grace) = (&house.ada, house.grace.user);
    house
        .loggia
        .acting_as(admin)
        .update_member(house.organization, grace, promoted)
        .await
        .expect("a second admin");
    leave(house.ada).await.expect("Grace is left");
    refused!(leave(house.grace).await, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    leave(house.edsger).await.expect("a viewer runs nothing");
}

#[tokio::test]
async fn an_organization_hidden_from_the_caller_cannot_be_left() {
    let house = House::open().await;
    house.deactivate(&house.edsger).await;
    let nowhere = OrganizationId::from_uuid(NOBODY);
    for (caller, id) in [
        (house.alan, house.organization),
        (house.grace, house.elsewhere),
        (house.grace, nowhere),
        (only(&house.grace, house.elsewhere), house.organization),
        (house.edsger, house.organization),
        // The id of a personal scope is that of no organization.
        (house.grace, OrganizationId::from_uuid(house.grace.user.as_uuid())),
        (reading(&house.alan), house.organization),
    ] {
        refused!(house.loggia.acting_as(&caller).leave_organization(id).await, E::Denied(HIDDEN));
    }
    // Alan is the last admin there; that his key may only read comes first.
    for (caller, id) in [(reading(&house.grace), house.organization), (reading(&house.alan), house.elsewhere)]
    {
        refused!(house.loggia.acting_as(&caller).leave_organization(id).await, E::Denied(READ_ONLY));
    }
    assert_eq!(house.news().await, [""; 0]);
}

/// Leaving ends the access of all the user's keys, so a key of one organization, as every key of a machine is, does not do that.
#[tokio::test]
async fn a_key_that_is_confined_to_an_organization_does_not_leave_it() {
    let house = House::open().await;
    let confined = only(&house.grace, house.organization);
    let outcome = house.loggia.acting_as(&confined).leave_organization(house.organization).await;
    refused!(outcome, E::Denied(CONFINED));
    let target = PermissionTarget::Scope(ScopeChoice::Organization(house.organization));
    for (caller, decided) in [(confined, Err(Forbidden::Reach)), (house.grace, Ok(()))] {
        let permissions = house.loggia.acting_as(&caller).permissions(target).await.expect("permissions");
        let leave = permissions.into_iter().find(|(action, _)| *action == Action::LeaveOrganization);
        assert_eq!(leave.map(|(_, decided)| decided), Some(decided));
    }
    assert_eq!(house.news().await, [""; 0]);
}

/// The organization's admins can appoint another admin of the roster.
#[tokio::test]
async fn the_last_admin_of_a_roster_can_leave_the_organization() {
    let house = House::open().await;
    let basin = house.project("Basin").await;
    house.join(&basin, &house.grace, RosterRole::Admin).await;
    house.loggia.acting_as(&house.ada).leave_roster(basin.id).await.expect("Grace is left");
    refused!(house.loggia.acting_as(&house.grace).leave_roster(basin.id).await, RosterError::LastAdmin(_));
    house.loggia.acting_as(&house.grace).leave_organization(house.organization).await.expect("she leaves");
    house.join(&basin, &house.ada, RosterRole::Admin).await;
    let roster = house
        .loggia
        .acting_as(&house.ada)
        .list_roster(basin.id, &PageRequest::FIRST)
        .await
        .expect("the roster");
    let users: Vec<_> = roster.items.iter().map(|view| view.membership.user).collect();
    assert_eq!(users, [house.ada.user]);
}

#[tokio::test]
async fn a_key_from_before_leaving_gives_no_access_after_a_readmission() {
    let house = House::open().await;
    let issue = async || {
        let new = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: house.scope,
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        };
        let issued =
            house.loggia.operator().issue_key(Actor::Operator, house.grace.user, new).await.expect("a key");
        Caller::from(&issued.key)
    };
    let before = issue().await;
    house.loggia.acting_as(&before).leave_organization(house.organization).await.expect("she leaves");
    let grace = house.grace.user;
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    house.loggia.operator().update_member(house.organization, grace, back).await.expect("access");
    refused!(house.loggia.acting_as(&before).organization(house.organization).await, E::Denied(HIDDEN));
    let after = issue().await;
    assert!(house.loggia.acting_as(&after).organization(house.organization).await.is_ok());
    house.loggia.acting_as(&after).leave_organization(house.organization).await.expect("she leaves again");
}
