//! Keys are found by the digest of their secret, live or not, and by their own user.

use loggia_domain::instant::Timestamp;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::scope::Scope;

use super::Fixture;
use crate::builders;
use crate::seed::{self, World, commit};

/// A digest finds its own key, and no other finds any.
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
    assert_eq!(views.keys(world.admin.user).await.expect("a list"), [ada]);
    assert_eq!(views.keys(world.member.user).await.expect("a list"), [grace]);
    assert_eq!(views.keys(world.viewer.user).await.expect("a list"), []);
}

/// A revoked key is still found, with all it was and when it ended.
pub async fn a_revoked_key_stays_readable_and_keeps_its_end(fixture: &Fixture) {
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
    let keys = fixture.views().keys(world.admin.user).await.expect("a list");
    assert_eq!(keys, [revoked, bystander], "the other is as it was");
    let mut work = fixture.begin().await;
    let nothing = loggia_domain::id::KeyId::from_uuid(ports.ids.next());
    assert_eq!(work.lock_key(nothing).await.expect("a lock"), None);
}
