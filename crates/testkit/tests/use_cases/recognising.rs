//! Users whom the host authenticates itself.

use std::sync::Arc;

use loggia_domain::account::AccountPatch;
use loggia_domain::id::UserId;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::page::PageRequest;
use loggia_domain::port::mock::MockViews;
use loggia_domain::port::{Ports, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{Loggia, NewMember, OrganizationError, RecognitionError as E};
use loggia_domain::text::OrganizationName;
use loggia_testkit::builders::KATHERINE;

use crate::support::{CONFINED, House, NOBODY};

fn nobody() -> UserId {
    UserId::from_uuid(NOBODY)
}

#[tokio::test]
async fn an_account_is_recognised_with_access_to_all_of_its_scopes() {
    let house = House::open().await;
    for scope in [house.scope, Scope::Personal(house.grace.user)] {
        let grace = house.loggia.recognise(house.grace.user, scope).await.expect("an account");
        assert_eq!((grace.user, grace.key, grace.default_scope), (house.grace.user, None, scope));
        assert_eq!((grace.reach, grace.ability), (Reach::Everywhere, Ability::Write));
        let shown = house.loggia.acting_as(&grace).organization(house.organization).await;
        assert_eq!(shown.expect("her organization").1, ScopeRole::Member);
    }
}

#[tokio::test]
async fn a_machine_and_an_own_person_are_confined_to_their_organization() {
    let house = House::open().await;
    let (person, machine) = (KATHERINE.profile(), KATHERINE.profile());
    for new in [
        NewMember::machine(machine, ScopeRole::Admin),
        NewMember::person(KATHERINE.email(), person, ScopeRole::Admin),
    ] {
        let own = house.loggia.operator().add_member(house.organization, new).await.expect("a member");
        let caller = house.loggia.recognise(own.user, own.scope).await.expect("a member");
        assert_eq!((caller.reach, caller.ability), (Reach::Only(house.organization), Ability::Write));
        let name = OrganizationName::parse("Mole Works").expect("a name");
        let founded = house.loggia.acting_as(&caller).create_organization(name).await;
        refused!(founded, OrganizationError::Denied(CONFINED));
    }
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_unknown_and_no_corrupt_row() {
    let house = House::open().await;
    for scope in [house.scope, Scope::Personal(nobody())] {
        refused!(house.loggia.recognise(nobody(), scope).await, E::UnknownUser);
        // A caller whom the host did not look up is refused as one whose key was deleted with its user.
        let unchecked = house.loggia.acting_as(&Caller::unchecked(nobody(), scope));
        refused!(unchecked.me(&PageRequest::FIRST).await, StoreError::UnknownCaller);
        let changed = unchecked.change_own_profile(AccountPatch::default()).await;
        refused!(changed, OrganizationError::Store(StoreError::UnknownCaller));
    }
}

#[tokio::test]
async fn a_user_is_recognised_as_an_active_member_of_the_default_scope_only() {
    let house = House::of_own_people().await;
    refused!(house.loggia.recognise(house.alan.user, house.scope).await, E::NotInScope);
    refused!(house.loggia.recognise(house.ada.user, Scope::Personal(house.alan.user)).await, E::NotInScope);
    // Grace is Harbour Works' own, so she has no personal scope.
    refused!(
        house.loggia.recognise(house.grace.user, Scope::Personal(house.grace.user)).await,
        E::NotInScope
    );
    house.deactivate(&house.grace).await;
    refused!(house.loggia.recognise(house.grace.user, house.scope).await, E::Inactive);
    let erased = house.loggia.operator().erase_member(house.organization, house.edsger.user).await;
    erased.expect("an erasure");
    refused!(house.loggia.recognise(house.edsger.user, house.scope).await, E::Inactive);
}

#[tokio::test]
async fn recognising_a_member_asks_the_store_once() {
    let house = House::open().await;
    let grace = house.loggia.acting_as(&house.ada).member(house.organization, house.grace.user).await;
    let grace = grace.expect("a member");
    let (user, scope) = (grace.user, grace.scope);
    let mut views = MockViews::new();
    // A call of any other method, which is not expected, would fail the test.
    views.expect_own_member().times(1).return_once(|_, _| Ok(Some(grace)));
    let loggia = Loggia::on_ports(Ports { views: Arc::new(views), ..loggia_testkit::memory() }).build();
    assert_eq!(loggia.recognise(user, scope).await.expect("a member").user, user);

    let mut views = MockViews::new();
    views.expect_own_member().times(1).return_once(|_, _| Err(StoreError::Unavailable(None)));
    let loggia = Loggia::on_ports(Ports { views: Arc::new(views), ..loggia_testkit::memory() }).build();
    refused!(loggia.recognise(user, scope).await, E::Store(StoreError::Unavailable(_)));
}
