//! Keys are found by the digest of their secret, live or not, and by their own user.

use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, Caller, KeyHash};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, Readmissions, Scope, Viewer};

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, ALAN, GRACE, viewer};
use crate::seed::{self, World, commit};

/// A digest finds its own key; another digest finds none.
pub async fn a_key_is_found_by_its_digest_alone(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let ada = builders::key(ports, world.admin.user, world.scope);
    let grace = builders::key(ports, world.member.user, Scope::Personal(world.member.user));
    let (ada_hash, grace_hash) =
        (seed::key(ports, &ada, "ada").await, seed::key(ports, &grace, "grace").await);
    let views = fixture.views();
    assert_eq!(views.key_by_hash(&ada_hash).await.expect("a look-up").as_ref(), Some(&ada));
    assert_eq!(views.key_by_hash(&grace_hash).await.expect("a look-up").as_ref(), Some(&grace));
    for other in [ports.secrets.digest("Ada"), KeyHash::from_bytes([0; 32]), KeyHash::from_bytes([0xff; 32])]
    {
        assert_eq!(views.key_by_hash(&other).await.expect("a look-up"), None);
    }
    assert_eq!(views.key(world.admin.user, ada.id).await.expect("a look-up"), Some(ada.clone()));
    assert_eq!(views.key(world.member.user, ada.id).await.expect("a look-up"), None, "it is not hers");
    assert_eq!(views.keys(&viewer(world.admin.user), &whole()).await.expect("a list"), [ada]);
    assert_eq!(views.keys(&viewer(world.member.user), &whole()).await.expect("a list"), [grace]);
    assert_eq!(views.keys(&viewer(world.viewer.user), &whole()).await.expect("a list"), []);
}

/// Look-ups of keys in an empty store find nothing and do not fail.
pub async fn an_empty_store_has_no_key(fixture: &Fixture) {
    let ports = &fixture.ports;
    let nobody = builders::user(ports, ALAN).id;
    let key = builders::key(ports, nobody, Scope::Personal(nobody));
    let (views, hash, now) = (fixture.views(), ports.secrets.digest("made up"), ports.clock.now());
    assert_eq!(views.key_by_hash(&hash).await.expect("a look-up"), None);
    assert_eq!(views.key(nobody, key.id).await.expect("a look-up"), None);
    assert_eq!(views.keys(&viewer(nobody), &whole()).await.expect("a list"), []);
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_key(key.id).await.expect("a lock"), None);
    assert_eq!(work.lock_live_children(&[key.id], now).await.expect("a list"), []);
}

/// A revoked key is still found, with all its fields and the time of its revocation.
pub async fn a_revoked_key_stays_readable_with_the_time_of_its_revocation(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut key = builders::key(ports, world.admin.user, world.scope);
    let end = key.created_at.plus_seconds(60);
    key.expires_at = Some(end);
    let bystander = builders::key(ports, world.admin.user, world.scope);
    let hash = seed::key(ports, &key, "ada").await;
    seed::key(ports, &bystander, "another").await;
    assert!(key.is_live(key.created_at) && !key.is_live(end), "it lives until its end");
    let now = Timestamp::from_micros(key.created_at.micros() + 7).expect("a time");
    let revoked = ApiKey { revoked_at: Some(now), ..key.clone() };
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_key(key.id).await.expect("a lock"), Some(key));
    work.update_key(&revoked).await.expect("an update");
    commit(work).await;
    let found = fixture.views().key_by_hash(&hash).await.expect("a look-up");
    assert_eq!(found.as_ref(), Some(&revoked));
    let keys = fixture.views().keys(&viewer(world.admin.user), &whole()).await.expect("a list");
    assert_eq!(keys, [revoked, bystander], "the other is as it was");
    let mut work = fixture.begin().await;
    let nothing = loggia_domain::id::KeyId::from_uuid(ports.ids.next());
    assert_eq!(work.lock_key(nothing).await.expect("a lock"), None);
}

/// An update writes that a key loses the expiry that it had unless it was used, and that it has one again.
pub async fn a_used_key_loses_the_expiry_that_it_had_unless_used(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut unused = builders::key(ports, world.admin.user, world.scope);
    unused.expires_at = Some(unused.created_at.plus_seconds(60));
    unused.ends_unless_used = true;
    let hash = seed::key(ports, &unused, "ada").await;
    assert_eq!(fixture.views().key_by_hash(&hash).await.expect("a look-up").as_ref(), Some(&unused));
    let mut kept = unused.clone();
    kept.keep(kept.created_at).expect("it is live");
    for key in [kept, unused] {
        let mut work = fixture.begin().await;
        assert!(work.lock_key(key.id).await.expect("a lock").is_some());
        work.update_key(&key).await.expect("an update");
        commit(work).await;
        assert_eq!(fixture.views().key_by_hash(&hash).await.expect("a look-up"), Some(key));
    }
}

/// An earlier expiry of a key changes no other field.
pub async fn the_expiry_of_a_key_can_be_moved_to_an_earlier_time(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.admin.user, world.scope);
    let bystander = builders::key(ports, world.admin.user, world.scope);
    seed::key(ports, &key, "ada").await;
    seed::key(ports, &bystander, "another").await;
    let ended = ApiKey { expires_at: Some(key.created_at.plus_seconds(60)), ..key.clone() };
    for state in [&ended, &key] {
        let mut work = fixture.begin().await;
        assert!(work.lock_key(key.id).await.expect("a lock").is_some());
        work.update_key(state).await.expect("an update");
        commit(work).await;
        let keys = fixture.views().keys(&viewer(world.admin.user), &whole()).await.expect("a list");
        assert_eq!(keys, [state.clone(), bystander.clone()], "the other is as it was");
    }
}

/// The last use is the latest hour that was recorded, whatever else is written about the key.
pub async fn the_hour_of_a_keys_last_use_is_stored_and_never_decreases(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.admin.user, world.scope);
    let bystander = builders::key(ports, world.admin.user, world.scope);
    let hash = seed::key(ports, &key, "ada").await;
    seed::key(ports, &bystander, "another").await;
    let hour = key.created_at.start_of_hour();
    let later = hour.plus_seconds(3_600);
    for (touched, recorded) in [(hour, hour), (hour, hour), (later, later), (hour, later)] {
        let mut work = fixture.begin().await;
        work.touch_key(key.id, touched).await.expect("a note");
        commit(work).await;
        let found = fixture.views().key_by_hash(&hash).await.expect("a look-up").expect("the key");
        assert_eq!(found, ApiKey { last_used_at: Some(recorded), ..key.clone() });
    }
    let mut work = fixture.begin().await;
    // A unit of work that changes the key may have read it before the use was recorded.
    work.update_key(&ApiKey { revoked_at: Some(later), ..key.clone() }).await.expect("an update");
    let nothing = loggia_domain::id::KeyId::from_uuid(ports.ids.next());
    work.touch_key(nothing, hour).await.expect("nothing to note");
    commit(work).await;
    let keys = fixture.views().keys(&viewer(world.admin.user), &whole()).await.expect("a list");
    let revoked = ApiKey { revoked_at: Some(later), last_used_at: Some(later), ..key };
    assert_eq!(keys, [revoked, bystander], "the other is as it was");
}

/// A key keeps its number of readmissions. A user's readmissions are counted over all organizations, and only once they are committed.
pub async fn readmissions_are_counted_for_each_user(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await;
    let there = seed::member(ports, other.id, GRACE, ScopeRole::Member).await;
    let number = async |user| fixture.begin().await.lock_user(user).await.expect("a number").get();
    assert_eq!(number(there.user).await, 0);
    assert_eq!(seed::readmission(ports, &world.member).await.get(), 1);
    assert_eq!(seed::readmission(ports, &there).await.get(), 2);
    let mut undone = fixture.begin().await;
    undone.readmit(there.scope, there.user).await.expect("a readmission");
    drop(undone);
    assert_eq!((number(there.user).await, number(world.admin.user).await), (2, 0));
    let counted = fixture.begin().await.count_live_keys(there.user, None, ports.clock.now(), 9).await;
    assert_eq!(counted.expect("a count").readmissions.get(), 2, "returned with the count of keys, too");
    for (readmissions, opens) in
        [(0, [false, false]), (1, [true, false]), (2, [true, true]), (i64::MAX, [true, true])]
    {
        let key = builders::key(ports, there.user, world.scope);
        let key = ApiKey { readmissions: Readmissions::new(readmissions), ..key };
        let hash = seed::key(ports, &key, &format!("key {readmissions}")).await;
        assert_eq!(fixture.views().key_by_hash(&hash).await.expect("a look-up").as_ref(), Some(&key));
        for (scope, opens) in [world.scope, there.scope].into_iter().zip(opens) {
            let role = fixture.views().role_in_scope(&Caller::from(&key).viewer(), scope).await;
            assert_eq!(role.expect("a look-up").is_some(), opens, "{readmissions} in {scope:?}");
        }
    }
}

/// A key that is raised gives access to every membership that its user was readmitted to. No other key changes.
pub async fn a_raised_key_gives_access_to_readmitted_memberships(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let user = world.member.user;
    let raised = builders::key(ports, user, world.scope);
    let other = builders::key(ports, user, world.scope);
    seed::key(ports, &raised, "raised").await;
    seed::key(ports, &other, "other").await;
    seed::readmission(ports, &world.member).await;
    let number = seed::readmission(ports, &world.member).await;
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_user(user).await.expect("a number"), number);
    work.raise_key(raised.id).await.expect("an update");
    drop(work);
    let keys = fixture.views().keys(&viewer(user), &whole()).await.expect("a list");
    assert_eq!(keys, [raised.clone(), other.clone()], "it was undone");
    let mut work = fixture.begin().await;
    assert_eq!(work.lock_user(user).await.expect("a number"), number);
    work.raise_key(raised.id).await.expect("an update");
    commit(work).await;
    let raised = ApiKey { readmissions: number, ..raised };
    let keys = fixture.views().keys(&viewer(user), &whole()).await.expect("a list");
    assert_eq!(keys, [raised.clone(), other.clone()]);
    for (key, opens) in [(raised, true), (other, false)] {
        let role = fixture.views().role_in_scope(&Caller::from(&key).viewer(), world.scope).await;
        assert_eq!(role.expect("a lookup").is_some(), opens, "{:?}", key.readmissions);
    }
}

/// The list of a member's keys has those that reach this organization only, and is visible to its active members only.
pub async fn keys_of_a_member_are_those_for_this_organization_only(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let other = seed::organization(ports, "Quay Works").await;
    seed::member(ports, other.id, GRACE, ScopeRole::Member).await;
    let alan = seed::member(ports, other.id, ALAN, ScopeRole::Admin).await;
    let grace = world.member.user;
    let reaching = |reach, default_scope| ApiKey { reach, ..builders::key(ports, grace, default_scope) };
    let here = Reach::Only(world.organization.id);
    let old = ApiKey { created_at: ports.clock.now().plus_seconds(-60), ..reaching(here, world.scope) };
    let first = reaching(here, world.scope);
    let there = reaching(Reach::Only(other.id), Scope::Organization(other.id));
    let everywhere = reaching(Reach::Everywhere, world.scope);
    let edsgers = ApiKey { user: world.viewer.user, ..reaching(here, world.scope) };
    for (key, secret) in [(&first, "1"), (&old, "2"), (&there, "3"), (&everywhere, "4"), (&edsgers, "5")] {
        seed::key(ports, key, secret).await;
    }
    let views = fixture.views();
    let listed = |viewer, organization| async move {
        views.member_keys(&viewer, organization, grace, &whole()).await.expect("a list")
    };
    assert_eq!(listed(world.as_admin(), world.organization.id).await, [old, first], "oldest first");
    assert_eq!(listed(viewer(alan.user), other.id).await, [there]);
    assert_eq!(listed(viewer(alan.user), world.organization.id).await, []);
    assert_eq!(listed(world.as_admin(), other.id).await, []);
    let narrow = Viewer { reach: Reach::Only(other.id), ..viewer(grace) };
    assert_eq!(listed(narrow, world.organization.id).await, []);
}
