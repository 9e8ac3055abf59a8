use loggia_domain::event::Actor;
use loggia_domain::id::KeyId;
use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, ApiKey, Caller, Descendants, KeySecret};
use loggia_domain::page::PageRequest;
use loggia_domain::port::Includes;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{AuthenticationError, Bootstrap, IssuedKey, KeyError as E, NewKey, SpaceError};
use loggia_domain::space::NewSpace;
use loggia_domain::text::KeyName;
use loggia_testkit::builders::KATHERINE;

use crate::support::{HIDDEN, House, NO_SCOPE, NOBODY, READ_ONLY, plan, space_name};

fn laptop(default_scope: Scope) -> NewKey {
    NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope,
        reach: Reach::Everywhere,
        ability: Ability::Write,
        expires_at: None,
    }
}

impl House {
    async fn issue(&self, who: &Caller, new: NewKey) -> Result<IssuedKey, E> {
        self.loggia.operator().issue_key(who.actor(), who.user, new).await
    }
}

#[tokio::test]
async fn a_key_grants_what_it_states_and_its_event_omits_the_secret() {
    let house = House::open().await;
    let issued = house.issue(&house.grace, laptop(house.scope)).await.expect("a key");
    assert_eq!((issued.key.user, issued.key.created_at), (house.grace.user, house.loggia.now()));
    assert_eq!((issued.key.expires_at, issued.key.revoked_at), (None, None));
    let caller = house.loggia.authenticate(&issued.secret).await.expect("it opens").caller;
    assert_eq!(caller, Caller::from(&issued.key));
    house.call(issued.key.id.as_uuid(), "laptop key");
    let news = house.news().await;
    assert_eq!(
        news,
        ["Grace created api_key laptop key: user - > Grace, name - > laptop, ability - > write"]
    );
    assert!(!news[0].contains(issued.secret.expose()));
    // Events of a call name the key of the call.
    let space = house
        .loggia
        .acting_as(&caller)
        .create_space(ScopeChoice::Default, NewSpace::named(space_name("Quay")))
        .await
        .expect("a space");
    assert_eq!(space.created_by, house.grace.user);
    let events = house.ports.views.events(house.scope, None, 1_000).await.expect("events");
    let last = &events.last().expect("the space").1;
    assert_eq!(last.actor, Actor::User { user: house.grace.user, key: Some(issued.key.id) });
}

#[tokio::test]
async fn unknown_expired_and_revoked_keys_are_refused_alike() {
    let house = House::open().await;
    let made_up = KeySecret::from_entropy([7; 32]);
    refused!(house.loggia.authenticate(&made_up).await, AuthenticationError::InvalidKey);

    let end = house.loggia.now().plus_seconds(60);
    let ending = NewKey { expires_at: Some(end), ..laptop(house.scope) };
    let ending = house.issue(&house.ada, ending).await.expect("a key").secret;
    house.clock.advance_micros(59_999_999);
    assert!(house.loggia.authenticate(&ending).await.is_ok(), "a microsecond before");
    house.clock.advance_micros(1);
    refused!(house.loggia.authenticate(&ending).await, AuthenticationError::InvalidKey);

    let revoked = house.issue(&house.ada, laptop(house.scope)).await.expect("a key");
    house
        .loggia
        .operator()
        .revoke_key(house.ada.actor(), None, revoked.key.id, Descendants::Revoke)
        .await
        .expect("a revocation");
    refused!(house.loggia.authenticate(&revoked.secret).await, AuthenticationError::InvalidKey);
}

#[tokio::test]
async fn a_key_is_issued_only_for_where_its_user_has_access() {
    let house = House::open().await;
    let elsewhere = Scope::Organization(house.elsewhere);
    let at_home = Scope::Personal(house.grace.user);
    let narrow = |default_scope| NewKey { reach: Reach::Only(house.organization), ..laptop(default_scope) };
    refused!(house.issue(&house.grace, laptop(elsewhere)).await, E::NotInScope);
    refused!(house.issue(&house.grace, laptop(Scope::Personal(house.ada.user))).await, E::NotInScope);
    refused!(house.issue(&house.grace, narrow(at_home)).await, E::NotInScope);
    assert!(house.issue(&house.grace, laptop(at_home)).await.is_ok());
    assert!(house.issue(&house.grace, narrow(house.scope)).await.is_ok());
    house.deactivate(&house.grace).await;
    refused!(house.issue(&house.grace, laptop(house.scope)).await, E::NotInScope);
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn a_key_ends_after_now() {
    let house = House::open().await;
    let until = |end| NewKey { expires_at: Some(end), ..laptop(house.scope) };
    let now = house.loggia.now();
    let next = Timestamp::from_micros(now.micros() + 1).expect("a time");
    refused!(house.issue(&house.ada, until(now.plus_seconds(-1))).await, E::AlreadyExpired);
    refused!(house.issue(&house.ada, until(now)).await, E::AlreadyExpired);
    assert!(house.issue(&house.ada, until(next)).await.is_ok());
}

#[tokio::test]
async fn a_key_is_revoked_once_by_its_owner_or_by_the_operator() {
    let house = House::open().await;
    let key = house.issue(&house.grace, laptop(house.scope)).await.expect("a key").key;
    house.call(key.id.as_uuid(), "laptop key");
    house.forget_news().await;
    let revoke = async |owner, id| {
        house.loggia.operator().revoke_key(house.grace.actor(), owner, id, Descendants::Revoke).await
    };
    refused!(revoke(None, KeyId::from_uuid(NOBODY)).await, E::KeyNotFound);
    refused!(revoke(Some(house.ada.user), key.id).await, E::KeyNotFound);
    assert_eq!(house.news().await, [""; 0]);

    let revoked = revoke(Some(house.grace.user), key.id).await.expect("a revocation");
    assert_eq!(revoked.key.revoked_at, Some(house.loggia.now()));
    assert_eq!(
        house.news().await,
        [format!("Grace updated api_key laptop key: revoked_at - > {}", house.loggia.now().to_rfc3339())]
    );
    house.wait();
    assert_eq!(revoke(None, key.id).await.expect("no change"), revoked, "the first time counts");
    assert_eq!(house.news().await, [""; 0]);
}

#[tokio::test]
async fn keys_of_a_user_are_listed_oldest_first_including_revoked_ones() {
    let house = House::open().await;
    let mut issued = Vec::new();
    for _ in 0..3 {
        issued.push(house.issue(&house.grace, laptop(house.scope)).await.expect("a key").key.id);
        house.wait();
    }
    house
        .loggia
        .operator()
        .revoke_key(house.grace.actor(), None, issued[0], Descendants::Revoke)
        .await
        .expect("a revocation");
    let listed =
        house.loggia.operator().keys(house.grace.user, &PageRequest::FIRST).await.expect("a list").items;
    assert_eq!(listed.iter().map(|key| key.id).collect::<Vec<_>>(), issued);
    assert!(listed[0].revoked_at.is_some());
}

#[tokio::test]
async fn me_returns_the_user_the_key_the_membership_and_the_organizations() {
    let house = House::open().await;
    let issued = house.issue(&house.grace, laptop(house.scope)).await.expect("a key");
    let caller = Caller::from(&issued.key);
    let me = house.loggia.acting_as(&caller).me(&PageRequest::FIRST).await.expect("herself");
    assert_eq!((me.user.id, me.key.map(|key| key.id)), (house.grace.user, Some(issued.key.id)));
    assert_eq!(me.member.map(|member| (member.scope, member.role)), Some((house.scope, ScopeRole::Member)));
    let organizations: Vec<_> = me.organizations.items.iter().map(|(it, role)| (it.id, *role)).collect();
    assert_eq!(organizations, [(house.organization, ScopeRole::Member)]);
    // The key outlives the access, and then gives access to nothing of the organization.
    house.deactivate(&house.grace).await;
    let me = house.loggia.acting_as(&caller).me(&PageRequest::FIRST).await.expect("herself");
    assert_eq!((me.member, me.organizations.items), (None, vec![]));
}

#[tokio::test]
async fn a_reading_key_reads_and_a_narrow_key_stays_in_its_organization() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    let new =
        NewKey { ability: Ability::Read, reach: Reach::Only(house.organization), ..laptop(house.scope) };
    let issued = house.issue(&house.grace, new).await.expect("a key");
    let caller = house.loggia.authenticate(&issued.secret).await.expect("it opens").caller;
    assert!(house.loggia.acting_as(&caller).space(space.id, Includes::default()).await.is_ok());
    refused!(house.loggia.acting_as(&caller).delete_space(space.id).await, SpaceError::Denied(READ_ONLY));
    let pier = NewSpace::named(space_name("Pier"));
    let personal = house.loggia.acting_as(&caller).create_space(ScopeChoice::Personal, pier.clone()).await;
    refused!(personal, SpaceError::Denied(NO_SCOPE));
    let own =
        house.loggia.acting_as(&house.grace).create_space(ScopeChoice::Personal, pier).await.expect("hers");
    let seen = house.loggia.acting_as(&caller).space(own.id, Includes::default()).await;
    refused!(seen, SpaceError::Denied(HIDDEN));
}

#[tokio::test]
async fn a_first_key_that_is_not_used_ends_after_a_day() {
    let house = House::open().await;
    let first = Bootstrap { key_ends_unless_used: true, ..plan("Lighthouse", KATHERINE) };
    let made =
        house.loggia.operator().bootstrap(&first, false).await.expect("an organization").expect("one more");
    let (key, secret) = (made.issued.key, made.issued.secret);
    assert_eq!(key.expires_at, Some(house.loggia.now().plus_seconds(24 * 60 * 60)));
    house.clock.advance_seconds(ApiKey::UNUSED_SECONDS - 1);
    let authenticated = house.loggia.authenticate(&secret).await.expect("it opens");
    assert!(authenticated.ends_unless_used, "its host must keep it");
    house.clock.advance_seconds(1);
    let refused = house.loggia.authenticate(&secret).await;
    assert_eq!(refused.map_err(|error| matches!(error, AuthenticationError::InvalidKey)), Err(true));
    // The call was authenticated before the expiry, and its host keeps the key only now.
    let late = house.loggia.keep_key(key.id).await;
    assert!(matches!(late, Err(AuthenticationError::InvalidKey)), "{late:?}");
    assert_eq!(
        house.loggia.operator().keys(key.user, &PageRequest::FIRST).await.expect("a list").items,
        [key],
        "nothing was written"
    );
}

#[tokio::test]
async fn a_first_key_that_is_used_within_a_day_stays() {
    let house = House::open().await;
    let first = Bootstrap { key_ends_unless_used: true, ..plan("Lighthouse", KATHERINE) };
    let made =
        house.loggia.operator().bootstrap(&first, false).await.expect("an organization").expect("one more");
    let (key, secret) = (made.issued.key, made.issued.secret);
    house.clock.advance_seconds(ApiKey::UNUSED_SECONDS - 1);
    let events = async || house.ports.views.events(key.default_scope, None, 1_000).await.expect("events");
    let before = events().await.len();
    for _ in 0..3 {
        house.loggia.keep_key(key.id).await.expect("it is used");
    }
    let appended = events().await.split_off(before);
    assert_eq!(appended.len(), 1, "only the first use appends an event: {appended:?}");
    assert_eq!(appended[0].1.actor, Actor::User { user: key.user, key: Some(key.id) });
    house.clock.advance_seconds(365 * ApiKey::UNUSED_SECONDS);
    let authenticated = house.loggia.authenticate(&secret).await.expect("it opens for good");
    assert!(!authenticated.ends_unless_used);
    let nobody = house.loggia.keep_key(KeyId::from_uuid(NOBODY)).await;
    assert!(matches!(nobody, Err(AuthenticationError::InvalidKey)), "{nobody:?}");
}
