//! The current user's keys: created, listed, revoked and rotated by their user, and never with more reach than the key of the call.

use loggia_domain::id::{KeyId, OrganizationId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, Caller, Descendants, KeyNotLive, KeySecret, Overlap};
use loggia_domain::page::PageRequest;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, KeyError as E, NewKey};
use loggia_domain::text::KeyName;

use crate::support::{CONFINED, House, NOBODY, READ_ONLY, only, reading};

fn laptop(default_scope: Scope, reach: Reach) -> NewKey {
    NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope,
        reach,
        ability: Ability::Write,
        expires_at: None,
    }
}

impl House {
    async fn own_key(&self, who: &Caller, reach: Reach) -> Result<IssuedKey, E> {
        let issued = self.loggia.acting_as(who).create_own_key(laptop(self.scope, reach)).await?;
        self.call(issued.key.id.as_uuid(), "the key");
        Ok(issued)
    }

    async fn opens(&self, secret: &KeySecret) -> bool {
        self.loggia.authenticate(secret).await.is_ok()
    }

    async fn own_ids(&self, who: &Caller) -> Vec<KeyId> {
        let keys = self.loggia.acting_as(who).own_keys(&PageRequest::FIRST).await.expect("a list").items;
        keys.iter().map(|key| key.id).collect()
    }
}

fn seconds(seconds: u32) -> Overlap {
    Overlap::new(seconds).expect("an overlap")
}

#[tokio::test]
async fn a_key_is_made_listed_and_revoked_by_its_user() {
    let house = House::open().await;
    let issued = house.own_key(&house.grace, Reach::Everywhere).await.expect("a key");
    assert_eq!(issued.key.prefix, Some(issued.secret.prefix()));
    assert_eq!(house.news().await.len(), 1);
    assert_eq!(house.own_ids(&reading(&house.grace)).await, [issued.key.id]);
    assert!(!house.own_ids(&house.ada).await.contains(&issued.key.id));

    let revoked = house
        .loggia
        .acting_as(&house.grace)
        .revoke_own_key(issued.key.id, Descendants::Revoke)
        .await
        .expect("a revocation");
    assert_eq!(revoked.key.revoked_at, Some(house.loggia.now()));
    assert!(!house.opens(&issued.secret).await);
    assert_eq!(
        house.news().await,
        [format!("Grace updated api_key the key: revoked_at - > {}", house.loggia.now().to_rfc3339())]
    );
    house.wait();
    let again = house
        .loggia
        .acting_as(&house.grace)
        .revoke_own_key(issued.key.id, Descendants::Revoke)
        .await
        .expect("no change");
    assert_eq!((again, house.news().await), (revoked, vec![]));
}

#[tokio::test]
async fn keys_of_others_are_not_found_and_a_reading_key_changes_nothing() {
    let house = House::open().await;
    let key = house.own_key(&house.grace, Reach::Everywhere).await.expect("a key").key.id;
    house.forget_news().await;
    for (caller, id) in [(house.ada, key), (house.alan, key), (house.grace, KeyId::from_uuid(NOBODY))] {
        refused!(
            house.loggia.acting_as(&caller).revoke_own_key(id, Descendants::Revoke).await,
            E::KeyNotFound
        );
        refused!(house.loggia.acting_as(&caller).rotate_own_key(id, seconds(0)).await, E::KeyNotFound);
    }
    let reader = reading(&house.grace);
    refused!(house.own_key(&reader, Reach::Everywhere).await, E::Denied(READ_ONLY));
    refused!(
        house.loggia.acting_as(&reader).revoke_own_key(key, Descendants::Revoke).await,
        E::Denied(READ_ONLY)
    );
    refused!(house.loggia.acting_as(&reader).rotate_own_key(key, seconds(0)).await, E::Denied(READ_ONLY));
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_narrow_key_makes_sees_and_ends_only_keys_as_narrow_as_itself() {
    let house = House::open().await;
    let (wide, narrow) = (Reach::Everywhere, Reach::Only(house.organization));
    let wide_key = house.own_key(&house.grace, wide).await.expect("a key").key.id;
    let caller = only(&house.grace, house.organization);
    refused!(house.own_key(&caller, wide).await, E::Denied(CONFINED));
    let other = Reach::Only(OrganizationId::from_uuid(NOBODY));
    refused!(house.own_key(&caller, other).await, E::Denied(CONFINED));
    let narrow_key = house.own_key(&caller, narrow).await.expect("a key").key.id;
    assert_eq!(house.own_ids(&caller).await, [narrow_key]);
    assert_eq!(house.own_ids(&house.grace).await, [wide_key, narrow_key]);
    refused!(
        house.loggia.acting_as(&caller).revoke_own_key(wide_key, Descendants::Revoke).await,
        E::KeyNotFound
    );
    refused!(house.loggia.acting_as(&caller).rotate_own_key(wide_key, seconds(0)).await, E::KeyNotFound);
    assert!(house.loggia.acting_as(&caller).revoke_own_key(narrow_key, Descendants::Revoke).await.is_ok());
    // The reach of a key must cover its default scope.
    let personal = laptop(Scope::Personal(house.grace.user), narrow);
    refused!(house.loggia.acting_as(&caller).create_own_key(personal).await, E::NotInScope);
}

#[tokio::test]
async fn a_rotated_key_lives_on_for_the_overlap_beside_one_that_is_like_it() {
    let house = House::open().await;
    let end = house.loggia.now().plus_seconds(3_600);
    let new = NewKey {
        expires_at: Some(end),
        ability: Ability::Read,
        ..laptop(house.scope, Reach::Only(house.organization))
    };
    let old = house.loggia.acting_as(&house.grace).create_own_key(new).await.expect("a key");
    house.call(old.key.id.as_uuid(), "the old key");
    house.forget_news().await;
    house.wait();
    let rotated =
        house.loggia.acting_as(&house.grace).rotate_own_key(old.key.id, seconds(60)).await.expect("a key");
    house.call(rotated.key.id.as_uuid(), "the new key");
    assert_eq!((&rotated.key.name, rotated.key.default_scope), (&old.key.name, old.key.default_scope));
    assert_eq!((rotated.key.reach, rotated.key.ability), (old.key.reach, old.key.ability));
    assert_eq!((rotated.key.expires_at, rotated.key.created_at), (Some(end), house.loggia.now()));
    assert!(rotated.key.id != old.key.id && rotated.secret != old.secret);
    let news = house.news().await;
    assert!(news[0].starts_with("Grace created api_key the new key: "), "{news:?}");
    let until = house.loggia.now().plus_seconds(60).to_rfc3339();
    assert_eq!(
        news[1..],
        [format!("Grace updated api_key the old key: expires_at {} > {until}", end.to_rfc3339())]
    );

    assert!(house.opens(&old.secret).await && house.opens(&rotated.secret).await, "both, for the overlap");
    house.clock.advance_micros(59_999_999);
    assert!(house.opens(&old.secret).await, "a microsecond before its end");
    house.clock.advance_micros(1);
    assert!(!house.opens(&old.secret).await && house.opens(&rotated.secret).await);
    refused!(
        house.loggia.acting_as(&house.grace).rotate_own_key(old.key.id, seconds(0)).await,
        E::NotLive(KeyNotLive)
    );
}

#[tokio::test]
async fn an_overlap_of_zero_ends_the_old_key_at_once_and_no_overlap_prolongs_it() {
    let house = House::open().await;
    let old = house.own_key(&house.grace, Reach::Everywhere).await.expect("a key");
    let new =
        house.loggia.acting_as(&house.grace).rotate_own_key(old.key.id, seconds(0)).await.expect("a key");
    assert!(!house.opens(&old.secret).await && house.opens(&new.secret).await);

    let soon = house.loggia.now().plus_seconds(10);
    let ending = NewKey { expires_at: Some(soon), ..laptop(house.scope, Reach::Everywhere) };
    let ending = house.loggia.acting_as(&house.grace).create_own_key(ending).await.expect("a key").key;
    house.forget_news().await;
    house.loggia.acting_as(&house.grace).rotate_own_key(ending.id, Overlap::default()).await.expect("a key");
    let kept = house.ports.views.key(house.grace.user, ending.id).await.expect("a look-up").expect("the key");
    assert_eq!(kept, ending);
    assert_eq!(house.news().await.len(), 1, "the old key is as it was");
}

#[tokio::test]
async fn a_user_without_access_to_the_scope_cannot_rotate_a_key_for_it() {
    let house = House::open().await;
    let old = house.own_key(&house.grace, Reach::Everywhere).await.expect("a key");
    house.deactivate(&house.grace).await;
    refused!(
        house.loggia.acting_as(&house.grace).rotate_own_key(old.key.id, seconds(0)).await,
        E::NotInScope
    );
    assert!(house.opens(&old.secret).await, "nothing was changed");
}

#[tokio::test]
async fn the_last_use_is_recorded_to_the_hour_and_once_an_hour() {
    let house = House::open().await;
    let issued = house.own_key(&house.grace, Reach::Everywhere).await.expect("a key");
    house.forget_news().await;
    let unrecorded =
        || async { house.loggia.authenticate(&issued.secret).await.expect("it opens").use_is_unrecorded };
    let recorded = || async {
        let key = house.ports.views.key(house.grace.user, issued.key.id).await.expect("a look-up");
        key.expect("the key").last_used_at
    };
    assert!(unrecorded().await);
    assert_eq!(recorded().await, None, "to authenticate writes nothing");
    house.loggia.touch_key(issued.key.id).await.expect("a note");
    let hour = house.loggia.now().start_of_hour();
    assert_eq!((recorded().await, unrecorded().await), (Some(hour), false));
    let rest = hour.plus_seconds(3_600).micros() - house.loggia.now().micros();
    house.clock.advance_micros(rest - 1);
    assert!(!unrecorded().await);
    house.clock.advance_micros(1);
    assert!(unrecorded().await);
    house.loggia.touch_key(issued.key.id).await.expect("a note");
    assert_eq!(recorded().await, Timestamp::from_micros(hour.micros() + 3_600_000_000).ok());
    assert_eq!(house.news().await, [""; 0], "no event reports it");
    house.loggia.touch_key(KeyId::from_uuid(NOBODY)).await.expect("nothing to note");
}
