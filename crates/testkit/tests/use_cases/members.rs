//! Members of an organization: adding them, changing them, and the effects of deactivating them.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::organization::LastAdmin;
use loggia_domain::page::{MemberQuery, PageRequest};
use loggia_domain::port::OwnTasksQuery;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{NewMember, OrganizationError as E};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::{EmployeeNumber, PersonName, Username};
use loggia_domain::user::{MemberPatch, MemberRefused, Profile};
use loggia_testkit::builders::at_most;
use loggia_testkit::builders::{ALAN, GRACE, KATHERINE, Person};

use crate::support::{HIDDEN, House, NOBODY, first, newcomer, only, out, reading};

fn known_as(username: &str, number: &str) -> Profile {
    Profile {
        username: Username::parse(username).ok(),
        employee_number: EmployeeNumber::parse(number).ok(),
        ..KATHERINE.profile()
    }
}

fn back() -> MemberPatch {
    MemberPatch { active: Some(true), ..MemberPatch::default() }
}

fn to(role: ScopeRole) -> MemberPatch {
    MemberPatch { role: Some(role), ..MemberPatch::default() }
}

#[tokio::test]
async fn an_own_person_is_added_with_a_profile() {
    let house = House::of_own_people().await;
    let new = NewMember { profile: known_as("kat", "7"), ..newcomer(KATHERINE) };
    let added =
        house.loggia.acting_as(&house.ada).add_member(house.organization, new).await.expect("a member");
    assert_eq!((added.scope, added.role, added.active), (house.scope, ScopeRole::Member, true));
    assert_eq!((added.number.get(), added.created_at), (5, house.loggia.now()));
    house.call(added.user.as_uuid(), "Katherine");
    assert_eq!(
        house.news().await,
        [
            "Ada created member Katherine: email - > katherine@example.com, role - > member, active - > true, first_name - > Katherine, \
          last_name - > Johnson, username - > kat, employee_number - > 7"
        ]
    );
}

#[tokio::test]
async fn a_taken_value_is_reported_and_nobody_is_added() {
    let house = House::of_own_people().await;
    let admin = &house.ada;
    let add = async |who: Person, profile| {
        let new = NewMember { profile, ..newcomer(who) };
        house.loggia.acting_as(admin).add_member(house.organization, new).await
    };
    add(KATHERINE, known_as("Straße", "7")).await.expect("a member");
    house.forget_news().await;
    refused!(add(ALAN, known_as("STRASSE", "8")).await, E::UsernameTaken { index: 0 });
    refused!(add(ALAN, known_as("al", "7")).await, E::EmployeeNumberTaken { index: 0 });
    refused!(add(KATHERINE, known_as("k", "9")).await, E::AlreadyAMember { index: 0 });
    house.deactivate(&house.grace).await;
    let inactive = (house.organization, house.grace.user);
    for profile in [known_as("g", "10"), known_as("straße", "7")] {
        let refused = add(GRACE, profile).await;
        let Err(E::InactiveMember { index: 0, organization, user }) = refused else { panic!("{refused:?}") };
        assert_eq!(
            (organization, user),
            inactive,
            "the membership is reported, and not whose username it would have"
        );
    }
    assert_eq!(house.news().await, [""; 0]);
    assert!(add(ALAN, known_as("al", "8")).await.is_ok());
}

#[tokio::test]
async fn a_change_of_role_or_access_is_written_once_with_its_event() {
    let house = House::of_own_people().await;
    let change = async |patch| {
        let admin = &house.ada;
        house.loggia.acting_as(admin).update_member(house.organization, house.grace.user, patch).await
    };
    let changed = change(to(ScopeRole::Viewer)).await.expect("a change");
    assert_eq!(
        (changed.role, changed.active, changed.updated_at),
        (ScopeRole::Viewer, true, house.loggia.now())
    );
    assert_eq!(house.news().await, ["Ada updated member Grace: role member > viewer"]);
    house.wait();
    for nothing_new in [to(ScopeRole::Viewer), back(), MemberPatch::default()] {
        assert_eq!(change(nothing_new).await.expect("no change"), changed);
    }
    assert_eq!(house.news().await, [""; 0]);
    let both = MemberPatch { role: Some(ScopeRole::Admin), active: Some(false), ..MemberPatch::default() };
    change(both).await.expect("a change");
    assert_eq!(house.news().await, ["Ada updated member Grace: role viewer > admin, active true > false"]);
    change(back()).await.expect("a change");
    assert_eq!(house.news().await, ["Ada updated member Grace: active false > true"]);
    let (_, role) =
        house.loggia.acting_as(&house.grace).organization(house.organization).await.expect("hers again");
    assert_eq!(role, ScopeRole::Admin);
}

#[tokio::test]
async fn an_organization_keeps_an_active_admin() {
    let house = House::of_own_people().await;
    let change = |caller, who: &Caller, patch| {
        let (loggia, id, user) = (&house.loggia, house.organization, who.user);
        async move {
            let authority = &caller;
            loggia.acting_as(authority).update_member(id, user, patch).await
        }
    };
    let nobody = Caller::unchecked(UserId::from_uuid(NOBODY), house.scope);
    refused!(change(house.ada, &nobody, out()).await, E::UserNotFound);
    refused!(change(house.ada, &house.alan, out()).await, E::UserNotFound);

    change(house.barbara, &house.barbara, to(ScopeRole::Member)).await.expect("Ada is left");
    house.forget_news().await;
    for patch in [out(), to(ScopeRole::Member), to(ScopeRole::Viewer)] {
        refused!(
            change(house.ada, &house.ada, patch.clone()).await,
            E::Refused(MemberRefused::LastAdmin(LastAdmin))
        );
        let by_operator =
            house.loggia.operator().update_member(house.organization, house.ada.user, patch).await;
        refused!(by_operator, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    }
    assert_eq!(house.news().await, [""; 0]);
    // An admin without access does not count.
    change(house.ada, &house.grace, to(ScopeRole::Admin)).await.expect("a change");
    change(house.ada, &house.grace, out()).await.expect("Ada is left");
    refused!(change(house.ada, &house.ada, out()).await, E::Refused(MemberRefused::LastAdmin(LastAdmin)));
    change(house.ada, &house.grace, back()).await.expect("a second admin");
    change(house.grace, &house.ada, out()).await.expect("now the first may go");
    refused!(change(house.ada, &house.grace, out()).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn a_deactivation_ends_every_roster_membership_and_open_assignment() {
    let house = House::of_own_people().await;
    let (harbour, basin) = (house.project("Harbour").await, house.project("Basin").await);
    house.join(&harbour, &house.grace, RosterRole::Member).await;
    house.join(&basin, &house.grace, RosterRole::Admin).await;
    let grace = Some(house.grace.user);
    let open = house.task(&harbour, "Dredge", |new| new.assignee = grace).await;
    let begun =
        house.task(&basin, "Pump", |new| (new.assignee, new.status) = (grace, TaskStatus::InProgress)).await;
    let done =
        house.task(&basin, "Drain", |new| (new.assignee, new.status) = (grace, TaskStatus::Done)).await;
    let adas = house.task(&basin, "Plan", |new| new.assignee = Some(house.ada.user)).await;

    let admin = &house.ada;
    let gone = house.loggia.acting_as(admin).update_member(house.organization, house.grace.user, out()).await;
    assert!(!gone.expect("a change").active);
    assert_eq!(
        house.news().await,
        [
            "Ada deleted membership on the roster: project Harbour > -, user Grace > -, role member > -",
            "Ada deleted membership on the roster: project Basin > -, user Grace > -, role admin > -",
            "Ada updated task Dredge: assignee Grace > -",
            "Ada updated task Pump: assignee Grace > -",
            "Ada updated member Grace: active true > false",
        ]
    );
    for before in [open, begun] {
        let now = house.task_now(before.id).await;
        assert_eq!((now.assignee, now.revision, now.updated_at), (None, 2, house.loggia.now()));
    }
    // A finished task keeps its assignee, whose profile is still readable.
    let kept = house.loggia.acting_as(&house.ada).task(done.id).await.expect("the task");
    assert_eq!(kept.task, done);
    assert_eq!(kept.assignee.map(|member| (member.user, member.active)), Some((house.grace.user, false)));
    assert_eq!(house.task_now(adas.id).await, adas);

    // A reactivated member is on no roster.
    house
        .loggia
        .acting_as(admin)
        .update_member(house.organization, house.grace.user, back())
        .await
        .expect("access");
    assert_eq!(house.news().await, ["Ada updated member Grace: active false > true"]);
    let own = OwnTasksQuery { status: None, tasks_limit: at_most(5) };
    let tasks =
        house.loggia.acting_as(&house.grace).list_own_tasks(ScopeChoice::Default, &own, &first(9)).await;
    let tasks = tasks.expect("a page");
    assert_eq!(tasks.items.iter().map(|group| group.total).collect::<Vec<_>>(), [1], "the finished one");
}

#[tokio::test]
async fn a_profile_is_changed_field_by_field_with_events() {
    let house = House::of_own_people().await;
    let change = async |patch| {
        let admin = &house.ada;
        house.loggia.acting_as(admin).update_member(house.organization, house.grace.user, patch).await
    };
    let patch = MemberPatch {
        last_name: PersonName::parse("Murray").ok(),
        username: Some(Username::parse("grace").ok()),
        ..MemberPatch::default()
    };
    let changed = change(patch).await.expect("a change");
    assert_eq!((changed.profile.full_name(), changed.role), ("Grace Murray".to_owned(), ScopeRole::Member));
    assert_eq!(
        house.news().await,
        ["Ada updated member Grace: last_name Hopper > Murray, username - > grace"]
    );
    change(MemberPatch { username: Some(None), ..MemberPatch::default() }).await.expect("a change");
    assert_eq!(house.news().await, ["Ada updated member Grace: username grace > -"]);
}

#[tokio::test]
async fn a_member_cannot_take_the_username_or_number_of_another() {
    let house = House::of_own_people().await;
    let known = NewMember { profile: known_as("kat", "7"), ..newcomer(KATHERINE) };
    house.loggia.operator().add_member(house.organization, known).await.expect("a member");
    house.forget_news().await;
    let change = async |patch| {
        let admin = &house.ada;
        house.loggia.acting_as(admin).update_member(house.organization, house.grace.user, patch).await
    };
    let username = MemberPatch { username: Some(Username::parse("KAT").ok()), ..MemberPatch::default() };
    refused!(change(username).await, E::UsernameTaken { index: 0 });
    let number =
        MemberPatch { employee_number: Some(EmployeeNumber::parse("7").ok()), ..MemberPatch::default() };
    refused!(change(number).await, E::EmployeeNumberTaken { index: 0 });
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn every_active_member_lists_and_sees_the_members_and_nobody_else_does() {
    let house = House::of_own_people().await;
    house.deactivate(&house.barbara).await;
    let (query, page) = (MemberQuery::default(), first(2));
    for caller in [&house.ada, &house.grace, &reading(&house.edsger)] {
        let listed = house.loggia.acting_as(caller).list_members(house.organization, &query, &page).await;
        let listed = listed.expect("a page");
        let names: Vec<_> = listed.items.iter().map(|it| it.profile.last_name.to_string()).collect();
        assert_eq!(
            (names, listed.total, listed.after),
            (vec!["Byron".into(), "Dijkstra".into()], Some(4), true)
        );
        let seen = house.loggia.acting_as(caller).member(house.organization, house.barbara.user).await;
        assert!(!seen.expect("a member").active, "also one who has left");
        let stranger = house.loggia.acting_as(caller).member(house.organization, house.alan.user).await;
        refused!(stranger, E::UserNotFound);
    }
    let uncounted = PageRequest { count: false, ..page.clone() };
    let listed =
        house.loggia.acting_as(&house.ada).list_members(house.organization, &query, &uncounted).await;
    assert_eq!(listed.expect("a page").total, None);
    let nowhere = OrganizationId::from_uuid(NOBODY);
    for (caller, id) in [
        (house.alan, house.organization),
        (house.barbara, house.organization),
        (only(&house.ada, house.elsewhere), house.organization),
        (house.ada, nowhere),
        // The id of a user's personal scope does not identify an organization.
        (house.ada, OrganizationId::from_uuid(house.ada.user.as_uuid())),
    ] {
        refused!(house.loggia.acting_as(&caller).list_members(id, &query, &page).await, E::Denied(HIDDEN));
        refused!(house.loggia.acting_as(&caller).member(id, house.ada.user).await, E::Denied(HIDDEN));
    }
}
