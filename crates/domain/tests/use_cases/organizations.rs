use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::organization::LastAdmin;
use loggia_domain::port::OwnTasksQuery;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{Authority, Loggia, NewMember, OrganizationError as E, StandingPatch};
use loggia_domain::task::TaskStatus;
use loggia_domain::text::{EmployeeNumber, OrganizationName, PersonName, Username};
use loggia_domain::user::Profile;
use loggia_testkit::builders::{ADA, ALAN, GRACE, KATHERINE, Person, email};

use crate::support::{HIDDEN, House, NOBODY, READ_ONLY, ROLE, first, only, plan, reading};

const NOWHERE: OrganizationId = OrganizationId::from_uuid(NOBODY);

fn name(text: &str) -> OrganizationName {
    OrganizationName::parse(text).expect("a name")
}

fn newcomer(who: Person) -> NewMember {
    NewMember { email: who.email(), profile: who.profile(), role: ScopeRole::Member }
}

fn known_as(username: &str, number: &str) -> Profile {
    Profile {
        username: Username::parse(username).ok(),
        employee_number: EmployeeNumber::parse(number).ok(),
        ..KATHERINE.profile()
    }
}

const OUT: StandingPatch = StandingPatch { role: None, active: Some(false) };
const BACK: StandingPatch = StandingPatch { role: None, active: Some(true) };

const fn to(role: ScopeRole) -> StandingPatch {
    StandingPatch { role: Some(role), active: None }
}

#[tokio::test]
async fn the_first_organization_comes_with_its_admin_and_a_key() {
    let ports = loggia_testkit::memory();
    let loggia = Loggia::new(ports.clone());
    assert!(!loggia.has_organizations().await.expect("an answer"));
    let made =
        loggia.bootstrap(&plan("Harbour Works", ADA), true).await.expect("a start").expect("the first");
    assert!(loggia.has_organizations().await.expect("an answer"));
    let scope = Scope::Organization(made.organization.id);
    assert_eq!(made.organization.name.as_str(), "Harbour Works");
    assert_eq!((made.member.scope, made.member.role, made.member.active), (scope, ScopeRole::Admin, true));
    let key = &made.issued.key;
    assert_eq!((key.user, key.default_scope), (made.member.user, scope));
    assert_eq!((key.reach, key.ability, key.expires_at), (Reach::Everywhere, Ability::Write, None));
    let caller = loggia.authenticate(&made.issued.secret).await.expect("the key opens");
    assert_eq!(caller, Caller::from(key));

    let events = ports.views.events(scope, None, 9).await.expect("events");
    let told: Vec<_> =
        events.iter().map(|(_, event)| format!("{} {}", event.verb, event.subject_kind)).collect();
    assert_eq!(told, ["created organization", "created member", "created api_key"]);
    // A second start changes nothing.
    assert!(loggia.bootstrap(&plan("Harbour Works", ADA), true).await.expect("an answer").is_none());
    assert_eq!(ports.views.events(scope, None, 9).await.expect("events").len(), 3);
}

#[tokio::test]
async fn an_address_that_is_known_is_taken_and_not_made_twice() {
    let house = House::open().await;
    let mut again = plan("Third", ADA);
    again.email = email("ADA@Example.com");
    let made = house.loggia.bootstrap(&again, false).await.expect("an organization").expect("made");
    assert_eq!(made.member.user, house.ada.user);
    assert_eq!(made.member.email, ADA.email(), "as it was first written");
    let mine = house.loggia.list_organizations(&house.ada).await.expect("a list");
    let names: Vec<_> = mine.iter().map(|(organization, role)| (organization.name.as_str(), *role)).collect();
    assert_eq!(names, [("Harbour Works", ScopeRole::Admin), ("Third", ScopeRole::Admin)]);
}

#[tokio::test]
async fn organizations_are_there_for_their_members() {
    let house = House::open().await;
    let (organization, role) =
        house.loggia.organization(&reading(&house.edsger), house.organization).await.expect("theirs");
    assert_eq!((organization.id, role), (house.organization, ScopeRole::Viewer));
    for (caller, id) in [
        (house.alan, house.organization),
        (house.ada, NOWHERE),
        (only(&house.ada, house.elsewhere), house.organization),
    ] {
        refused!(house.loggia.organization(&caller, id).await, E::Denied(HIDDEN));
    }
    let list = |caller| {
        let loggia = &house.loggia;
        async move {
            let list = loggia.list_organizations(&caller).await.expect("a list");
            list.into_iter().map(|(organization, _)| organization.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(house.alan).await, [house.elsewhere]);
    assert_eq!(list(only(&house.ada, house.elsewhere)).await, []);
    house.deactivate(&house.grace).await;
    assert_eq!(list(house.grace).await, []);
    refused!(house.loggia.organization(&house.grace, house.organization).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn a_new_name_is_written_once_and_told() {
    let house = House::open().await;
    let rename =
        |authority, text: &str| house.loggia.rename_organization(authority, house.organization, name(text));
    let renamed = rename(Authority::Caller(&house.ada), "Port Works").await.expect("a name");
    assert_eq!((renamed.revision, renamed.updated_at), (2, house.loggia.now()));
    assert_eq!(
        house.news().await,
        ["Ada updated organization Harbour Works: name Harbour Works > Port Works"]
    );
    house.wait();
    assert_eq!(rename(Authority::Caller(&house.barbara), "Port Works").await.expect("no change"), renamed);
    assert_eq!(house.news().await, [""; 0]);
    assert!(rename(Authority::Operator, "Harbour Works").await.is_ok());
    assert_eq!(
        house.news().await,
        ["the operator updated organization Harbour Works: name Port Works > Harbour Works"]
    );
}

/// Who may not, on every use case that changes an organization.
#[tokio::test]
async fn only_an_admin_changes_the_organization_and_its_members() {
    let house = House::open().await;
    for (caller, id, refusal) in [
        (house.ada, NOWHERE, HIDDEN),
        (house.alan, house.organization, HIDDEN),
        (only(&house.ada, house.elsewhere), house.organization, HIDDEN),
        (house.grace, house.organization, ROLE),
        (house.edsger, house.organization, ROLE),
        (reading(&house.edsger), house.organization, ROLE),
        (reading(&house.ada), house.organization, READ_ONLY),
    ] {
        let authority = Authority::Caller(&caller);
        let nobody = UserId::from_uuid(NOBODY);
        for outcome in [
            house.loggia.rename_organization(authority, id, name("Mine")).await.map(|_| ()),
            house.loggia.add_member(authority, id, newcomer(KATHERINE)).await.map(|_| ()),
            // Whom the call is about is looked at only after who calls.
            house.loggia.add_member(authority, id, newcomer(ADA)).await.map(|_| ()),
            house.loggia.change_member_standing(authority, id, nobody, OUT).await.map(|_| ()),
            house.loggia.change_member_standing(authority, id, caller.user, OUT).await.map(|_| ()),
        ] {
            assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
        }
    }
    assert_eq!(house.news().await, [""; 0]);
    let nowhere = house.loggia.add_member(Authority::Operator, NOWHERE, newcomer(KATHERINE)).await;
    refused!(nowhere, E::Denied(HIDDEN));
    let unknown = house.loggia.user_by_email(&KATHERINE.email()).await.expect("an answer");
    assert_eq!(unknown, None, "no refusal leaves a user behind");
}

#[tokio::test]
async fn a_member_is_added_with_a_scope_of_their_own() {
    let house = House::open().await;
    let new = NewMember { profile: known_as("kat", "7"), ..newcomer(KATHERINE) };
    let added = house
        .loggia
        .add_member(Authority::Caller(&house.ada), house.organization, new)
        .await
        .expect("a member");
    assert_eq!((added.scope, added.role, added.active), (house.scope, ScopeRole::Member, true));
    assert_eq!((added.number.get(), added.created_at), (5, house.loggia.now()));
    house.call(added.user.as_uuid(), "Katherine");
    assert_eq!(
        house.news().await,
        ["Ada created member Katherine: role - > member, active - > true, first_name - > Katherine, \
          last_name - > Johnson, username - > kat, employee_number - > 7"]
    );
    let caller = Caller::trusted(added.user, Scope::Personal(added.user));
    let own = house.loggia.me(&caller).await.expect("herself").member.expect("her own scope");
    assert_eq!((own.role, own.number.get()), (ScopeRole::Admin, 1));
    assert_eq!(own.profile.username.map(|it| it.to_string()), Some("kat".to_owned()));
    assert_eq!(own.profile.employee_number, None, "an organization's books are its own");
    let events = house.ports.views.events(Scope::Personal(added.user), None, 9).await.expect("events");
    let events: Vec<_> = events.iter().map(|(_, it)| (it.verb, it.subject_kind, it.subject)).collect();
    assert_eq!(events, [(Verb::Created, SubjectKind::Member, added.user.as_uuid())]);
}

#[tokio::test]
async fn a_person_of_another_organization_is_the_same_user_with_another_profile() {
    let house = House::open().await;
    let mut alan = newcomer(ALAN);
    alan.profile.first_name = PersonName::parse("Al").expect("a name");
    let added =
        house.loggia.add_member(Authority::Operator, house.organization, alan).await.expect("a member");
    assert_eq!(added.user, house.alan.user);
    let at_home = house.loggia.me(&house.alan).await.expect("himself").member.expect("his place");
    assert_eq!((at_home.profile, at_home.role), (ALAN.profile(), ScopeRole::Admin));
}

#[tokio::test]
async fn what_is_taken_is_named_and_nobody_is_added() {
    let house = House::open().await;
    let admin = Authority::Caller(&house.ada);
    let add = |who: Person, profile| {
        let new = NewMember { profile, ..newcomer(who) };
        house.loggia.add_member(admin, house.organization, new)
    };
    add(KATHERINE, known_as("Straße", "7")).await.expect("a member");
    house.forget_news().await;
    refused!(add(ALAN, known_as("STRASSE", "8")).await, E::UsernameTaken);
    refused!(add(ALAN, known_as("al", "7")).await, E::EmployeeNumberTaken);
    refused!(add(KATHERINE, known_as("k", "9")).await, E::AlreadyAMember);
    house.deactivate(&house.grace).await;
    refused!(add(GRACE, known_as("g", "10")).await, E::AlreadyAMember);
    assert_eq!(house.news().await, [""; 0]);
    assert!(add(ALAN, known_as("al", "8")).await.is_ok());
}

#[tokio::test]
async fn a_standing_is_changed_once_and_told() {
    let house = House::open().await;
    let change = |patch| {
        let admin = Authority::Caller(&house.ada);
        house.loggia.change_member_standing(admin, house.organization, house.grace.user, patch)
    };
    let changed = change(to(ScopeRole::Viewer)).await.expect("a change");
    assert_eq!(
        (changed.role, changed.active, changed.updated_at),
        (ScopeRole::Viewer, true, house.loggia.now())
    );
    assert_eq!(house.news().await, ["Ada updated member Grace: role member > viewer"]);
    house.wait();
    for nothing_new in [to(ScopeRole::Viewer), BACK, StandingPatch::default()] {
        assert_eq!(change(nothing_new).await.expect("no change"), changed);
    }
    assert_eq!(house.news().await, [""; 0]);
    let both = StandingPatch { role: Some(ScopeRole::Admin), active: Some(false) };
    change(both).await.expect("a change");
    assert_eq!(house.news().await, ["Ada updated member Grace: role viewer > admin, active true > false"]);
    change(BACK).await.expect("a change");
    assert_eq!(house.news().await, ["Ada updated member Grace: active false > true"]);
    let (_, role) = house.loggia.organization(&house.grace, house.organization).await.expect("hers again");
    assert_eq!(role, ScopeRole::Admin);
}

#[tokio::test]
async fn an_organization_keeps_an_active_admin() {
    let house = House::open().await;
    let change = |caller, who: &Caller, patch| {
        let (loggia, id, user) = (&house.loggia, house.organization, who.user);
        async move {
            let authority = Authority::Caller(&caller);
            loggia.change_member_standing(authority, id, user, patch).await
        }
    };
    let nobody = Caller { user: UserId::from_uuid(NOBODY), ..house.ada };
    refused!(change(house.ada, &nobody, OUT).await, E::UserNotFound);
    refused!(change(house.ada, &house.alan, OUT).await, E::UserNotFound);

    change(house.barbara, &house.barbara, to(ScopeRole::Member)).await.expect("Ada is left");
    house.forget_news().await;
    for patch in [OUT, to(ScopeRole::Member), to(ScopeRole::Viewer)] {
        refused!(change(house.ada, &house.ada, patch).await, E::LastAdmin(LastAdmin));
        let by_operator = house.loggia.change_member_standing(
            Authority::Operator,
            house.organization,
            house.ada.user,
            patch,
        );
        refused!(by_operator.await, E::LastAdmin(LastAdmin));
    }
    assert_eq!(house.news().await, [""; 0]);
    // An admin without access does not count.
    change(house.ada, &house.grace, to(ScopeRole::Admin)).await.expect("a change");
    change(house.ada, &house.grace, OUT).await.expect("Ada is left");
    refused!(change(house.ada, &house.ada, OUT).await, E::LastAdmin(LastAdmin));
    change(house.ada, &house.grace, BACK).await.expect("a second admin");
    change(house.grace, &house.ada, OUT).await.expect("now the first may go");
    refused!(change(house.ada, &house.grace, OUT).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn who_loses_access_leaves_every_roster_and_all_open_work() {
    let house = House::open().await;
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

    let admin = Authority::Caller(&house.ada);
    let gone = house.loggia.change_member_standing(admin, house.organization, house.grace.user, OUT).await;
    assert!(!gone.expect("a change").active);
    assert_eq!(
        house.news().await,
        [
            "Ada deleted membership a place: project Harbour > -, user Grace > -, role member > -",
            "Ada deleted membership a place: project Basin > -, user Grace > -, role admin > -",
            "Ada updated task Dredge: assignee Grace > -",
            "Ada updated task Pump: assignee Grace > -",
            "Ada updated member Grace: active true > false",
        ]
    );
    for before in [open, begun] {
        let now = house.task_now(before.id).await;
        assert_eq!((now.assignee, now.revision, now.updated_at), (None, 2, house.loggia.now()));
    }
    // What is finished keeps the name, and the name is still to be read.
    let kept = house.loggia.task(&house.ada, done.id).await.expect("the task");
    assert_eq!(kept.task, done);
    assert_eq!(kept.assignee.map(|member| (member.user, member.active)), Some((house.grace.user, false)));
    assert_eq!(house.task_now(adas.id).await, adas);

    // Access given back brings no place on a roster back.
    house
        .loggia
        .change_member_standing(admin, house.organization, house.grace.user, BACK)
        .await
        .expect("access");
    assert_eq!(house.news().await, ["Ada updated member Grace: active false > true"]);
    let own = OwnTasksQuery { status: None, tasks_limit: 5 };
    let tasks = house.loggia.list_own_tasks(&house.grace, ScopeChoice::Default, &own, &first(9)).await;
    let tasks = tasks.expect("a page");
    assert_eq!(tasks.items.iter().map(|group| group.total).collect::<Vec<_>>(), [1], "the finished one");
}
