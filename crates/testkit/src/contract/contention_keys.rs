//! Keys that are created, counted and revoked concurrently.

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::{ApiKey, Caller, KeyOrigin, Overlap};
use loggia_domain::port::{Ports, StoreError, UnitOfWork};
use loggia_domain::scope::Readmissions;
use loggia_domain::user::Member;

use super::Fixture;
use super::contention::{ROUNDS, concurrently, insist, linger, race};
use super::pagination::whole;
use crate::builders::{self, viewer};
use crate::seed::{self, World};

/// The number of concurrent callers.
const CALLERS: usize = 20;

/// Creates a key by means of another one, if that is live.
async fn make_with(ports: Ports, world: World, parent: KeyId, secret: String) -> Option<KeyId> {
    insist(|| async {
        let mut work = ports.store.begin().await?;
        let maker = work.lock_key(parent).await?.expect("the parent");
        linger().await;
        if !maker.is_live(ports.clock.now()) {
            return Ok(None);
        }
        let key = builders::key(&ports, world.admin.user, world.scope);
        let origin = KeyOrigin { parent: Some(parent), issued: false };
        work.insert_key(&key, &ports.secrets.digest(&secret), &origin).await?;
        work.commit().await.map(|()| Some(key.id))
    })
    .await
}

async fn revoke_line(ports: &Ports, id: KeyId) -> Result<(), StoreError> {
    let now = ports.clock.now();
    let mut work = ports.store.begin().await?;
    let mut root = work.lock_key(id).await?.expect("the key");
    linger().await;
    root.revoke(now);
    work.update_key(&root).await?;
    let mut generation = vec![id];
    while !generation.is_empty() {
        let children: Vec<ApiKey> = work.lock_live_children(&generation, now).await?;
        generation = children.iter().map(|key| key.id).collect();
        linger().await;
        for mut key in children {
            key.revoke(now);
            work.update_key(&key).await?;
        }
    }
    work.commit().await
}

/// A key that is created while its parent or grandparent is revoked is revoked as well, or is not created.
pub async fn no_live_descendant_of_a_revoked_key_remains(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let now = ports.clock.now();
    for round in 0..ROUNDS {
        for depth in [1, 2] {
            let root = builders::key(ports, world.admin.user, world.scope);
            seed::key(ports, &root, &format!("root {round}.{depth}")).await;
            let mut parent = root.id;
            if depth == 2 {
                let child = builders::key(ports, world.admin.user, world.scope);
                let origin = KeyOrigin { parent: Some(root.id), issued: false };
                seed::key_of(ports, &child, &format!("child {round}"), &origin).await;
                parent = child.id;
            }
            let (revoking, id) = (ports.clone(), root.id);
            let (made, ()) = race(
                make_with(ports.clone(), world.clone(), parent, format!("leaf {round}.{depth}")),
                async move { insist(|| revoke_line(&revoking, id)).await },
            )
            .await;
            let keys = fixture.views().keys(&viewer(world.admin.user), &whole()).await.expect("a list");
            let live: Vec<KeyId> = keys.iter().filter(|key| key.is_live(now)).map(|key| key.id).collect();
            assert_eq!(live, [], "in round {round}, {depth} below: {made:?} was made");
        }
    }
}

async fn count(
    work: &mut dyn UnitOfWork,
    ports: &Ports,
    user: UserId,
    limit: u32,
) -> Result<u32, StoreError> {
    Ok(work.count_live_keys(user, None, ports.clock.now(), limit).await?.count)
}

/// A unit of work that counts live keys before it adds one keeps the limit, however many run concurrently.
pub async fn concurrently_created_keys_never_exceed_the_limit(fixture: &Fixture) {
    const LIMIT: u32 = 3;
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let secrets = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let added = concurrently(CALLERS, || {
        let (ports, world, secrets) = (ports.clone(), world.clone(), secrets.clone());
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let live = count(&mut *work, &ports, world.member.user, LIMIT).await?;
                linger().await;
                if live == LIMIT {
                    return Ok(false);
                }
                let key = builders::key(&ports, world.member.user, world.scope);
                let number = secrets.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let hash = ports.secrets.digest(&format!("key {number}"));
                work.insert_key(&key, &hash, &KeyOrigin::default()).await?;
                work.commit().await.map(|()| true)
            })
            .await
        }
    })
    .await;
    assert_eq!(added.iter().filter(|added| **added).count(), 3, "as many as there may be");
    let mut work = fixture.begin().await;
    let live = count(&mut *work, ports, world.member.user, 100).await.expect("a count");
    assert_eq!(live, LIMIT);
}

/// Exactly one of the callers replaces the key; the others find it ended.
pub async fn of_twenty_concurrent_replacements_of_one_key_one_succeeds(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.member.user, world.scope);
    seed::key(ports, &key, "grace").await;
    let at_once = Overlap::new(0).expect("an overlap");
    let outcomes = concurrently(CALLERS, || {
        let (ports, id) = (ports.clone(), key.id);
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                let mut key = work.lock_key(id).await?.expect("the key");
                linger().await;
                if key.retire(at_once, ports.clock.now()).is_err() {
                    return Ok(false);
                }
                work.update_key(&key).await?;
                work.commit().await.map(|()| true)
            })
            .await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|alive| **alive).count(), 1, "exactly one replaces it");
}

/// Each readmission of one user has a number of its own, however many there are concurrently and in whichever organizations.
pub async fn concurrent_readmissions_have_different_numbers(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut numbers = concurrently(CALLERS, || {
        let (ports, member) = (ports.clone(), world.member.clone());
        async move {
            insist(|| async {
                let mut work = ports.store.begin().await?;
                work.lock_any_organization(world_of(&member)).await?;
                work.readmit(member.scope, member.user).await?;
                let number = work.lock_user(member.user).await?;
                linger().await;
                work.commit().await.map(|()| number)
            })
            .await
        }
    })
    .await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).map(Readmissions::new).collect::<Vec<_>>());
}

/// A key that is created beside a readmission gives access to the organization only if the readmission came first, and always does if the
/// readmission was acknowledged before.
pub async fn a_key_created_during_a_readmission_is_from_before_or_after_it(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let user = world.member.user;
        let [readmitted, acknowledged] =
            [(); 2].map(|()| std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let order = std::sync::atomic::Ordering::SeqCst;
        let making = {
            let (ports, scope, readmitted, acknowledged) =
                (ports.clone(), world.scope, readmitted.clone(), acknowledged.clone());
            async move {
                insist(|| async {
                    let must_open = acknowledged.load(order);
                    let mut work = ports.store.begin().await?;
                    let readmissions = work.lock_user(user).await?;
                    let may_open = readmitted.load(order);
                    linger().await;
                    let key = ApiKey { readmissions, ..builders::key(&ports, user, scope) };
                    let hash = ports.secrets.digest(&format!("round {round}"));
                    work.insert_key(&key, &hash, &KeyOrigin::default()).await?;
                    work.commit().await.map(|()| (key, must_open, may_open))
                })
                .await
            }
        };
        let readmitting = {
            let (ports, member) = (ports.clone(), world.member.clone());
            async move {
                insist(|| async {
                    let mut work = ports.store.begin().await?;
                    work.lock_any_organization(world_of(&member)).await?;
                    work.readmit(member.scope, member.user).await?;
                    linger().await;
                    readmitted.store(true, order);
                    work.commit().await
                })
                .await;
                acknowledged.store(true, order);
            }
        };
        let ((key, must_open, may_open), ()) = race(making, readmitting).await;
        let role = fixture.views().role_in_scope(&Caller::from(&key).viewer(), world.scope).await;
        let opens = role.expect("a look-up").is_some();
        assert!(opens || !must_open, "round {round}: a key from afterwards opens nothing");
        assert!(!opens || may_open, "round {round}: a key from before opens the organization");
    }
}

fn world_of(member: &Member) -> OrganizationId {
    member.scope.organization().expect("an organization's member")
}
