//! Requests that are repeated under one idempotency key are executed once.

use loggia_domain::key::{Ability, Caller};
use loggia_domain::once::{Claim, Once, StoredResponse};
use loggia_domain::page::PageRequest;
use loggia_domain::port::{Includes, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Reach, ScopeChoice};
use loggia_domain::service::{Loggia, NewKey, SpaceError as E};
use loggia_domain::space::{NewSpace, Space, SpacePatch};
use loggia_domain::text::KeyName;
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::claim;

use crate::support::{HIDDEN, House, ROLE, space_name};

pub(crate) type Outcome<T> = Result<Once<T>, StoreError>;

/// Returns the response to store for a space.
pub(crate) fn response_for(space: &Space) -> StoredResponse {
    StoredResponse::Shown(format!("{} {}", space.id, space.name).into_bytes())
}

/// Creates a space once for a claim.
pub(crate) async fn make(
    loggia: &Loggia,
    caller: &Caller,
    claim: &Claim,
    name: &str,
) -> Outcome<Result<Space, E>> {
    let (caller, name) = (*caller, name.to_owned());
    loggia
        .once(&caller, claim, move |acting| {
            let new = NewSpace::named(space_name(&name));
            async move {
                let made = acting.create_space(ScopeChoice::Default, new).await;
                let answer = made.as_ref().ok().map(response_for);
                (made, answer)
            }
        })
        .await
}

/// Patches a space once for a claim, with a new name or with an empty patch.
async fn patch(
    house: &House,
    caller: &Caller,
    claim: &Claim,
    space: &Space,
    name: Option<&str>,
) -> Outcome<Result<Space, E>> {
    let (caller, id) = (*caller, space.id);
    let patch = SpacePatch { name: name.map(space_name), ..SpacePatch::default() };
    house
        .loggia
        .once(&caller, claim, move |acting| {
            let patch = patch.clone();
            async move {
                let changed = acting.update_space(id, patch).await;
                let answer = changed.as_ref().ok().map(response_for);
                (changed, answer)
            }
        })
        .await
}

/// Returns the outcome of a request that was executed now.
pub(crate) fn done<T: std::fmt::Debug>(outcome: Outcome<T>) -> T {
    match outcome {
        Ok(Once::Done(done)) => done,
        other => unreachable!("not done now: {other:?}"),
    }
}

/// Returns the stored response of a request that was executed before.
pub(crate) fn kept<T: std::fmt::Debug>(outcome: Outcome<T>) -> StoredResponse {
    match outcome {
        Ok(Once::Kept(answer)) => answer,
        other => unreachable!("not answered before: {other:?}"),
    }
}

/// Changes a member of Harbour Works as the operator.
pub(crate) async fn change(house: &House, who: &Caller, patch: MemberPatch) {
    let id = house.organization;
    house.loggia.operator().update_member(id, who.user, patch).await.expect("a change");
    house.forget_news().await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_stored_response_and_is_not_executed() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let space = done(make(&house.loggia, &house.grace, &once, "Quay").await).expect("a space");
    assert_eq!(house.space_now(space.id).await, space);
    assert_eq!(house.news().await.len(), 1);
    for _ in 0..3 {
        house.wait();
        assert_eq!(kept(make(&house.loggia, &house.grace, &once, "Quay").await), response_for(&space));
    }
    assert_eq!(house.news().await, [""; 0], "nothing else has happened");
    let again = claim("POST /v1/spaces", "again");
    let other = done(make(&house.loggia, &house.grace, &again, "Quay").await).expect("a space");
    assert_ne!(other.id, space.id, "another key is another request");
}

#[tokio::test]
async fn a_key_reused_for_another_request_does_nothing() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let space = done(make(&house.loggia, &house.grace, &once, "Quay").await).expect("a space");
    house.forget_news().await;
    let other = Claim { fingerprint: [2; 32], ..once.clone() };
    let outcome = make(&house.loggia, &house.grace, &other, "Pier").await.expect("an answer");
    assert!(matches!(outcome, Once::OtherRequest), "{outcome:?}");
    assert_eq!(house.news().await, [""; 0]);
    assert_eq!(kept(make(&house.loggia, &house.grace, &once, "Quay").await), response_for(&space));
}

#[tokio::test]
async fn a_refusal_is_not_stored_and_leaves_the_key_free() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    for _ in 0..2 {
        refused!(done(make(&house.loggia, &house.edsger, &once, "Quay").await), E::Denied(ROLE));
    }
    let promoted = MemberPatch { role: Some(ScopeRole::Member), ..MemberPatch::default() };
    change(&house, &house.edsger, promoted).await;
    let other = Claim { fingerprint: [2; 32], ..once };
    done(make(&house.loggia, &house.edsger, &other, "Quay").await).expect("a space");
}

/// The writes of a use case are rolled back if the host then has no response to store.
#[tokio::test]
async fn without_a_response_nothing_is_written() {
    let house = House::open().await;
    let (ada, once) = (house.ada, claim("POST /v1/spaces", "once"));
    let outcome = house.loggia.once(&ada, &once, move |acting| async move {
        let new = NewSpace::named(space_name("Quay"));
        (acting.create_space(ScopeChoice::Default, new).await, None)
    });
    let made = done(outcome.await).expect("it was made, for a moment");
    let found = house.loggia.acting_as(&house.ada).space(made.id, Includes::default()).await;
    refused!(found, E::Denied(HIDDEN));
    assert_eq!(house.news().await, [""; 0]);
    done(make(&house.loggia, &house.ada, &once, "Quay").await).expect("the key is free");
}

#[tokio::test]
async fn the_response_of_a_request_that_changed_nothing_is_stored() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    let once = claim("PATCH /v1/spaces", "once");
    let first = done(patch(&house, &house.grace, &once, &space, None).await).expect("the space");
    assert_eq!(first, space);
    // Another user renames the space; the stored response stays the first one.
    let renamed = SpacePatch { name: Some(space_name("Pier")), ..SpacePatch::default() };
    house.loggia.acting_as(&house.ada).update_space(space.id, renamed).await.expect("a change");
    house.forget_news().await;
    assert_eq!(kept(patch(&house, &house.grace, &once, &space, None).await), response_for(&space));
    assert_eq!(house.news().await, [""; 0]);
    // The response belongs to the space's scope, although the request wrote nothing.
    house.deactivate(&house.grace).await;
    let outcome = patch(&house, &house.grace, &once, &space, None).await.expect("an answer");
    assert!(matches!(outcome, Once::NoLonger), "{outcome:?}");
}

#[tokio::test]
async fn a_response_that_showed_a_secret_is_withheld() {
    let house = House::open().await;
    let (ada, once) = (house.ada, claim("POST /v1/keys", "once"));
    let new = NewKey {
        name: KeyName::parse("laptop").expect("a name"),
        default_scope: house.scope,
        reach: Reach::Everywhere,
        ability: Ability::Read,
        expires_at: None,
    };
    let issue = async || {
        let outcome = house.loggia.once(&ada, &once, |acting| {
            let new = new.clone();
            async move { (acting.create_own_key(new).await, Some(StoredResponse::Withheld)) }
        });
        outcome.await
    };
    done(issue().await).expect("a key");
    assert_eq!(kept(issue().await), StoredResponse::Withheld);
    assert_eq!(
        house.loggia.acting_as(&ada).own_keys(&PageRequest::FIRST).await.expect("keys").items.len(),
        2,
        "the first one and that one"
    );
}

#[tokio::test]
async fn after_a_day_a_request_is_executed_again_and_its_response_can_be_deleted() {
    let house = House::open().await;
    let (first, second) = (claim("POST /v1/spaces", "first"), claim("POST /v1/spaces", "second"));
    done(make(&house.loggia, &house.grace, &first, "Quay").await).expect("a space");
    house.wait();
    done(make(&house.loggia, &house.ada, &second, "Quay").await).expect("a space");
    house.clock.advance_seconds(Claim::SECONDS - 61);
    kept(make(&house.loggia, &house.grace, &first, "Quay").await);
    assert_eq!(house.loggia.operator().forget_stored_responses(10).await.expect("an answer"), 0);
    house.clock.advance_seconds(1);
    done(make(&house.loggia, &house.grace, &first, "Quay").await).expect("a day is over");
    house.clock.advance_seconds(60);
    kept(make(&house.loggia, &house.grace, &first, "Quay").await);
    assert_eq!(house.loggia.operator().forget_stored_responses(0).await.expect("an answer"), 0);
    assert_eq!(house.loggia.operator().forget_stored_responses(10).await.expect("an answer"), 1, "Ada's");
    assert_eq!(house.loggia.operator().forget_stored_responses(10).await.expect("an answer"), 0);
}

#[tokio::test]
async fn concurrent_repetitions_of_one_request_are_executed_once() {
    let house = House::open().await;
    let once = claim("POST /v1/spaces", "once");
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (loggia, grace, once) = (house.loggia.clone(), house.grace, once.clone());
            tokio::spawn(async move { make(&loggia, &grace, &once, "Quay").await.expect("an answer") })
        })
        .collect();
    let (mut made, mut shown) = (Vec::new(), Vec::new());
    for attempt in attempts {
        match attempt.await.expect("a task") {
            Once::Done(space) => made.push(response_for(&space.expect("a space"))),
            Once::Kept(answer) => shown.push(answer),
            other => panic!("{other:?}"),
        }
    }
    let [answer] = made.as_slice() else { panic!("done {} times", made.len()) };
    assert_eq!(shown, vec![answer.clone(); 7]);
    assert_eq!(house.news().await.len(), 1);
}

#[tokio::test]
async fn the_response_of_a_request_that_does_not_use_the_store_is_stored() {
    let house = House::open().await;
    let once = claim("POST /v1/nothing", "once");
    let work = async || {
        let answer = StoredResponse::Shown(b"nothing".to_vec());
        house.loggia.once(&house.ada, &once, |_| std::future::ready(((), Some(answer.clone())))).await
    };
    done(work().await);
    assert_eq!(kept(work().await), StoredResponse::Shown(b"nothing".to_vec()));
}
