//! The caller of a unit of work is checked when it begins, and again when it commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loggia_domain::key::{ApiKey, Caller};
use loggia_domain::port::{MemberInserted, Ports, StoreError};
use loggia_domain::scope::Readmissions;
use loggia_domain::user::Member;

use super::Fixture;
use super::contention::{ROUNDS, insist, linger, race};
use crate::builders;
use crate::seed::{self, World};

/// A live key of the caller's user opens a unit of work. A key that was revoked, has expired, is another user's, or does not exist opens
/// none.
pub async fn a_key_that_is_not_live_opens_no_unit_of_work(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let now = ports.clock.now();
    let live = builders::key(ports, world.admin.user, world.scope);
    let mut keys = vec![live.clone()];
    keys.push(ApiKey {
        expires_at: Some(now.plus_seconds(1)),
        ..builders::key(ports, world.admin.user, world.scope)
    });
    let good = keys.len();
    keys.push(ApiKey { revoked_at: Some(now), ..builders::key(ports, world.admin.user, world.scope) });
    keys.push(ApiKey { expires_at: Some(now), ..builders::key(ports, world.admin.user, world.scope) });
    for (number, key) in keys.iter().enumerate() {
        seed::key(ports, key, &format!("key {number}")).await;
    }
    for (number, key) in keys.iter().enumerate() {
        let outcome = write(ports, &Caller::from(key), &world, |_| ()).await;
        assert_eq!(outcome.is_ok(), number < good, "{key:?}: {outcome:?}");
        assert!(outcome.is_ok() || matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
    let another = Caller::from(&ApiKey { user: world.member.user, ..live.clone() });
    let made_up = builders::key(ports, world.admin.user, world.scope);
    for caller in [another, Caller::from(&made_up)] {
        let outcome = write(ports, &caller, &world, |_| ()).await;
        assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    }
    let trusted = Caller::unchecked(live.user, live.default_scope);
    write(ports, &trusted, &world, |_| ()).await.expect("a caller without a key is the host's matter");
}

/// The change that ends a caller's access: the revocation of a key, a deactivation or a readmission.
enum Ending {
    Key(ApiKey),
    Membership(Member),
    Readmission(Member),
}

/// Once the revocation of a key is acknowledged, no unit of work commits for its caller any more, however early it began.
pub async fn nothing_is_committed_for_a_key_that_was_revoked(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    for round in 0..ROUNDS {
        let key = builders::key(&fixture.ports, world.admin.user, world.scope);
        seed::key(&fixture.ports, &key, &format!("round {round}")).await;
        let ended = Ending::Key(key.clone());
        let (outcome, was_ended) = write_beside(fixture, &world, Caller::from(&key), ended).await;
        assert!(matches!(outcome, Ok(()) | Err(StoreError::UnknownCaller)), "{outcome:?}");
        assert!(!was_ended || outcome.is_err(), "round {round}: committed after the revocation");
    }
}

/// Once a deactivation is acknowledged, no unit of work commits for the former member any more, however early it began.
pub async fn nothing_is_committed_for_a_member_who_was_deactivated(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    for round in 0..ROUNDS {
        let mut work = fixture.begin().await;
        let active = Member { active: true, ..world.member.clone() };
        assert_eq!(work.update_member(&active).await.expect("an update"), MemberInserted::Yes);
        seed::commit(work).await;
        let caller = Caller::unchecked(world.member.user, world.scope);
        let ended = Ending::Membership(active);
        let (outcome, was_ended) = write_beside(fixture, &world, caller, ended).await;
        assert!(matches!(outcome, Ok(()) | Err(StoreError::Contended(_))), "{outcome:?}");
        assert!(!was_ended || outcome.is_err(), "round {round}: committed after the deactivation");
    }
}

/// Once a readmission is acknowledged, no unit of work commits there for a key from before any more, however early it began.
pub async fn nothing_is_committed_for_a_key_from_before_a_readmission(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let mut readmissions = Readmissions::NONE;
    for round in 0..ROUNDS {
        let key = builders::key(ports, world.member.user, world.scope);
        let key = ApiKey { readmissions, ..key };
        seed::key(ports, &key, &format!("round {round}")).await;
        let ended = Ending::Readmission(world.member.clone());
        let (outcome, was_ended) = write_beside(fixture, &world, Caller::from(&key), ended).await;
        assert!(matches!(outcome, Ok(()) | Err(StoreError::Contended(_))), "{outcome:?}");
        assert!(!was_ended || outcome.is_err(), "round {round}: committed after the readmission");
        readmissions = fixture.begin().await.lock_user(world.member.user).await.expect("a number");
        assert_eq!(Readmissions::new(i64::try_from(round).expect("a small number") + 1), readmissions);
    }
}

/// Writes a space for a caller while the key or the membership is ended concurrently. Returns the outcome, and whether the end was
/// acknowledged before the commit was requested.
async fn write_beside(
    fixture: &Fixture,
    world: &World,
    caller: Caller,
    ending: Ending,
) -> (Result<(), StoreError>, bool) {
    let ended = Arc::new(AtomicBool::new(false));
    let (ports, world, seen) = (fixture.ports.clone(), world.clone(), ended.clone());
    let writing = async move {
        let mut was_ended = false;
        let outcome = write(&ports, &caller, &world, |()| was_ended = seen.load(Ordering::SeqCst)).await;
        (outcome, was_ended)
    };
    let ports = fixture.ports.clone();
    let end = async move {
        insist(|| async {
            let mut work = ports.store.begin().await?;
            match &ending {
                Ending::Key(key) => {
                    let key = work.lock_key(key.id).await?.expect("the key");
                    work.update_key(&ApiKey { revoked_at: Some(ports.clock.now()), ..key }).await?;
                }
                Ending::Membership(member) => {
                    let organization = member.scope.organization().expect("an organization's member");
                    work.lock_any_organization(organization).await?;
                    let left = Member { active: false, ..member.clone() };
                    assert_eq!(work.update_member(&left).await?, MemberInserted::Yes);
                }
                Ending::Readmission(member) => {
                    let organization = member.scope.organization().expect("an organization's member");
                    work.lock_any_organization(organization).await?;
                    assert_eq!(work.update_member(member).await?, MemberInserted::Yes);
                    work.readmit(member.scope, member.user).await?;
                }
            }
            work.commit().await
        })
        .await;
        ended.store(true, Ordering::SeqCst);
    };
    let (written, ()) = race(writing, end).await;
    written
}

/// Writes a space for a caller, as a use case does. A missing membership is reported as contention, after which the use case would run
/// again and find it missing.
async fn write(
    ports: &Ports,
    caller: &Caller,
    world: &World,
    before_commit: impl FnOnce(()),
) -> Result<(), StoreError> {
    let mut work = ports.store.begin_for(caller, ports.clock.now()).await?;
    if work.role_in_scope(&caller.viewer(), world.scope).await?.is_none() {
        return Err(StoreError::Contended(None));
    }
    work.insert_space(&builders::space(ports, world.scope, world.admin.user, "Pier")).await?;
    linger().await;
    before_commit(());
    work.commit().await
}
