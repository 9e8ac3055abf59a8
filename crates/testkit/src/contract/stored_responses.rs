//! Claims of requests that are to be executed once, and their stored responses.

use loggia_domain::id::UserId;
use loggia_domain::instant::Timestamp;
use loggia_domain::once::{Claim, StoredResponse};
use loggia_domain::port::{Claimed, Includes, Kept};
use loggia_domain::scope::{Reach, Scope, Viewer};

use super::Fixture;
use crate::builders::{self, claim, viewer};
use crate::seed::{self, World};

fn answer(text: &str) -> StoredResponse {
    StoredResponse::Shown(text.as_bytes().to_vec())
}

fn kept(claim: &Claim, scope: Option<Scope>, answer: StoredResponse) -> Claimed {
    Claimed::Kept(Kept { fingerprint: claim.fingerprint, scope, answer })
}

/// Makes a claim and returns the outcome, without leaving a claim behind.
async fn look(fixture: &Fixture, owner: &Viewer, claim: &Claim, now: Timestamp) -> Claimed {
    let mut work = fixture.begin().await;
    let claimed = work.claim(owner, claim, now).await.expect("a claim");
    if claimed != Claimed::New {
        // There is nothing to roll back, and a dropped unit of work may hold a lock for a moment longer.
        seed::commit(work).await;
    }
    claimed
}

/// Makes a claim, stores a response and commits.
async fn settle(
    fixture: &Fixture,
    owner: &Viewer,
    claim: &Claim,
    now: Timestamp,
    scope: Option<Scope>,
    answer: &StoredResponse,
) {
    let mut work = fixture.begin().await;
    assert_eq!(work.claim(owner, claim, now).await.expect("a claim"), Claimed::New);
    work.keep(owner, claim, scope, answer).await.expect("keeping");
    seed::commit(work).await;
}

/// A response is stored to the byte, with its fingerprint and the scope of the request.
pub async fn stored_responses_are_stored_unchanged(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, now) = (world.as_admin(), fixture.ports.clock.now());
    let every_byte = StoredResponse::Shown((0..=u8::MAX).collect());
    let large = StoredResponse::Shown(b"answer\0".repeat(40_000));
    let personal = Scope::Personal(world.admin.user);
    let cases = [
        ("bytes", Some(world.scope), every_byte),
        ("large", Some(personal), large),
        ("empty", None, answer("")),
        ("secret", Some(world.scope), StoredResponse::Withheld),
        ("!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\"", Some(world.scope), answer("a key of every kind of character")),
    ];
    for (index, (key, scope, answer)) in cases.iter().enumerate() {
        let fingerprint = [u8::try_from(index).expect("few cases"); 32];
        let claim = Claim { fingerprint, ..claim("POST /v1/spaces", key) };
        settle(fixture, &owner, &claim, now, *scope, answer).await;
    }
    for (index, (key, scope, answer)) in cases.into_iter().enumerate() {
        let asked = claim("POST /v1/spaces", key);
        let fingerprint = [u8::try_from(index).expect("few cases"); 32];
        let first = Claim { fingerprint, ..asked.clone() };
        // A claim with another fingerprint gets the stored fingerprint.
        assert_eq!(look(fixture, &owner, &asked, now).await, kept(&first, scope, answer), "{key}");
    }
}

/// A claim is rolled back together with the writes of its unit of work, and is then free.
pub async fn a_rolled_back_reservation_is_free_again(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, now) = (world.as_admin(), fixture.ports.clock.now());
    let claim = claim("POST /v1/spaces", "once");
    let space = builders::space(&fixture.ports, world.scope, world.admin.user, "Tides");
    let mut work = fixture.begin().await;
    assert_eq!(work.claim(&owner, &claim, now).await.expect("a claim"), Claimed::New);
    assert!(work.role_in_scope(&owner, world.scope).await.expect("a role").is_some());
    work.insert_space(&space).await.expect("a space");
    work.keep(&owner, &claim, Some(world.scope), &answer("first")).await.expect("keeping");
    drop(work);
    let found = fixture.views().space(&owner, space.id, Includes::default()).await.expect("a look-up");
    assert!(found.is_none(), "what was done is undone");

    settle(fixture, &owner, &claim, now, None, &answer("second")).await;
    assert_eq!(look(fixture, &owner, &claim, now).await, kept(&claim, None, answer("second")));
}

/// The writes of a unit of work are committed together with its claim and response.
pub async fn a_reservation_is_committed_with_the_writes(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, now) = (world.as_member(), fixture.ports.clock.now());
    let claim = claim("POST /v1/spaces", "once");
    let space = builders::space(&fixture.ports, world.scope, world.member.user, "Tides");
    let mut work = fixture.begin().await;
    assert_eq!(work.claim(&owner, &claim, now).await.expect("a claim"), Claimed::New);
    assert!(work.role_in_scope(&owner, world.scope).await.expect("a role").is_some());
    work.insert_space(&space).await.expect("a space");
    // A write about another user does not affect the claim.
    assert_eq!(work.count_organization_of(world.viewer.user).await.expect("a count"), 1);
    work.keep(&owner, &claim, Some(world.scope), &answer("Tides")).await.expect("keeping");
    seed::commit(work).await;
    let found = fixture.views().space(&owner, space.id, Includes::default()).await.expect("a look-up");
    assert!(found.is_some(), "what was done is there");
    assert_eq!(look(fixture, &owner, &claim, now).await, kept(&claim, Some(world.scope), answer("Tides")));
}

/// A claim that was committed without a response is not executed again either.
pub async fn a_reservation_without_a_response_is_withheld(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, now) = (world.as_admin(), fixture.ports.clock.now());
    let claim = claim("POST /v1/spaces", "once");
    let mut work = fixture.begin().await;
    assert_eq!(work.claim(&owner, &claim, now).await.expect("a claim"), Claimed::New);
    seed::commit(work).await;
    assert_eq!(look(fixture, &owner, &claim, now).await, kept(&claim, None, StoredResponse::Withheld));
}

/// An equal key of another user, under another reach, or for another operation is another claim.
pub async fn a_reservation_is_specific_to_its_user_reach_and_operation(fixture: &Fixture) {
    let ports = &fixture.ports;
    let world = World::seed(ports).await;
    let elsewhere = seed::organization(ports, "Quay Works").await.id;
    let now = ports.clock.now();
    let confined = |user: UserId, organization| Viewer { reach: Reach::Only(organization), ..viewer(user) };
    let (ada, grace) = (world.admin.user, world.member.user);
    let owners = [
        viewer(ada),
        viewer(grace),
        confined(ada, world.organization.id),
        confined(ada, elsewhere),
        confined(grace, elsewhere),
    ];
    let claims = [
        claim("POST /v1/spaces", "once"),
        claim("POST /v1/spaces", "Once"),
        claim("PATCH /v1/spaces", "once"),
        claim("POST /v1/Spaces", "once"),
    ];
    let name = |owner: usize, claim: usize| answer(&format!("{owner} {claim}"));
    for (i, owner) in owners.iter().enumerate() {
        for (j, claim) in claims.iter().enumerate() {
            settle(fixture, owner, claim, now, None, &name(i, j)).await;
        }
    }
    for (i, owner) in owners.iter().enumerate() {
        for (j, claim) in claims.iter().enumerate() {
            assert_eq!(look(fixture, owner, claim, now).await, kept(claim, None, name(i, j)), "{i} {j}");
        }
    }
}

/// A claim expires to the microsecond, and a new claim finds nothing of the expired one.
pub async fn an_expired_reservation_counts_as_absent(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, made) = (world.as_admin(), fixture.ports.clock.now());
    let first = claim("POST /v1/spaces", "once");
    settle(fixture, &owner, &first, made, Some(world.scope), &answer("first")).await;
    let end = Claim::end(made);
    let before = Timestamp::from_micros(end.micros() - 1).expect("a time");
    let still = kept(&first, Some(world.scope), answer("first"));
    assert_eq!(look(fixture, &owner, &first, before).await, still);
    assert_eq!(look(fixture, &owner, &first, end).await, Claimed::New);
    assert_eq!(look(fixture, &owner, &first, before).await, still, "to look was not to take");

    let second = Claim { fingerprint: [2; 32], ..first };
    let mut work = fixture.begin().await;
    assert_eq!(work.claim(&owner, &second, end).await.expect("a claim"), Claimed::New);
    seed::commit(work).await;
    let last = Timestamp::from_micros(Claim::end(end).micros() - 1).expect("a time");
    assert_eq!(look(fixture, &owner, &second, last).await, kept(&second, None, StoredResponse::Withheld));
}

/// A committed claim is found by its owner, operation and key until it expires, and looking for it does not make it.
pub async fn a_committed_reservation_is_found_without_reserving(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, made) = (world.as_admin(), fixture.ports.clock.now());
    let confined = Viewer { reach: Reach::Only(world.organization.id), ..owner };
    let (first, at_end) = (claim("POST /v1/spaces", "once"), Claim::end(made));
    let before_end = Timestamp::from_micros(at_end.micros() - 1).expect("a time");
    let views = fixture.views();
    let is_claimed = async |owner: &Viewer, claim: &Claim, now| {
        views.is_claimed(owner, claim, now).await.expect("a look-up")
    };
    assert!(!is_claimed(&owner, &first, made).await);
    settle(fixture, &owner, &first, made, Some(world.scope), &answer("first")).await;
    for other in [first.clone(), Claim { fingerprint: [2; 32], ..first.clone() }] {
        assert!(is_claimed(&owner, &other, made).await && is_claimed(&owner, &other, before_end).await);
        assert!(!is_claimed(&owner, &other, at_end).await);
        assert!(!is_claimed(&world.as_member(), &other, made).await, "another user's");
        assert!(!is_claimed(&confined, &other, made).await, "another reach's");
    }
    for other in [claim("PATCH /v1/spaces", "once"), claim("POST /v1/spaces", "Once")] {
        assert!(!is_claimed(&owner, &other, made).await);
        assert_eq!(look(fixture, &owner, &other, made).await, Claimed::New, "it was not made");
    }
}

/// Expired claims of any owner are deleted, the earliest expiry first and at most `limit` at a time; others stay.
pub async fn expired_responses_are_deleted_a_few_at_a_time(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let made = fixture.ports.clock.now();
    let owners = [world.as_admin(), world.as_member(), world.as_viewer()];
    let claims: Vec<Claim> = (0..6).map(|key| claim("POST /v1/spaces", &format!("key-{key}"))).collect();
    for (owner, (claim, age)) in owners.iter().cycle().zip(claims.iter().zip(0_i64..)) {
        settle(fixture, owner, claim, made.plus_seconds(age), Some(world.scope), &answer("kept")).await;
    }
    // Five of the six claims have expired, the last of them at exactly this microsecond.
    let now = Claim::end(made.plus_seconds(4));
    let mut deleted = Vec::new();
    for limit in [0, 2, 2, 100, 100] {
        let mut work = fixture.begin().await;
        deleted.push(work.delete_expired_answers(now, limit).await.expect("deleting"));
        seed::commit(work).await;
        // The check uses a time at which no claim has expired, so that a missing claim has been deleted.
        let mut left = Vec::new();
        for (owner, claim) in owners.iter().cycle().zip(&claims) {
            left.push(look(fixture, owner, claim, made).await != Claimed::New);
        }
        let gone = usize::try_from(deleted.iter().sum::<u64>()).expect("few");
        let expected: Vec<bool> = (0..6).map(|index| index >= gone).collect();
        assert_eq!(left, expected, "the oldest went first");
    }
    assert_eq!(deleted, [0, 2, 2, 1, 0]);
}

/// A deletion that is rolled back deletes nothing.
pub async fn responses_are_deleted_with_the_commit_and_not_before(fixture: &Fixture) {
    let world = World::seed(&fixture.ports).await;
    let (owner, made) = (world.as_admin(), fixture.ports.clock.now());
    let claim = claim("POST /v1/spaces", "once");
    settle(fixture, &owner, &claim, made, None, &answer("kept")).await;
    let mut work = fixture.begin().await;
    assert_eq!(work.delete_expired_answers(Claim::end(made), 10).await.expect("deleting"), 1);
    drop(work);
    assert_eq!(look(fixture, &owner, &claim, made).await, kept(&claim, None, answer("kept")));
}
