//! The memberships of an account, which a change of its profile loads and writes together.

use loggia_domain::account::{AccountPatch, AccountProfile};
use loggia_domain::id::UserId;
use loggia_domain::page::MemberQuery;
use loggia_domain::port::MemberInserted;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Scope;
use loggia_domain::text::{PersonName, SearchText};
use loggia_domain::user::Member;
use uuid::Uuid;

use super::Fixture;
use super::extremes::exact;
use super::pagination::whole;
use crate::builders::{ADA, GRACE, viewer};
use crate::seed::{self, World, commit};

/// The memberships come by ascending id of the scope, with that of the personal scope; inactive ones and those of others are left out.
pub async fn active_memberships_of_a_user_are_listed_once_each_by_scope(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut own = vec![world.member.clone()];
    for name in ["Quay Works", "Pier Works"] {
        let organization = seed::organization(ports, name).await.id;
        seed::member(ports, organization, ADA, ScopeRole::Admin).await;
        own.push(seed::member(ports, organization, GRACE, ScopeRole::Viewer).await);
    }
    let left = own.pop().expect("the last one");
    let mut work = fixture.begin().await;
    let organization = left.scope.organization().expect("an organization");
    assert!(work.lock_any_organization(organization).await.expect("a lock").is_some());
    let inactive = Member { active: false, ..left };
    assert_eq!(work.update_member(&inactive).await.expect("an answer"), MemberInserted::Yes);
    commit(work).await;
    let user = world.member.user;
    let personal = fixture.views().own_member(&viewer(user), Scope::Personal(user)).await.expect("a lookup");
    own.push(personal.expect("a personal scope"));
    own.sort_by_key(|member| member.scope.id());
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_memberships_of(user).await.expect("memberships"), own);
    assert_eq!(work.lock_memberships_of(user).await.expect("memberships"), own, "the locks are held already");
    let nobody = UserId::from_uuid(Uuid::from_u128(0xdead));
    assert_eq!(work.lock_memberships_of(nobody).await.expect("none"), []);
}

/// The memberships can be written once they are loaded, each in its own scope; members are then found by the new name.
pub async fn a_profile_is_changed_in_all_memberships_of_a_user(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let elsewhere = seed::organization(ports, "Quay Works").await.id;
    let ada = seed::member(ports, elsewhere, ADA, ScopeRole::Admin).await.user;
    let grace = seed::member(ports, elsewhere, GRACE, ScopeRole::Viewer).await.user;
    let mut work = fixture.begin().await;
    let mut own = work.lock_memberships_of(grace).await.expect("memberships");
    let mut account = AccountProfile::from_member(own.first().expect("a membership"));
    account.apply(AccountPatch { last_name: PersonName::parse("Murray").ok(), ..AccountPatch::default() });
    for member in &mut own {
        assert!(member.take_over(&account, exact()).is_some());
        assert_eq!(work.update_member(member).await.expect("an answer"), MemberInserted::Yes);
    }
    commit(work).await;
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_memberships_of(grace).await.expect("memberships"), own);
    drop(work);
    for scope in [world.scope, Scope::Organization(elsewhere)] {
        for (text, expected) in [("murray", vec![grace]), ("hopper", vec![])] {
            let query = MemberQuery { search: SearchText::parse(text).ok(), ..MemberQuery::default() };
            let found = fixture.views().members(&viewer(ada), scope, &query, &whole()).await.expect("a list");
            let found: Vec<_> = found.iter().map(|member| member.user).collect();
            assert_eq!(found, expected, "{text} in {scope:?}");
        }
    }
}
