//! Members who leave an organization of their own accord: what becomes of their access and their work, and who must stay.

use loggia_domain::event::Actor;
use loggia_domain::id::OrganizationId;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::organization::LastAdmin;
use loggia_domain::page::PageRequest;
use loggia_domain::policy::{Action, Forbidden};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{Authority, NewKey, OrganizationError as E, Place, RosterError};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::KeyName;
use loggia_domain::user::{MemberPatch, MemberRefused};

use crate::support::{CONFINED, HIDDEN, House, NOBODY, READ_ONLY, only, out, reading};

#[tokio::test]
async fn who_leaves_an_organization_loses_access_every_roster_and_all_open_work() {
    let house = House::open().await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.join(&harbour, &house.grace, RosterRole::Member).await;
    house.join(&basin, &house.grace, RosterRole::Admin).await;
    let grace = Some(house.grace.user);
    let open = house.task(&harbour, "Dredge", |new| new.assignee = grace).await;
    let done =
        house.task(&basin, "Drain", |new| (new.assignee, new.status) = (grace, TaskStatus::Done)).await;

    let left = house.loggia.leave_organization(&house.grace, house.organization).await.expect("she leaves");
    assert_eq!((left.user, left.active, left.role), (house.grace.user, false, ScopeRole::Member));
    assert_eq!((left.updated_at, left.revision), (house.loggia.now(), 2));
    assert_eq!(
        house.news().await,
        [
            "Grace deleted membership a place: project Harbour > -, user Grace > -, role member > -",
            "Grace deleted membership a place: project Basin > -, user Grace > -, role admin > -",
            "Grace updated task Dredge: assignee Grace > -",
            "Grace updated member Grace: active true > false",
        ]
    );
    assert_eq!(house.task_now(open.id).await.assignee, None);
    assert_eq!(house.task_now(done.id).await, done, "what is finished keeps the name");
    let shown = house.loggia.member(&house.ada, house.organization, house.grace.user).await;
    assert_eq!(shown.expect("the member"), left, "she stays readable");

    refused!(house.loggia.organization(&house.grace, house.organization).await, E::Denied(HIDDEN));
    let again = house.loggia.leave_organization(&house.grace, house.organization).await;
    refused!(again, E::Denied(HIDDEN));
    assert_eq!(house.news().await, [""; 0]);
    let at_home = Caller::trusted(house.grace.user, Scope::Personal(house.grace.user));
    let own = house.loggia.me(&at_home, &PageRequest::FIRST).await.expect("herself");
    assert!(own.member.is_some(), "what is her own stays");
    assert!(own.organizations.items.is_empty());
}

/// A deactivation by an admin and leaving differ in who did it, and in nothing else.
#[tokio::test]
async fn leaving_is_a_deactivation_but_for_who_does_it() {
    let mut told = Vec::new();
    for leaves in [true, false] {
        let house = House::open().await;
        let harbour = house.project("Harbour").await;
        house.join(&harbour, &house.grace, RosterRole::Member).await;
        house.task(&harbour, "Dredge", |new| new.assignee = Some(house.grace.user)).await;
        let (id, user) = (house.organization, house.grace.user);
        let member = if leaves {
            house.loggia.leave_organization(&house.grace, id).await
        } else {
            house.loggia.update_member(Authority::Caller(&house.ada), id, user, out()).await
        };
        let (by, news) = (if leaves { "Grace " } else { "Ada " }, house.news().await);
        let news: Vec<_> =
            news.iter().map(|line| line.strip_prefix(by).expect("who did it").to_owned()).collect();
        told.push((member.expect("a change"), news));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].1.len(), 3);
}

#[tokio::test]
async fn the_last_active_admin_does_not_leave_an_organization() {
    let house = House::open().await;
    let leave = |who: Caller| {
        let (loggia, id) = (&house.loggia, house.organization);
        async move { loggia.leave_organization(&who, id).await }
    };
    leave(house.barbara).await.expect("Ada is left");
    house.forget_news().await;
    refused!(leave(house.ada).await, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    assert_eq!(house.news().await, [""; 0]);
    assert!(house.loggia.organization(&house.ada, house.organization).await.is_ok());
    let promoted = MemberPatch { role: Some(ScopeRole::Admin), ..MemberPatch::default() };
    let (admin, grace) = (Authority::Caller(&house.ada), house.grace.user);
    house.loggia.update_member(admin, house.organization, grace, promoted).await.expect("a second admin");
    leave(house.ada).await.expect("Grace is left");
    refused!(leave(house.grace).await, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    leave(house.edsger).await.expect("a viewer runs nothing");
}

#[tokio::test]
async fn what_is_not_there_for_the_caller_is_not_left() {
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
        refused!(house.loggia.leave_organization(&caller, id).await, E::Denied(HIDDEN));
    }
    // Alan is the last admin there; that his key may only read comes first.
    for (caller, id) in [(reading(&house.grace), house.organization), (reading(&house.alan), house.elsewhere)]
    {
        refused!(house.loggia.leave_organization(&caller, id).await, E::Denied(READ_ONLY));
    }
    assert_eq!(house.news().await, [""; 0]);
}

/// Leaving ends the access of all the user's keys, so a key of one organization, as every key of a machine is, does not do that.
#[tokio::test]
async fn a_key_that_is_confined_to_an_organization_does_not_leave_it() {
    let house = House::open().await;
    let confined = only(&house.grace, house.organization);
    let outcome = house.loggia.leave_organization(&confined, house.organization).await;
    refused!(outcome, E::Denied(CONFINED));
    let place = Place::Scope(ScopeChoice::Organization(house.organization));
    for (caller, decided) in [(confined, Err(Forbidden::Reach)), (house.grace, Ok(()))] {
        let permissions = house.loggia.permissions(&caller, place).await.expect("permissions");
        let leave = permissions.into_iter().find(|(action, _)| *action == Action::LeaveOrganization);
        assert_eq!(leave.map(|(_, decided)| decided), Some(decided));
    }
    assert_eq!(house.news().await, [""; 0]);
}

/// The organization's admins can appoint another admin of the roster.
#[tokio::test]
async fn who_leaves_an_organization_leaves_its_rosters_as_their_last_admin_too() {
    let house = House::open().await;
    let basin = house.project("Basin").await;
    house.join(&basin, &house.grace, RosterRole::Admin).await;
    house.loggia.leave_roster(&house.ada, basin.id).await.expect("Grace is left");
    refused!(house.loggia.leave_roster(&house.grace, basin.id).await, RosterError::LastAdmin(_));
    house.loggia.leave_organization(&house.grace, house.organization).await.expect("she leaves");
    house.join(&basin, &house.ada, RosterRole::Admin).await;
    let roster =
        house.loggia.list_roster(&house.ada, basin.id, &PageRequest::FIRST).await.expect("the roster");
    let users: Vec<_> = roster.items.iter().map(|place| place.membership.user).collect();
    assert_eq!(users, [house.ada.user]);
}

#[tokio::test]
async fn a_key_from_before_its_user_left_does_not_open_the_organization_after_a_readmission() {
    let house = House::open().await;
    let issue = async || {
        let new = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: house.scope,
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        };
        let issued = house.loggia.issue_key(Actor::Operator, house.grace.user, new).await.expect("a key");
        Caller::from(&issued.key)
    };
    let before = issue().await;
    house.loggia.leave_organization(&before, house.organization).await.expect("she leaves");
    let (operator, grace) = (Authority::Operator, house.grace.user);
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    house.loggia.update_member(operator, house.organization, grace, back).await.expect("access");
    refused!(house.loggia.organization(&before, house.organization).await, E::Denied(HIDDEN));
    let after = issue().await;
    assert!(house.loggia.organization(&after, house.organization).await.is_ok());
    house.loggia.leave_organization(&after, house.organization).await.expect("she leaves again");
}
