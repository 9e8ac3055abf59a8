//! The owners of claims, and the callers who get a stored response.

use loggia_domain::key::{Ability, Descendants};
use loggia_domain::once::{Claim, Once, StoredResponse};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::Reach;
use loggia_domain::service::{NewKey, NewMember, SpaceError as E};
use loggia_domain::text::{KeyName, OrganizationName};
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{BARBARA, claim};

use crate::once::{change, done, kept, make, response_for};
use crate::support::{House, READ_ONLY, only, out, reading};

#[tokio::test]
async fn a_former_member_does_not_get_a_stored_response_of_that_scope() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let space = done(make(&house.loggia, &house.grace, &once, "Quay").await).expect("a space");
    house.deactivate(&house.grace).await;
    let outcome = make(&house.loggia, &house.grace, &once, "Quay").await.expect("an answer");
    assert!(matches!(outcome, Once::NoLonger), "{outcome:?}");
    // A request with another fingerprint is reported as such, whichever scopes the caller has access to.
    let other = Claim { fingerprint: [2; 32], ..once.clone() };
    let outcome = make(&house.loggia, &house.grace, &other, "Quay").await.expect("an answer");
    assert!(matches!(outcome, Once::OtherRequest), "{outcome:?}");
    let back = MemberPatch { active: Some(true), role: Some(ScopeRole::Viewer), ..MemberPatch::default() };
    change(&house, &house.grace, back).await;
    assert_eq!(kept(make(&house.loggia, &house.grace, &once, "Quay").await), response_for(&space));
}

/// The response of creating an organization belongs to that new organization, and is withheld from a user who has lost access to it.
#[tokio::test]
async fn the_response_of_creating_an_organization_belongs_to_it() {
    let house = House::open().await;
    let (grace, once) = (house.grace, claim("POST /v1/organizations", "once"));
    let found = async || {
        let outcome = house.loggia.once(&grace, &once, move |acting| async move {
            let name = OrganizationName::parse("Mole Works").expect("a name");
            let made = acting.create_organization(name).await;
            let answer =
                made.as_ref().ok().map(|(made, _)| StoredResponse::Shown(made.id.to_string().into()));
            (made, answer)
        });
        outcome.await
    };
    let (made, _) = done(found().await).expect("an organization");
    assert_eq!(kept(found().await), StoredResponse::Shown(made.id.to_string().into()));
    let new = NewMember::person(BARBARA.email(), BARBARA.profile(), ScopeRole::Admin);
    house.loggia.operator().add_member(made.id, new).await.expect("another admin");
    house.loggia.operator().update_member(made.id, grace.user, out()).await.expect("a change");
    let outcome = found().await.expect("an answer");
    assert!(matches!(outcome, Once::NoLonger), "{outcome:?}");
}

/// The response concerns the caller only, whichever scopes they have access to.
#[tokio::test]
async fn the_response_of_revoking_an_own_key_is_repeated_to_a_former_member() {
    let house = House::open().await;
    let (grace, once) = (house.grace, claim("POST /v1/keys/revoke", "once"));
    let new = NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope: house.scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        expires_at: None,
    };
    let id = house.loggia.acting_as(&grace).create_own_key(new).await.expect("a key").key.id;
    let revoke = async || {
        let outcome = house.loggia.once(&grace, &once, move |acting| async move {
            (
                acting.revoke_own_key(id, Descendants::Revoke).await,
                Some(StoredResponse::Shown(b"revoked".to_vec())),
            )
        });
        outcome.await
    };
    done(revoke().await).expect("it was there");
    house.deactivate(&house.grace).await;
    assert_eq!(kept(revoke().await), StoredResponse::Shown(b"revoked".to_vec()));
}

#[tokio::test]
async fn an_equal_key_of_another_user_or_reach_is_another_request() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let narrow = only(&house.ada, house.organization);
    for caller in [&house.ada, &house.grace, &narrow, &house.alan] {
        done(make(&house.loggia, caller, &once, "Quay").await).expect("a space");
    }
    assert_eq!(house.news().await.len(), 3, "three of them in Harbour Works");
}

#[tokio::test]
async fn a_key_that_may_only_read_is_refused_and_shown_nothing() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let read = reading(&house.grace);
    refused!(done(make(&house.loggia, &read, &once, "Quay").await), E::Denied(READ_ONLY));
    done(make(&house.loggia, &house.grace, &once, "Quay").await).expect("nothing was claimed");
    refused!(done(make(&house.loggia, &read, &once, "Quay").await), E::Denied(READ_ONLY));
}
