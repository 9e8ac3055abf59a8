//! Tests that the commit checks the caller again, after all that was committed since the unit of work began.

use loggia_domain::key::{ApiKey, Caller};
use loggia_domain::port::{MemberInserted, StoreError, UnitOfWork};
use loggia_domain::scope::Scope;
use loggia_domain::user::Member;
use loggia_testkit::builders;
use loggia_testkit::seed::{self, World};

use crate::support::Temporary;

/// Begins a unit of work for a caller, writes a space in it, and leaves it uncommitted.
async fn writing(temporary: &Temporary, world: &World, caller: &Caller) -> Box<dyn UnitOfWork> {
    let ports = &temporary.ports;
    let mut work = ports.store.begin_for(caller, ports.clock.now()).await.expect("a unit of work");
    work.role_in_scope(&caller.viewer(), world.scope).await.expect("a look").expect("a role");
    work.insert_space(&builders::space(ports, world.scope, world.admin.user, "Pier")).await.expect("a space");
    work
}

async fn revoke(work: &mut dyn UnitOfWork, key: &ApiKey, temporary: &Temporary) {
    let revoked = ApiKey { revoked_at: Some(temporary.ports.clock.now()), ..key.clone() };
    assert!(work.lock_key(key.id).await.expect("a lock").is_some());
    work.update_key(&revoked).await.expect("an update");
}

async fn deactivate(work: &mut dyn UnitOfWork, member: &Member) {
    let left = Member { active: false, ..member.clone() };
    assert_eq!(work.update_member(&left).await.expect("an update"), MemberInserted::Yes);
}

#[tokio::test]
async fn what_was_ended_before_the_commit_keeps_it_from_being_made() {
    let temporary = Temporary::new().await;
    let ports = &temporary.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.member.user, world.scope);
    seed::key(ports, &key, "secret").await;
    let caller = Caller::from(&key);

    let unharmed = writing(&temporary, &world, &caller).await;
    let of_a_lost_key = writing(&temporary, &world, &caller).await;
    seed::commit(unharmed).await;
    let mut ending = seed::begin(ports).await;
    revoke(&mut *ending, &key, &temporary).await;
    seed::commit(ending).await;
    let outcome = of_a_lost_key.commit().await;
    assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");

    let trusted = Caller::trusted(world.member.user, world.scope);
    let of_a_lost_member = writing(&temporary, &world, &trusted).await;
    let mut ending = seed::begin(ports).await;
    deactivate(&mut *ending, &world.member).await;
    seed::commit(ending).await;
    let outcome = of_a_lost_member.commit().await;
    assert!(matches!(outcome, Err(StoreError::Contended(_))), "{outcome:?}");
    assert_eq!(temporary.execute("SELECT FROM spaces").await, Ok(1), "nothing of them was written");
}

#[tokio::test]
async fn a_caller_may_end_their_own_key_and_membership() {
    let temporary = Temporary::new().await;
    let ports = &temporary.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.admin.user, world.scope);
    seed::key(ports, &key, "secret").await;
    // A unit of work may revoke its own caller's key, and end its caller's membership.
    let caller = Caller::from(&key);
    let mut work = writing(&temporary, &world, &caller).await;
    revoke(&mut *work, &key, &temporary).await;
    deactivate(&mut *work, &world.admin).await;
    seed::commit(work).await;
    assert_eq!(temporary.execute("SELECT FROM spaces").await, Ok(1));
    let again = ports.store.begin_for(&caller, ports.clock.now()).await.map(|_| ());
    assert!(matches!(again, Err(StoreError::UnknownCaller)), "{again:?}");
    // The commit does not check a personal scope in which no membership was looked up.
    let own = Caller::trusted(world.admin.user, Scope::Personal(world.admin.user));
    let mut work = ports.store.begin_for(&own, ports.clock.now()).await.expect("a unit of work");
    work.role_in_scope(&own.viewer(), own.default_scope).await.expect("a look").expect("a role");
    seed::commit(work).await;
}
