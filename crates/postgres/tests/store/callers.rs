//! Tests that the commit checks the caller again, after all that was committed since the unit of work began.

use loggia_domain::key::{ApiKey, Caller};
use loggia_domain::port::{MemberInserted, StoreError, UnitOfWork};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Readmissions, Scope};
use loggia_domain::user::Member;
use loggia_testkit::builders::{self, BARBARA};
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
async fn a_commit_fails_after_its_callers_key_or_membership_was_revoked() {
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

    let trusted = Caller::unchecked(world.member.user, world.scope);
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
    let own = Caller::unchecked(world.admin.user, Scope::Personal(world.admin.user));
    let mut work = ports.store.begin_for(&own, ports.clock.now()).await.expect("a unit of work");
    work.role_in_scope(&own.viewer(), own.default_scope).await.expect("a look").expect("a role");
    seed::commit(work).await;
}

/// An invitation is found and the scope locked without a membership; a lookup for the viewer afterwards finds the new one.
#[tokio::test]
async fn a_caller_who_is_no_member_may_become_one() {
    let temporary = Temporary::new().await;
    let ports = &temporary.ports;
    let world = World::seed(ports).await;
    let (invitation, hash) = world.invitation(ports).await;
    let barbara = seed::person(ports, BARBARA).await;
    let key = builders::key(ports, barbara.id, Scope::Personal(barbara.id));
    seed::key(ports, &key, "secret").await;
    let caller = Caller::from(&key);
    let (viewer, now, organization) = (caller.viewer(), ports.clock.now(), world.organization.id);

    let mut work = ports.store.begin_for(&caller, now).await.expect("a unit of work");
    let own = work.members(Scope::Personal(barbara.id), &[barbara.id]).await.expect("a look");
    assert_eq!(own.len(), 1);
    let found = work.invitation_by_token(&hash, now).await.expect("a look");
    assert_eq!(found, Some((organization, invitation.id)));
    work.lock_any_organization(organization).await.expect("a lock").expect("an organization");
    assert_eq!(work.invitation(organization, invitation.id).await.expect("a look"), Some(invitation.clone()));
    let held = work.hold_projects(world.scope, &[world.project.id]).await.expect("a lock");
    assert_eq!(held, [world.project.id]);
    work.next_membership_numbers(world.scope, world.project.id, 1).await.expect("a number");
    let number = work.next_member_number(world.scope).await.expect("a number");
    let member = builders::member(ports, world.scope, &barbara, BARBARA, number, ScopeRole::Member);
    assert_eq!(work.insert_member(&member).await.expect("a result"), MemberInserted::Yes);
    work.delete_invitation(organization, invitation.id).await.expect("a deletion");
    // The viewer's membership is checked again at the commit.
    work.lock_project(&viewer, world.project.id).await.expect("a lock").expect("a project");
    seed::commit(work).await;
    let role = ports.views.role_in_scope(&viewer, world.scope).await.expect("a look");
    assert_eq!(role, Some(ScopeRole::Member));
    assert_eq!(temporary.execute("SELECT FROM invitation_projects").await, Ok(0));
}

#[tokio::test]
async fn a_readmitted_caller_continues_with_a_raised_key() {
    let temporary = Temporary::new().await;
    let ports = &temporary.ports;
    let world = World::seed(ports).await;
    let key = builders::key(ports, world.member.user, Scope::Personal(world.member.user));
    let hash = seed::key(ports, &key, "secret").await;
    let mut leaving = seed::begin(ports).await;
    deactivate(&mut *leaving, &world.member).await;
    seed::commit(leaving).await;
    let caller = Caller::from(&key);
    let before = caller.viewer();

    let mut work = ports.store.begin_for(&caller, ports.clock.now()).await.expect("a unit of work");
    work.lock_any_organization(world.organization.id).await.expect("a lock").expect("an organization");
    assert_eq!(work.update_member(&world.member).await.expect("an update"), MemberInserted::Yes);
    work.lock_key(key.id).await.expect("a lock").expect("a key");
    assert_eq!(work.lock_user(key.user).await.expect("a lock"), Readmissions::NONE);
    work.readmit(world.scope, key.user).await.expect("a readmission");
    work.raise_key(key.id).await.expect("an update");
    let after = Caller::from(&work.lock_key(key.id).await.expect("a lock").expect("a key")).viewer();
    assert_eq!(after.readmissions, Readmissions::new(1));
    work.lock_project(&after, world.project.id).await.expect("a lock").expect("a project");
    seed::commit(work).await;

    let raised = ports.views.key_by_hash(&hash).await.expect("a look").expect("a key");
    assert_eq!(raised, ApiKey { readmissions: after.readmissions, ..key });
    for (viewer, role) in [(before, None), (after, Some(ScopeRole::Member))] {
        assert_eq!(ports.views.role_in_scope(&viewer, world.scope).await.expect("a look"), role);
    }
}
