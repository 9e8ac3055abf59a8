//! Execution once on a store that fails, and by a host that uses it incorrectly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loggia_domain::once::{Claim, Once, StoredResponse};
use loggia_domain::organization::Organization;
use loggia_domain::port::{Claimed, StoreError};
use loggia_domain::revision::Expected;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::OrganizationError as E;
use loggia_domain::space::NewSpace;
use loggia_domain::text::OrganizationName;
use loggia_testkit::builders::claim;
use loggia_testkit::intercept::Recorder;

use crate::support::{House, failing_at, space_name};

fn contended() -> StoreError {
    StoreError::Contended(None)
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(None)
}

/// The calls of a use case that renames an organization once, up to its commit.
const RENAMING: [&str; 7] =
    ["begin_for", "claim", "lock_organization", "update_organization", "append", "keep", "commit"];

/// Renames an organization once. Returns the outcome, and the number of times that the use case was begun.
async fn rename(
    house: &House,
    calls: &Arc<Recorder>,
) -> (Result<Once<Result<Organization, E>>, StoreError>, usize) {
    let (organization, runs) = (house.organization, AtomicUsize::new(0));
    let outcome = house
        .behind(calls.clone())
        .once(&house.ada, &claim("PATCH /v1/organizations", "once"), |acting| {
            runs.fetch_add(1, Ordering::Relaxed);
            async move {
                let name = OrganizationName::parse("Port Works").expect("a name");
                let outcome = acting.rename_organization(organization, name).await;
                let answer = outcome.as_ref().ok().map(|it| StoredResponse::Shown(it.name.as_str().into()));
                (outcome, answer)
            }
        })
        .await;
    (outcome, runs.into_inner())
}

#[tokio::test]
async fn a_change_is_committed_once_with_its_response() {
    let (house, calls) = (House::open().await, Arc::new(Recorder::new()));
    let (outcome, runs) = rename(&house, &calls).await;
    let Ok(Once::Done(Ok(organization))) = outcome else { panic!("{outcome:?}") };
    assert_eq!((organization.revision, runs), (2, 1));
    assert_eq!(calls.take(), RENAMING);
    let mut work = house.ports.store.begin().await.expect("a unit of work");
    let once = claim("PATCH /v1/organizations", "once");
    let kept = work.claim(&house.ada.viewer(), &once, house.loggia.now()).await.expect("a claim");
    let Claimed::Kept(kept) = kept else { panic!("{kept:?}") };
    assert_eq!((kept.scope, kept.answer), (Some(house.scope), StoredResponse::Shown(b"Port Works".to_vec())));
}

#[tokio::test]
async fn a_failed_commit_is_reported_as_it_failed() {
    for (error, expected) in [
        (unavailable as fn() -> StoreError, "Unavailable(None)"),
        (|| StoreError::OutcomeUnknown(None), "OutcomeUnknown(None)"),
    ] {
        let calls = Arc::new(failing_at("commit", error));
        let (outcome, runs) = rename(&House::open().await, &calls).await;
        assert_eq!((format!("{:?}", outcome.expect_err("no commit")).as_str(), runs), (expected, 1));
        assert_eq!(calls.take(), RENAMING);
    }
}

#[tokio::test]
async fn a_change_whose_response_cannot_be_stored_is_not_committed() {
    let calls = Arc::new(failing_at("keep", unavailable));
    refused!(rename(&House::open().await, &calls).await.0, StoreError::Unavailable(_));
    assert_eq!(calls.take(), RENAMING[..6]);
}

#[tokio::test]
async fn a_contended_use_case_is_retried_with_its_reservation() {
    let calls = Arc::new(Recorder::new().failing(|call, number| match (call, number) {
        ("lock_organization", 1) | ("commit", 1) => Err(contended()),
        _ => Ok(()),
    }));
    let (outcome, runs) = rename(&House::open().await, &calls).await;
    let Ok(Once::Done(Ok(organization))) = outcome else { panic!("{outcome:?}") };
    assert_eq!((organization.revision, runs), (2, 3), "changed once, not three times");
    assert_eq!(calls.take(), [&RENAMING[..3], &RENAMING, &RENAMING].concat());
}

#[tokio::test]
async fn lasting_contention_is_reported_after_four_attempts() {
    let calls = Arc::new(failing_at("commit", contended));
    refused!(rename(&House::open().await, &calls).await.0, StoreError::Contended(_));
    assert_eq!(calls.take(), [RENAMING; 4].concat());
    let calls = Arc::new(failing_at("lock_organization", contended));
    let (outcome, runs) = rename(&House::open().await, &calls).await;
    refused!(outcome, StoreError::Contended(_));
    assert_eq!(runs, 4);
    assert_eq!(calls.take(), [&RENAMING[..3]; 4].concat());
}

/// Finds the request in flight elsewhere from a claim on.
fn under_way_from(number: usize) -> Recorder {
    Recorder::new().changing(move |_, nth, answer| {
        if let Some(claimed) = answer.downcast_mut::<Claimed>()
            && nth >= number
        {
            *claimed = Claimed::InFlight;
        }
    })
}

#[tokio::test]
async fn a_request_in_flight_elsewhere_is_not_executed() {
    let calls = Arc::new(under_way_from(1));
    let (outcome, runs) = rename(&House::open().await, &calls).await;
    assert!(matches!(outcome, Ok(Once::InFlight)), "{outcome:?}");
    assert_eq!((runs, calls.take()), (0, RENAMING[..2].to_vec()));
}

/// An empty patch drops its unit of work and the claim with it, so another request may have the claim by the time that it is made again.
#[tokio::test]
async fn a_request_that_changed_nothing_and_is_in_flight_elsewhere_is_not_stored() {
    let (house, calls) = (House::open().await, Arc::new(under_way_from(2)));
    let name = OrganizationName::parse("Port Works").expect("a name");
    let renamed = house.loggia.operator().rename_organization(house.organization, name).await;
    assert_eq!(renamed.expect("a new name").revision, 2);
    let (outcome, runs) = rename(&house, &calls).await;
    assert!(matches!(outcome, Ok(Once::InFlight)), "{outcome:?}");
    assert_eq!((runs, calls.take()), (1, [&RENAMING[..3], &RENAMING[..2]].concat()));
}

fn quay() -> NewSpace {
    NewSpace::named(space_name("Quay"))
}

/// The first of two use cases is not committed by itself: neither is.
#[tokio::test]
async fn two_use_cases_under_one_key_are_both_rolled_back() {
    let house = House::open().await;
    let (ada, once) = (house.ada, claim("POST /v1/spaces", "once"));
    let outcome = house.loggia.once(&ada, &once, move |acting| async move {
        let first = acting.create_space(ScopeChoice::Default, quay()).await;
        let second = acting.create_space(ScopeChoice::Default, quay()).await;
        ((first, second), Some(StoredResponse::Withheld))
    });
    refused!(outcome.await, StoreError::Contended(_));
    assert_eq!(house.news().await, [""; 0]);
}

/// An expected revision applies to a use case that is executed once as well.
#[tokio::test]
async fn a_stale_record_is_not_changed_under_an_idempotency_key_either() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    let (ada, id) = (house.ada, space.id);
    let rename = async |expected: u64, once: &Claim| {
        let outcome = house.loggia.once(&ada, once, move |acting| async move {
            let acting = acting.expecting(Expected::OneOf(vec![expected]));
            let name = Some(space_name("Pier"));
            let patch = loggia_domain::space::SpacePatch { name, ..Default::default() };
            let changed = acting.update_space(id, patch).await;
            let answer = changed.as_ref().ok().map(|_| StoredResponse::Withheld);
            (changed.map(|space| space.revision).map_err(|error| error.to_string()), answer)
        });
        outcome.await.expect("an answer")
    };
    let once = claim("PATCH /v1/spaces", "once");
    let stale = "the record has changed since".to_owned();
    assert_eq!(rename(2, &once).await, Once::Done(Err(stale)));
    assert_eq!(rename(1, &once).await, Once::Done(Ok(2)), "a refusal has left the key free");
    assert_eq!(rename(1, &once).await, Once::Kept(StoredResponse::Withheld), "though it is stale by now");
}
