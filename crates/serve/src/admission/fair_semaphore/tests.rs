use std::future::Future;
use std::pin::{Pin, pin};

use futures_util::future::join_all;
use futures_util::poll;
use uuid::Uuid;

use super::*;
use crate::admission::Member;
use crate::limits::{
    ALL_QUEUES_MILLISECONDS, BURST_CALLS, CALM_MILLISECONDS, NEWEST_FIRST_MILLISECONDS,
    OVERLOADED_WAIT_MILLISECONDS, QUEUE_MILLISECONDS,
};

const LONG: Duration = Duration::from_secs(3);
const SHORT: Duration = Duration::from_millis(OVERLOADED_WAIT_MILLISECONDS);

fn tenant(user: u128, organization: Option<u128>) -> Tenant {
    Tenant { member: Member::User(Uuid::from_u128(user)), organization: organization.map(Uuid::from_u128) }
}

/// A user without an organization.
fn user(number: u128) -> Tenant {
    tenant(number, None)
}

fn take_all(semaphore: &FairSemaphore, tenant: Tenant) -> Vec<Permit> {
    std::iter::from_fn(|| semaphore.try_acquire(tenant, 1)).collect()
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// Returns a waiting call that has been polled once.
async fn waiting(
    semaphore: &FairSemaphore,
    tenant: Tenant,
) -> Pin<Box<dyn Future<Output = Option<Permit>> + '_>> {
    let mut call: Pin<Box<dyn Future<Output = _>>> = Box::pin(semaphore.acquire(tenant, 1, LONG));
    assert!(poll!(&mut call).is_pending());
    call
}

/// Returns the time after which a call is refused for which no permit becomes free.
async fn refused_after(semaphore: &FairSemaphore, tenant: Tenant) -> Duration {
    let begun = Instant::now();
    assert!(semaphore.acquire(tenant, 1, LONG).await.is_none());
    begun.elapsed()
}

#[test]
fn an_organization_holds_three_quarters_and_a_user_three_quarters_of_that() {
    let semaphore = FairSemaphore::new(16);
    let first = take_all(&semaphore, tenant(1, Some(1)));
    let second = take_all(&semaphore, tenant(2, Some(1)));
    let stranger = take_all(&semaphore, tenant(3, Some(2)));
    assert_eq!([first.len(), second.len(), stranger.len()], [9, 3, 4]);
    drop(first);
    assert_eq!(take_all(&semaphore, tenant(3, Some(2))).len(), 5, "nine in all");
}

#[test]
fn a_user_has_one_limit_across_all_organizations() {
    let semaphore = FairSemaphore::new(16);
    let held: Vec<_> = (0..4).flat_map(|number| take_all(&semaphore, tenant(1, Some(number)))).collect();
    assert_eq!((held.len(), take_all(&semaphore, user(1)).len()), (9, 0));
    assert_eq!(take_all(&semaphore, tenant(2, Some(0))).len(), 3);
}

#[test]
fn with_few_permits_a_tenant_gets_one_and_leaves_one_if_there_are_two() {
    for (permits, per_user, per_organization) in
        [(1, 1, 1), (2, 1, 1), (3, 1, 2), (4, 2, 3), (6, 4, 5), (8, 5, 6)]
    {
        let semaphore = FairSemaphore::new(permits);
        let first = take_all(&semaphore, tenant(1, Some(1)));
        assert_eq!(first.len(), per_user, "{permits}");
        let second = take_all(&semaphore, tenant(2, Some(1)));
        assert_eq!(first.len() + second.len(), per_organization.max(per_user), "{permits}");
        assert_eq!(take_all(&semaphore, tenant(3, Some(2))).is_empty(), permits == 1, "{permits}");
    }
    assert!(FairSemaphore::new(0).try_acquire(user(1), 1).is_none());
}

#[test]
fn permits_that_cannot_be_had_leave_nothing_taken() {
    let semaphore = FairSemaphore::new(16);
    let others: Vec<_> = (1..3).map(|n| semaphore.try_acquire(user(n), 8).expect("permits")).collect();
    assert!(semaphore.try_acquire(user(3), 1).is_none());
    drop(others);
    assert!(semaphore.try_acquire(user(3), 10).is_none());
    assert!(semaphore.try_acquire(user(3), 9).is_some());
}

#[test]
fn a_permit_grows_within_the_limit_of_its_user_and_returns_all_its_units() {
    let semaphore = FairSemaphore::new(16);
    let mut permit = semaphore.try_acquire(user(1), 1).expect("a permit");
    assert!(permit.try_grow(8));
    assert!(permit.try_grow(3), "it has more");
    assert!(!permit.try_grow(10));
    assert!(semaphore.try_acquire(user(1), 2).is_none());
    assert!(semaphore.try_acquire(user(1), 1).is_some(), "what was refused was not taken");
    drop(permit);
    assert_eq!(take_all(&semaphore, user(1)).len(), 9);
}

#[tokio::test(start_paused = true)]
async fn users_who_hold_nothing_and_do_not_wait_are_forgotten() {
    let semaphore = FairSemaphore::new(2);
    let held = semaphore.try_acquire(tenant(0, Some(0)), 1).expect("a permit");
    let other = semaphore.try_acquire(user(1), 1).expect("a permit");
    for number in 2..1_000 {
        assert!(semaphore.try_acquire(user(number), 1).is_none());
        assert!(semaphore.acquire(user(number), 1, Duration::ZERO).await.is_none());
    }
    assert_eq!(semaphore.state().users(), 2);
    drop((held, other));
    assert_eq!(semaphore.state().users(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_served_however_long_that_takes() {
    let semaphore = FairSemaphore::new(4);
    let call = async || {
        let permit = semaphore.acquire(user(1), 1, LONG).await;
        sleep(10).await;
        permit.is_some()
    };
    let served = join_all((0..BURST_CALLS).map(|_| call())).await;
    assert!(served.iter().all(|served| *served), "{served:?}");
}

#[tokio::test(start_paused = true)]
async fn the_oldest_call_is_first_until_it_has_waited_long() {
    let semaphore = FairSemaphore::new(1);
    let mut held = semaphore.try_acquire(user(1), 1);
    let mut calls = Vec::new();
    for _ in 0..4 {
        calls.push(waiting(&semaphore, user(1)).await);
        sleep(1).await;
    }
    drop(held.take());
    held = poll_ready(&mut calls[0]).await;
    sleep(NEWEST_FIRST_MILLISECONDS).await;
    drop(held.take());
    held = poll_ready(&mut calls[3]).await;
    drop(held.take());
    drop(poll_ready(&mut calls[2]).await);
    drop(poll_ready(&mut calls[1]).await);
}

async fn poll_ready(call: &mut Pin<Box<dyn Future<Output = Option<Permit>> + '_>>) -> Option<Permit> {
    match poll!(call) {
        std::task::Poll::Ready(permit) => Some(permit.expect("a permit")),
        std::task::Poll::Pending => panic!("another call was first"),
    }
}

#[tokio::test(start_paused = true)]
async fn users_with_waiting_calls_are_served_round_robin() {
    let semaphore = FairSemaphore::new(2);
    let held = [user(8), user(9)].map(|other| semaphore.try_acquire(other, 1).expect("a permit"));
    let mut many = Vec::new();
    for _ in 0..20 {
        many.push(waiting(&semaphore, user(1)).await);
    }
    let mut one = waiting(&semaphore, user(2)).await;
    drop(held);
    let _first = poll_ready(&mut many[0]).await;
    let _second = poll_ready(&mut one).await;
    assert!(poll!(&mut many[1]).is_pending());
}

#[tokio::test(start_paused = true)]
async fn a_user_at_the_limit_keeps_no_permit_from_others() {
    let semaphore = FairSemaphore::new(4);
    let held = take_all(&semaphore, tenant(1, Some(1)));
    let mut own = waiting(&semaphore, tenant(1, Some(1))).await;
    let mut elsewhere = waiting(&semaphore, tenant(1, Some(2))).await;
    let _colleague = semaphore.try_acquire(tenant(2, Some(1)), 1).expect("a permit of the organization's");
    let mut colleagues = waiting(&semaphore, tenant(2, Some(1))).await;
    let _stranger = semaphore.try_acquire(tenant(3, Some(2)), 1).expect("the last permit");
    drop(held);
    assert!(matches!(poll!(&mut own), std::task::Poll::Ready(Some(_))));
    assert!(matches!(poll!(&mut colleagues), std::task::Poll::Ready(Some(_))));
    assert!(matches!(poll!(&mut elsewhere), std::task::Poll::Ready(Some(_))));
}

#[tokio::test(start_paused = true)]
async fn shedding_begins_when_the_queue_has_persisted_for_a_second() {
    let semaphore = FairSemaphore::new(1);
    let _held = semaphore.try_acquire(user(1), 1).expect("a permit");
    let come = async |at: u64| {
        sleep(at).await;
        refused_after(&semaphore, user(1)).await
    };
    let waited = join_all((0..150).map(|number| come(number * 10))).await;
    let (before, after) = waited.split_at(usize::try_from(QUEUE_MILLISECONDS / 10).expect("a number"));
    assert!(before.iter().all(|waited| *waited == LONG), "{before:?}");
    assert!(after.iter().all(|waited| *waited == SHORT), "{after:?}");
    sleep(5_000).await;
    assert_eq!(refused_after(&semaphore, user(1)).await, LONG, "the queue has been empty");
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_a_persistent_queue_is_shed_before_others() {
    let semaphore = FairSemaphore::new(2);
    let held = [1, 2].map(|number| semaphore.try_acquire(user(number), 1).expect("a permit"));
    // A user sends a call every 10 ms for four seconds.
    let flood = async |at: u64| {
        sleep(at).await;
        refused_after(&semaphore, user(1)).await
    };
    let other = async {
        sleep(3_500).await;
        refused_after(&semaphore, user(3)).await
    };
    let (flood, other) = tokio::join!(join_all((0..400).map(|number| flood(number * 10))), other);
    assert_eq!((flood[399], other), (SHORT, LONG));
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_many_tenants_is_overloaded_too_and_later() {
    let semaphore = FairSemaphore::new(2);
    let _held = [1, 2].map(|number| semaphore.try_acquire(user(number), 1).expect("a permit"));
    let come = async |number: u64| {
        sleep(number * 10).await;
        refused_after(&semaphore, user(10 + u128::from(number))).await
    };
    let waited = join_all((0..300).map(come)).await;
    let (before, after) = waited.split_at(usize::try_from(ALL_QUEUES_MILLISECONDS / 10).expect("a number"));
    assert!(before.iter().all(|waited| *waited == LONG), "{before:?}");
    assert!(after.iter().all(|waited| *waited == SHORT), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_a_burst_are_not_kept_waiting() {
    let semaphore = FairSemaphore::new(1);
    let _held = semaphore.try_acquire(user(1), 1).expect("a permit");
    let waited = join_all((0..BURST_CALLS + 50).map(|_| refused_after(&semaphore, user(1)))).await;
    assert!(waited[..BURST_CALLS].iter().all(|waited| *waited == LONG), "{waited:?}");
    assert!(waited[BURST_CALLS..].iter().all(|waited| *waited == SHORT), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_the_queue() {
    let semaphore = FairSemaphore::new(1);
    let held = semaphore.try_acquire(user(1), 1).expect("a permit");
    let first = waiting(&semaphore, user(1)).await;
    let mut second = waiting(&semaphore, user(1)).await;
    drop(first);
    drop(held);
    let permit = poll_ready(&mut second).await;
    drop((permit, second));
    assert_eq!(semaphore.state().users(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_permit_that_a_dropped_call_was_given_goes_to_the_next() {
    let semaphore = FairSemaphore::new(1);
    let held = semaphore.try_acquire(user(1), 1).expect("a permit");
    let first = waiting(&semaphore, user(1)).await;
    let mut second = waiting(&semaphore, user(2)).await;
    drop(held);
    drop(first);
    assert!(matches!(poll!(&mut second), std::task::Poll::Ready(Some(_))));
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_tenant_is_known_until_its_queue_has_been_empty() {
    let semaphore = FairSemaphore::new(1);
    let _held = semaphore.try_acquire(user(1), 1).expect("a permit");
    assert!(!semaphore.is_overloaded(user(1)));
    let mut call = pin!(semaphore.acquire(user(1), 1, LONG));
    assert!(poll!(&mut call).is_pending());
    sleep(QUEUE_MILLISECONDS).await;
    assert_eq!(refused_after(&semaphore, user(1)).await, SHORT);
    assert!(semaphore.is_overloaded(user(1)));
    assert!(!semaphore.is_overloaded(user(2)));
    assert!(call.await.is_none());
    sleep(CALM_MILLISECONDS).await;
    assert!(!semaphore.is_overloaded(user(1)));
}

#[tokio::test(start_paused = true)]
async fn the_usage_counts_admitted_queued_and_refused_calls() {
    let semaphore = FairSemaphore::new(1);
    let usage = |free, waiting, admitted, queued, refused| {
        let expected = SemaphoreUsage { permits: 1, free, waiting, admitted, queued, refused };
        assert_eq!(semaphore.usage(), expected);
    };
    let held = semaphore.acquire(user(1), 1, LONG).await.expect("a free permit");
    usage(0, 0, 1, 0, 0);
    assert!(semaphore.try_acquire(user(2), 1).is_none());
    usage(0, 0, 1, 0, 0);
    let call = waiting(&semaphore, user(2)).await;
    usage(0, 1, 1, 1, 0);
    drop(held);
    drop(call.await.expect("the permit"));
    usage(1, 0, 1, 1, 0);
    let held = semaphore.try_acquire(user(1), 1).expect("a free permit");
    assert!(semaphore.acquire(user(2), 1, SHORT).await.is_none());
    usage(0, 0, 2, 2, 1);
    let gone = waiting(&semaphore, user(2)).await;
    drop(gone);
    usage(0, 0, 2, 3, 1);
    semaphore.count_refusal();
    drop(held);
    usage(1, 0, 2, 3, 2);
}
