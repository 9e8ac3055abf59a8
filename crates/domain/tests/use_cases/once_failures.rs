//! Execution once on a store that fails, and by a host that uses it incorrectly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::once::{Claim, KeptAnswer, Once};
use loggia_domain::organization::Organization;
use loggia_domain::port::mock::{MockStore, MockUnitOfWork};
use loggia_domain::port::{Claimed, Ports, StoreError};
use loggia_domain::revision::Expected;
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Loggia, OrganizationError as E};
use loggia_domain::space::NewSpace;
use loggia_domain::text::OrganizationName;
use loggia_testkit::builders::{self, claim};

use crate::support::{House, NOBODY, space_name};

const ORGANIZATION: OrganizationId = OrganizationId::from_uuid(NOBODY);

fn contended() -> StoreError {
    StoreError::Contended(None)
}

fn on(store: MockStore) -> Loggia {
    Loggia::new(Ports { store: Arc::new(store), ..loggia_testkit::memory() })
}

/// Returns a unit of work that has the claim.
fn claimed() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::new();
    work.expect_claim().times(1).returning(|_, _, _| Ok(Claimed::New));
    work
}

/// Returns a unit of work that has the claim, and in which an admin renames an organization, up to the event.
fn renamed() -> MockUnitOfWork {
    let mut work = claimed();
    let organization = builders::organization(&loggia_testkit::memory(), "Harbour Works");
    let found = Organization { id: ORGANIZATION, ..organization };
    let found = Ok(Some((found, ScopeRole::Admin)));
    work.expect_lock_organization().times(1).return_once(|_, _| found);
    work.expect_update_organization().times(1).returning(|_| Ok(()));
    work.expect_append().times(1).returning(|_| Ok(()));
    work
}

/// Returns such a unit of work up to its commit; it checks the scope and the response that are stored.
fn kept(commit: fn() -> Result<(), StoreError>) -> MockUnitOfWork {
    let mut work = renamed();
    work.expect_keep()
        .times(1)
        .withf(|owner, claim, scope, answer| {
            owner.user == UserId::from_uuid(NOBODY)
                && claim.key.as_str() == "once"
                && *scope == Some(Scope::Organization(ORGANIZATION))
                && *answer == KeptAnswer::Shown(b"Port Works".to_vec())
        })
        .returning(|_, _, _, _| Ok(()));
    work.expect_commit().times(1).return_once(commit);
    work
}

/// Renames an organization once. Returns the outcome, and the number of times that the use case was begun.
async fn rename(loggia: &Loggia) -> (Result<Once<Result<Organization, E>>, StoreError>, usize) {
    let caller = Caller::unchecked(UserId::from_uuid(NOBODY), Scope::Organization(ORGANIZATION));
    let runs = AtomicUsize::new(0);
    let outcome = loggia
        .once(&caller, &claim("PATCH /v1/organizations", "once"), |acting| {
            runs.fetch_add(1, Ordering::Relaxed);
            async move {
                let name = OrganizationName::parse("Port Works").expect("a name");
                let outcome = acting.rename_organization(ORGANIZATION, name).await;
                let answer = outcome.as_ref().ok().map(|it| KeptAnswer::Shown(it.name.as_str().into()));
                (outcome, answer)
            }
        })
        .await;
    (outcome, runs.into_inner())
}

#[tokio::test]
async fn what_is_done_is_committed_once_with_its_answer() {
    let mut store = MockStore::new();
    store.expect_begin_for().times(1).returning(|_, _| Ok(Box::new(kept(|| Ok(())))));
    let (outcome, runs) = rename(&on(store)).await;
    let Ok(Once::Done(Ok(organization))) = outcome else { panic!("{outcome:?}") };
    assert_eq!((organization.revision, runs), (2, 1));
}

#[tokio::test]
async fn a_commit_that_fails_is_told_as_it_failed() {
    for (commit, told) in [
        ((|| Err(StoreError::Unavailable(None))) as fn() -> Result<(), StoreError>, "Unavailable(None)"),
        (|| Err(StoreError::OutcomeUnknown(None)), "OutcomeUnknown(None)"),
    ] {
        let mut store = MockStore::new();
        store.expect_begin_for().times(1).returning(move |_, _| Ok(Box::new(kept(commit))));
        let (outcome, runs) = rename(&on(store)).await;
        assert_eq!((format!("{:?}", outcome.expect_err("no commit")).as_str(), runs), (told, 1));
    }
}

#[tokio::test]
async fn where_the_answer_cannot_be_kept_nothing_is_committed() {
    let mut store = MockStore::new();
    store.expect_begin_for().times(1).returning(|_, _| {
        let mut work = renamed();
        // A call of `commit`, which is not expected, would fail the test.
        work.expect_keep().times(1).returning(|_, _, _, _| Err(StoreError::Unavailable(None)));
        Ok(Box::new(work))
    });
    refused!(rename(&on(store)).await.0, StoreError::Unavailable(_));
}

#[tokio::test]
async fn a_use_case_that_is_contended_is_done_again_with_its_claim() {
    let mut store = MockStore::new();
    let mut tries = 0;
    store.expect_begin_for().times(3).returning(move |_, _| {
        tries += 1;
        Ok(Box::new(match tries {
            1 => {
                let mut work = claimed();
                work.expect_lock_organization().times(1).returning(|_, _| Err(contended()));
                work
            }
            2 => kept(|| Err(contended())),
            _ => kept(|| Ok(())),
        }))
    });
    let (outcome, runs) = rename(&on(store)).await;
    let Ok(Once::Done(Ok(organization))) = outcome else { panic!("{outcome:?}") };
    assert_eq!((organization.revision, runs), (2, 3), "changed once, not three times");
}

#[tokio::test]
async fn contention_that_lasts_is_given_up() {
    let mut store = MockStore::new();
    store.expect_begin_for().times(4).returning(|_, _| Ok(Box::new(kept(|| Err(contended())))));
    refused!(rename(&on(store)).await.0, StoreError::Contended(_));
    let mut store = MockStore::new();
    store.expect_begin_for().times(4).returning(|_, _| {
        let mut work = claimed();
        work.expect_lock_organization().times(1).returning(|_, _| Err(contended()));
        Ok(Box::new(work))
    });
    let (outcome, runs) = rename(&on(store)).await;
    refused!(outcome, StoreError::Contended(_));
    assert_eq!(runs, 4);
}

#[tokio::test]
async fn what_is_under_way_elsewhere_is_not_begun() {
    let mut store = MockStore::new();
    store.expect_begin_for().times(1).returning(|_, _| {
        let mut work = MockUnitOfWork::new();
        work.expect_claim().times(1).returning(|_, _, _| Ok(Claimed::Underway));
        Ok(Box::new(work))
    });
    let (outcome, runs) = rename(&on(store)).await;
    assert!(matches!(outcome, Ok(Once::Underway)), "{outcome:?}");
    assert_eq!(runs, 0);
}

/// An empty patch drops its unit of work and the claim with it, so another request may have the claim by the time that it is made again.
#[tokio::test]
async fn what_changed_nothing_and_is_under_way_elsewhere_by_then_is_not_kept() {
    let mut store = MockStore::new();
    let mut tries = 0;
    store.expect_begin_for().times(2).returning(move |_, _| {
        tries += 1;
        let mut work = MockUnitOfWork::new();
        if tries == 1 {
            work.expect_claim().times(1).returning(|_, _, _| Ok(Claimed::New));
            let organization = builders::organization(&loggia_testkit::memory(), "Port Works");
            let found = Ok(Some((organization, ScopeRole::Admin)));
            work.expect_lock_organization().times(1).return_once(|_, _| found);
        } else {
            work.expect_claim().times(1).returning(|_, _, _| Ok(Claimed::Underway));
        }
        Ok(Box::new(work))
    });
    let (outcome, runs) = rename(&on(store)).await;
    assert!(matches!(outcome, Ok(Once::Underway)), "{outcome:?}");
    assert_eq!(runs, 1);
}

fn quay() -> NewSpace {
    NewSpace::named(space_name("Quay"))
}

/// The first of two use cases is not committed by itself: neither is.
#[tokio::test]
async fn two_use_cases_in_one_are_not_done_at_all() {
    let house = House::open().await;
    let (ada, once) = (house.ada, claim("POST /v1/spaces", "once"));
    let outcome = house.loggia.once(&ada, &once, move |acting| async move {
        let first = acting.create_space(ScopeChoice::Default, quay()).await;
        let second = acting.create_space(ScopeChoice::Default, quay()).await;
        ((first, second), Some(KeptAnswer::Withheld))
    });
    refused!(outcome.await, StoreError::Contended(_));
    assert_eq!(house.news().await, [""; 0]);
}

/// An expected revision applies to a use case that is executed once as well.
#[tokio::test]
async fn what_is_stale_is_not_done_once_either() {
    let house = House::open().await;
    let space = house.space("Quay", None).await;
    let (ada, id) = (house.ada, space.id);
    let rename = async |expected: u64, once: &Claim| {
        let outcome = house.loggia.once(&ada, once, move |acting| async move {
            let acting = acting.expecting(Expected::OneOf(vec![expected]));
            let name = Some(space_name("Pier"));
            let patch = loggia_domain::space::SpacePatch { name, ..Default::default() };
            let changed = acting.update_space(id, patch).await;
            let answer = changed.as_ref().ok().map(|_| KeptAnswer::Withheld);
            (changed.map(|space| space.revision).map_err(|error| error.to_string()), answer)
        });
        outcome.await.expect("an answer")
    };
    let once = claim("PATCH /v1/spaces", "once");
    let stale = "the record has changed since".to_owned();
    assert_eq!(rename(2, &once).await, Once::Done(Err(stale)));
    assert_eq!(rename(1, &once).await, Once::Done(Ok(2)), "a refusal has left the key free");
    assert_eq!(rename(1, &once).await, Once::Kept(KeptAnswer::Withheld), "though it is stale by now");
}
