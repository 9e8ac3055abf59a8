//! The origins of keys, and which of their descendants are live.

use loggia_domain::id::KeyId;
use loggia_domain::key::{ApiKey, KeyOrigin};
use loggia_domain::port::Ports;
use loggia_domain::scope::Reach;

use super::Fixture;
use super::pagination::whole;
use crate::builders::{self, viewer};
use crate::seed::{self, World, commit};

fn child_of(parent: &ApiKey) -> KeyOrigin {
    KeyOrigin { parent: Some(parent.id), issued: false }
}

/// A key of Ada, and the keys created with it: her own, Grace's, an expired one and a revoked one.
struct Line {
    world: World,
    root: ApiKey,
    own: ApiKey,
    issued: ApiKey,
    ended: ApiKey,
    revoked: ApiKey,
    grandchild: ApiKey,
}

impl Line {
    async fn seed(ports: &Ports) -> Self {
        let world = World::seed(ports).await;
        let reach = Reach::Only(world.organization.id);
        let (ada, grace, now) = (world.admin.user, world.member.user, ports.clock.now());
        let root = builders::key(ports, ada, world.scope);
        let own = builders::key(ports, ada, world.scope);
        let issued = ApiKey { reach, ..builders::key(ports, grace, world.scope) };
        let ended = ApiKey { expires_at: Some(now), ..builders::key(ports, ada, world.scope) };
        let revoked = ApiKey { revoked_at: Some(now), ..builders::key(ports, ada, world.scope) };
        let grandchild = builders::key(ports, ada, world.scope);
        seed::key(ports, &root, "root").await;
        for (key, secret) in [(&own, "own"), (&ended, "ended"), (&revoked, "revoked")] {
            seed::key_of(ports, key, secret, &child_of(&root)).await;
        }
        let by_admin = KeyOrigin { issued: true, ..child_of(&root) };
        seed::key_of(ports, &issued, "issued", &by_admin).await;
        seed::key_of(ports, &grandchild, "grandchild", &child_of(&own)).await;
        Self { world, root, own, issued, ended, revoked, grandchild }
    }
}

/// The origin of a key is stored.
pub async fn a_key_keeps_its_origin(fixture: &Fixture) {
    let ports = &fixture.ports;
    let line = Line::seed(ports).await;
    let mut work = fixture.begin().await;
    for (key, expected) in [
        (&line.root, KeyOrigin::default()),
        (&line.own, child_of(&line.root)),
        (&line.ended, child_of(&line.root)),
        (&line.revoked, child_of(&line.root)),
        (&line.issued, KeyOrigin { issued: true, ..child_of(&line.root) }),
        (&line.grandchild, child_of(&line.own)),
    ] {
        assert_eq!(work.key_origin(key.id).await.expect("a look-up"), Some(expected));
    }
    let nothing = KeyId::from_uuid(ports.ids.next());
    assert_eq!(work.key_origin(nothing).await.expect("a look-up"), None);
}

/// The live children of several keys are returned together, of any user, without dead keys and grandchildren.
pub async fn live_children_of_any_user_are_found(fixture: &Fixture) {
    let ports = &fixture.ports;
    let line = Line::seed(ports).await;
    let now = ports.clock.now();
    let mut work = fixture.begin().await;
    assert!(work.lock_key(line.root.id).await.expect("a lock").is_some());
    let mut expected = vec![line.own.clone(), line.issued.clone()];
    expected.sort_by_key(|key| key.id);
    assert_eq!(work.lock_live_children(&[line.root.id], now).await.expect("locks"), expected);
    let ids = [line.own.id, line.issued.id];
    assert_eq!(
        work.lock_live_children(&ids, now).await.expect("locks"),
        std::slice::from_ref(&line.grandchild)
    );
    let before = now.plus_seconds(-1);
    let earlier = work.lock_live_children(&[line.root.id], before).await.expect("locks");
    assert_eq!(earlier.len(), 3, "one of them had not ended yet");
    assert_eq!(work.lock_live_children(&[line.grandchild.id], now).await.expect("locks"), []);
    assert_eq!(work.lock_live_children(&[], now).await.expect("locks"), []);
    // A key of another user that was returned can be written.
    let revoked = ApiKey { revoked_at: Some(now), ..line.issued.clone() };
    work.update_key(&revoked).await.expect("an update");
    commit(work).await;
    let found = fixture.views().key(line.world.member.user, line.issued.id).await.expect("a look-up");
    assert_eq!(found, Some(revoked));
}

/// A change of parent changes nothing else; a key may also have no parent.
pub async fn the_parent_of_a_key_can_be_changed(fixture: &Fixture) {
    let ports = &fixture.ports;
    let line = Line::seed(ports).await;
    let now = ports.clock.now();
    let mut work = fixture.begin().await;
    for id in [line.root.id, line.own.id] {
        assert!(work.lock_key(id).await.expect("a lock").is_some());
    }
    let children = work.lock_live_children(&[line.root.id], now).await.expect("locks");
    assert_eq!(children.len(), 2);
    work.update_parent(&line.issued, Some(line.own.id)).await.expect("an update");
    work.update_parent(&line.own, None).await.expect("an update");
    commit(work).await;
    let mut work = fixture.begin().await;
    let origin = work.key_origin(line.issued.id).await.expect("a look-up").expect("the key");
    assert_eq!(origin.parent, Some(line.own.id));
    assert!(origin.issued, "that it was issued stays");
    assert_eq!(work.key_origin(line.own.id).await.expect("a look-up"), Some(KeyOrigin::default()));
    assert_eq!(work.lock_live_children(&[line.root.id], now).await.expect("locks"), []);
    let keys = fixture.views().keys(&viewer(line.world.member.user), &whole()).await.expect("a list");
    assert_eq!(keys, [line.issued], "the key itself is as it was");
}

/// Live keys of the user are counted: those that the admins of the organization have issued, or those that no admin has.
pub async fn live_keys_are_counted_up_to_the_limit(fixture: &Fixture) {
    let ports = &fixture.ports;
    let line = Line::seed(ports).await;
    let (ada, grace, now) = (line.world.admin.user, line.world.member.user, ports.clock.now());
    let organization = Some(line.world.organization.id);
    let elsewhere = seed::organization(ports, "Quay Works").await.id;
    let mut work = fixture.begin().await;
    for (user, issued_in, limit, expected) in [
        (ada, None, 100, 3),
        (ada, None, 3, 3),
        (ada, None, 2, 2),
        (ada, None, 0, 0),
        (ada, organization, 100, 0),
        (grace, None, 100, 0),
        (grace, organization, 100, 1),
        (grace, Some(elsewhere), 100, 0),
        (line.world.viewer.user, None, 100, 0),
    ] {
        let live = work.count_live_keys(user, issued_in, now, limit).await.expect("a count");
        assert_eq!(live.count, expected, "of {user}, up to {limit}");
    }
    let earlier = work.count_live_keys(ada, None, now.plus_seconds(-1), 100).await.expect("a count");
    assert_eq!(earlier.count, 4, "one of them had not ended yet");
}

/// Live keys of the user that reach this organization only are returned.
pub async fn live_keys_for_one_organization_are_found(fixture: &Fixture) {
    let ports = &fixture.ports;
    let line = Line::seed(ports).await;
    let (organization, now) = (line.world.organization.id, ports.clock.now());
    let elsewhere = seed::organization(ports, "Quay Works").await.id;
    let (ada, grace) = (line.world.admin.user, line.world.member.user);
    let mut work = fixture.begin().await;
    let found = work.lock_live_keys(grace, organization, now).await.expect("locks");
    assert_eq!(found, std::slice::from_ref(&line.issued));
    for (user, organization) in [(ada, organization), (grace, elsewhere)] {
        assert_eq!(work.lock_live_keys(user, organization, now).await.expect("locks"), []);
    }
    let revoked = ApiKey { revoked_at: Some(now), ..line.issued };
    work.update_key(&revoked).await.expect("an update");
    assert_eq!(work.lock_live_keys(grace, organization, now).await.expect("locks"), []);
}
