use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::{Ability, Caller};
use loggia_domain::page::PageRequest;
use loggia_domain::policy::{Denied, Forbidden, OrganizationCreation};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{Loggia, OrganizationError as E};
use loggia_domain::text::{EmployeeNumber, OrganizationName, Username};
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{ADA, GRACE, KATHERINE, email};

use crate::support::{CONFINED, HIDDEN, House, NOBODY, READ_ONLY, ROLE, newcomer, only, out, plan, reading};

const NOWHERE: OrganizationId = OrganizationId::from_uuid(NOBODY);

fn name(text: &str) -> OrganizationName {
    OrganizationName::parse(text).expect("a name")
}

#[tokio::test]
async fn the_first_organization_is_created_with_its_admin_and_a_key() {
    let ports = loggia_testkit::memory();
    let loggia = Loggia::on_ports(ports.clone()).build();
    assert!(!loggia.operator().has_organizations().await.expect("an answer"));
    let made = loggia
        .operator()
        .bootstrap(&plan("Harbour Works", ADA), true)
        .await
        .expect("a start")
        .expect("the first");
    assert!(loggia.operator().has_organizations().await.expect("an answer"));
    let scope = Scope::Organization(made.organization.id);
    assert_eq!(made.organization.name.as_str(), "Harbour Works");
    assert_eq!((made.member.scope, made.member.role, made.member.active), (scope, ScopeRole::Admin, true));
    let key = &made.issued.key;
    assert_eq!((key.user, key.default_scope), (made.member.user, scope));
    assert_eq!((key.reach, key.ability, key.expires_at), (Reach::Everywhere, Ability::Write, None));
    let caller = loggia.authenticate(&made.issued.secret).await.expect("the key opens").caller;
    assert_eq!(caller, Caller::from(key));

    let events = ports.views.events(scope, None, 9).await.expect("events");
    let appended: Vec<_> =
        events.iter().map(|(_, event)| format!("{} {}", event.verb, event.subject_kind)).collect();
    assert_eq!(appended, ["created organization", "created member", "created api_key"]);
    // A second start changes nothing.
    assert!(
        loggia.operator().bootstrap(&plan("Harbour Works", ADA), true).await.expect("an answer").is_none()
    );
    assert_eq!(ports.views.events(scope, None, 9).await.expect("events").len(), 3);
}

#[tokio::test]
async fn a_known_address_is_reused_and_not_created_twice() {
    let house = House::open().await;
    let mut again = plan("Third", ADA);
    again.email = email("ADA@Example.com");
    let made =
        house.loggia.operator().bootstrap(&again, false).await.expect("an organization").expect("made");
    assert_eq!(made.member.user, house.ada.user);
    assert_eq!(made.member.email, Some(ADA.email()), "as it was first written");
    let mine = house
        .loggia
        .acting_as(&house.ada)
        .list_organizations(&PageRequest::FIRST)
        .await
        .expect("a list")
        .items;
    let names: Vec<_> = mine.iter().map(|(organization, role)| (organization.name.as_str(), *role)).collect();
    assert_eq!(names, [("Harbour Works", ScopeRole::Admin), ("Third", ScopeRole::Admin)]);
}

#[tokio::test]
async fn organizations_are_visible_to_their_members() {
    let house = House::open().await;
    let (organization, role) = house
        .loggia
        .acting_as(&reading(&house.edsger))
        .organization(house.organization)
        .await
        .expect("theirs");
    assert_eq!((organization.id, role), (house.organization, ScopeRole::Viewer));
    for (caller, id) in [
        (house.alan, house.organization),
        (house.ada, NOWHERE),
        (only(&house.ada, house.elsewhere), house.organization),
    ] {
        refused!(house.loggia.acting_as(&caller).organization(id).await, E::Denied(HIDDEN));
    }
    let list = |caller| {
        let loggia = &house.loggia;
        async move {
            let list = loggia
                .acting_as(&caller)
                .list_organizations(&PageRequest::FIRST)
                .await
                .expect("a list")
                .items;
            list.into_iter().map(|(organization, _)| organization.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(house.alan).await, [house.elsewhere]);
    assert_eq!(list(only(&house.ada, house.elsewhere)).await, []);
    house.deactivate(&house.grace).await;
    assert_eq!(list(house.grace).await, []);
    refused!(house.loggia.acting_as(&house.grace).organization(house.organization).await, E::Denied(HIDDEN));
}

#[tokio::test]
async fn a_new_name_is_written_once_with_its_event() {
    let house = House::open().await;
    let rename = async |caller, text: &str| {
        house.loggia.acting_as(caller).rename_organization(house.organization, name(text)).await
    };
    let renamed = rename(&house.ada, "Port Works").await.expect("a name");
    assert_eq!((renamed.revision, renamed.updated_at), (2, house.loggia.now()));
    assert_eq!(
        house.news().await,
        ["Ada updated organization Harbour Works: name Harbour Works > Port Works"]
    );
    house.wait();
    assert_eq!(rename(&house.barbara, "Port Works").await.expect("no change"), renamed);
    assert_eq!(house.news().await, [""; 0]);
    let operator = house.loggia.operator();
    assert!(operator.rename_organization(house.organization, name("Harbour Works")).await.is_ok());
    assert_eq!(
        house.news().await,
        ["the operator updated organization Harbour Works: name Port Works > Harbour Works"]
    );
}

/// Tests each refusal on every use case that changes an organization.
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
        let acting = house.loggia.acting_as(&caller);
        let nobody = UserId::from_uuid(NOBODY);
        for outcome in [
            acting.rename_organization(id, name("Mine")).await.map(|_| ()),
            acting.add_member(id, newcomer(KATHERINE)).await.map(|_| ()),
            // The caller is checked before the user whom the call is about.
            acting.add_member(id, newcomer(ADA)).await.map(|_| ()),
            acting.update_member(id, nobody, out()).await.map(|_| ()),
            acting.update_member(id, caller.user, out()).await.map(|_| ()),
        ] {
            assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
        }
    }
    assert_eq!(house.news().await, [""; 0]);
    let nowhere = house.loggia.operator().add_member(NOWHERE, newcomer(KATHERINE)).await;
    refused!(nowhere, E::Denied(HIDDEN));
    let unknown = house.loggia.operator().account_by_email(&KATHERINE.email()).await.expect("an answer");
    assert_eq!(unknown, None, "no refusal leaves a user behind");
}

#[tokio::test]
async fn the_creator_of_an_organization_is_its_admin_with_the_profile_of_the_account() {
    let house = House::open().await;
    let profile = MemberPatch {
        username: Some(Username::parse("gh").ok()),
        employee_number: Some(EmployeeNumber::parse("7").ok()),
        ..MemberPatch::default()
    };
    let admin = &house.ada;
    house
        .loggia
        .acting_as(admin)
        .update_member(house.organization, house.grace.user, profile)
        .await
        .expect("a change");
    house.forget_news().await;
    let (made, role) = house
        .loggia
        .acting_as(&house.grace)
        .create_organization(name("Compilers"))
        .await
        .expect("an organization");
    assert_eq!((made.name.as_str(), made.revision, made.created_at), ("Compilers", 1, house.loggia.now()));
    let member =
        house.loggia.acting_as(&house.grace).member(made.id, house.grace.user).await.expect("her membership");
    assert_eq!(
        (role, member.role, member.number.get(), member.active),
        (ScopeRole::Admin, ScopeRole::Admin, 1, true)
    );
    let kept = (member.profile.username, member.profile.employee_number);
    assert_eq!(kept, (None, None), "another organization's records are its own");
    assert_eq!(member.email, Some(GRACE.email()));
    assert_eq!(house.news().await, [""; 0], "nothing happened where she came from");
    let events = house.ports.views.events(Scope::Organization(made.id), None, 9).await.expect("events");
    let appended: Vec<_> = events.iter().map(|(_, it)| format!("{} {}", it.verb, it.subject_kind)).collect();
    assert_eq!(appended, ["created organization", "created member"]);
    assert!(events.iter().all(|(_, event)| event.actor == house.grace.actor()));
}

#[tokio::test]
async fn a_creator_without_the_default_scope_has_the_personal_profile() {
    let house = House::open().await;
    house.deactivate(&house.grace).await;
    let (made, _) = house
        .loggia
        .acting_as(&house.grace)
        .create_organization(name("Compilers"))
        .await
        .expect("an organization");
    let member =
        house.loggia.acting_as(&house.grace).member(made.id, house.grace.user).await.expect("her membership");
    assert_eq!(member.profile, GRACE.profile());
}

#[tokio::test]
async fn confined_or_reading_keys_and_closed_instances_create_no_organization() {
    let house = House::open().await;
    let make = |caller| {
        let loggia = &house.loggia;
        async move { loggia.acting_as(&caller).create_organization(name("Mine")).await }
    };
    refused!(make(reading(&house.ada)).await, E::Denied(READ_ONLY));
    refused!(make(only(&house.ada, house.organization)).await, E::Denied(CONFINED));
    let closed = house.loggia.to_builder().organization_creation(OrganizationCreation::Operators).build();
    let refusal = Denied::Forbidden(Forbidden::CreationClosed);
    for caller in [house.ada, only(&house.ada, house.organization)] {
        let outcome = closed.acting_as(&caller).create_organization(name("Mine")).await;
        assert!(matches!(&outcome, Err(E::Denied(denied)) if *denied == refusal), "{outcome:?}");
    }
    assert_eq!(
        house
            .loggia
            .acting_as(&house.ada)
            .list_organizations(&PageRequest::FIRST)
            .await
            .expect("a list")
            .items
            .len(),
        1
    );
    assert!(closed.operator().bootstrap(&plan("The operator's", ADA), false).await.is_ok());
}
