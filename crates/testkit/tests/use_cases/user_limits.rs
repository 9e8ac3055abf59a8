//! Limits on the number of records of each user.

use loggia_domain::key::{Ability, Descendants, Overlap};
use loggia_domain::page::PageRequest;
use loggia_domain::scope::Reach;
use loggia_domain::service::{KeyError, Loggia, NewKey, NewMemberKey, OrganizationError, UserLimits};
use loggia_domain::text::{KeyName, OrganizationName};

use crate::support::{House, plan};

impl House {
    /// Returns the use cases with limits so low that a test reaches them.
    fn limited(&self) -> Loggia {
        self.loggia.to_builder().user_limits(UserLimits { live_keys: 2, organizations: 2 }).build()
    }

    fn laptop(&self) -> NewKey {
        NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: self.scope,
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        }
    }
}

fn pipeline() -> NewMemberKey {
    NewMemberKey {
        name: KeyName::parse("pipeline").expect("a name"),
        ability: Ability::Write,
        expires_at: None,
    }
}

#[tokio::test]
async fn no_user_makes_more_live_keys_than_the_limit() {
    let house = House::of_own_people().await;
    let (loggia, grace) = (house.limited(), house.grace);
    let ending = NewKey { expires_at: Some(house.loggia.now().plus_seconds(60)), ..house.laptop() };
    let first = loggia.acting_as(&grace).create_own_key(house.laptop()).await.expect("a key").key;
    loggia.acting_as(&grace).create_own_key(ending).await.expect("a key");
    let more = async || loggia.acting_as(&grace).create_own_key(house.laptop()).await;
    refused!(more().await, KeyError::TooMany { limit: 2 });
    assert!(
        loggia.acting_as(&house.edsger).create_own_key(house.laptop()).await.is_ok(),
        "each user has their own"
    );
    house.wait();
    assert!(more().await.is_ok(), "what has ended does not count");
    refused!(more().await, KeyError::TooMany { limit: 2 });
    loggia.acting_as(&grace).revoke_own_key(first.id, Descendants::Revoke).await.expect("a revocation");
    assert!(more().await.is_ok(), "nor what was revoked");
}

#[tokio::test]
async fn a_rotation_needs_room_only_if_both_keys_live() {
    let house = House::of_own_people().await;
    let (loggia, grace) = (house.limited(), house.grace);
    let key = loggia.acting_as(&grace).create_own_key(house.laptop()).await.expect("a key").key;
    loggia.acting_as(&grace).create_own_key(house.laptop()).await.expect("a key");
    let rotated = loggia.acting_as(&grace).rotate_own_key(key.id, Overlap::default()).await;
    refused!(rotated, KeyError::TooMany { limit: 2 });
    let found = house.ports.views.key(grace.user, key.id).await.expect("a look-up").expect("the key");
    assert_eq!(found, key, "nothing was changed");
    let at_once = Overlap::new(0).expect("an overlap");
    assert!(loggia.acting_as(&grace).rotate_own_key(key.id, at_once).await.is_ok());
}

#[tokio::test]
async fn keys_issued_by_admins_are_counted_separately_in_each_organization() {
    let house = House::of_own_people().await;
    let loggia = house.limited();
    let issue = async || {
        loggia.acting_as(&house.ada).issue_member_key(house.organization, house.grace.user, pipeline()).await
    };
    for _ in 0..2 {
        issue().await.expect("a key");
    }
    refused!(issue().await, KeyError::TooMany { limit: 2 });
    for _ in 0..2 {
        loggia
            .acting_as(&house.grace)
            .create_own_key(house.laptop())
            .await
            .expect("what admins issue takes no room of hers");
    }
    refused!(
        loggia.acting_as(&house.grace).create_own_key(house.laptop()).await,
        KeyError::TooMany { limit: 2 }
    );
    // A key that admins issue for themselves counts as their own.
    for _ in 0..2 {
        loggia
            .acting_as(&house.barbara)
            .issue_member_key(house.organization, house.barbara.user, pipeline())
            .await
            .expect("a key");
    }
    let own = loggia.acting_as(&house.barbara).create_own_key(house.laptop()).await;
    refused!(own, KeyError::TooMany { limit: 2 });
}

#[tokio::test]
async fn the_operator_is_bound_by_no_limit() {
    let house = House::of_own_people().await;
    let loggia = house.limited();
    for _ in 0..3 {
        let actor = loggia_domain::event::Actor::Operator;
        loggia.operator().issue_key(actor, house.grace.user, house.laptop()).await.expect("a key");
    }
    refused!(
        loggia.acting_as(&house.grace).create_own_key(house.laptop()).await,
        KeyError::TooMany { limit: 2 }
    );
    for _ in 0..3 {
        let made = loggia.operator().bootstrap(&plan("Quay", loggia_testkit::builders::GRACE), false).await;
        assert!(made.expect("an organization").is_some());
    }
}

#[tokio::test]
async fn no_user_makes_more_organizations_than_the_limit() {
    let house = House::open().await;
    let loggia = house.limited();
    let name = OrganizationName::parse("Quay").expect("a name");
    for _ in 0..2 {
        loggia.acting_as(&house.grace).create_organization(name.clone()).await.expect("an organization");
    }
    for _ in 0..2 {
        let more = loggia.acting_as(&house.grace).create_organization(name.clone()).await;
        refused!(more, OrganizationError::TooMany { limit: 2 });
    }
    let listed =
        loggia.acting_as(&house.grace).list_organizations(&PageRequest::FIRST).await.expect("a list").items;
    assert_eq!(listed.len(), 3, "those two, and the one that she was added to");
    assert!(
        loggia.acting_as(&house.edsger).create_organization(name).await.is_ok(),
        "each user has their own"
    );
}

#[test]
fn by_default_there_are_200_keys_and_100_organizations() {
    assert_eq!(UserLimits::default(), UserLimits { live_keys: 200, organizations: 100 });
}
