//! A simulated minute of overload beside a burst, for the promises about overload that concern admission (B38, B40).

use futures_util::future::join_all;
use uuid::Uuid;

use super::*;
use crate::admission::Member;

/// The time that each call takes once it has its permit.
const SERVICE: Duration = Duration::from_millis(10);
const MINUTE: Duration = Duration::from_secs(60);

fn user(number: u128) -> Tenant {
    Tenant { member: Member::User(Uuid::from_u128(number)), organization: None }
}

/// The times that calls took, in ascending order: of those that were served, and of those that were refused.
struct Outcomes {
    served: Vec<Duration>,
    refused: Vec<Duration>,
}

fn percentile(times: &[Duration], per_mille: usize) -> Duration {
    times[(times.len() * per_mille / 1_000).min(times.len() - 1)]
}

/// Sends a call every `every`, whether or not earlier calls have ended.
async fn open_loop(semaphore: &FairSemaphore, tenant: Tenant, every: Duration, time: Duration) -> Outcomes {
    let number = u32::try_from(time.as_micros() / every.as_micros()).expect("a number of calls");
    let calls = (0..number).map(|number| async move {
        tokio::time::sleep(every * number).await;
        let begun = Instant::now();
        let permit = semaphore.acquire(tenant, 1, Duration::from_secs(3)).await;
        if permit.is_some() {
            tokio::time::sleep(SERVICE).await;
        }
        (permit.is_some(), begun.elapsed())
    });
    let (mut served, mut refused) = (Vec::new(), Vec::new());
    for (is_served, took) in join_all(calls).await {
        if is_served { &mut served } else { &mut refused }.push(took);
    }
    served.sort_unstable();
    refused.sort_unstable();
    Outcomes { served, refused }
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_five_times_the_capacity_is_mostly_served_at_once_or_refused_at_once() {
    // Two permits for the user: 200 calls a second.
    let semaphore = FairSemaphore::new(4);
    let outcomes = open_loop(&semaphore, user(1), Duration::from_millis(1), MINUTE).await;
    let (served, refused) = (outcomes.served, outcomes.refused);
    assert!(served.len() >= 60 * 200 * 8 / 10, "{} served", served.len());
    assert!(percentile(&served, 990) <= 5 * SERVICE, "{:?}", percentile(&served, 990));
    assert!(percentile(&refused, 990) < Duration::from_millis(50), "{:?}", percentile(&refused, 990));
    // Two seconds later the queue has recovered: a burst of 200 is served.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let burst = join_all((0..200).map(|_| open_loop(&semaphore, user(1), SERVICE, SERVICE))).await;
    assert!(burst.iter().all(|outcomes| outcomes.refused.is_empty()));
    let last = burst.iter().map(|outcomes| outcomes.served[0]).max().expect("a call");
    assert!(last <= Duration::from_secs(3), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn another_user_notices_nothing_of_one_who_sends_ten_times_the_capacity() {
    let semaphore = FairSemaphore::new(4);
    let flood = open_loop(&semaphore, user(1), Duration::from_micros(500), MINUTE);
    let other = open_loop(&semaphore, user(2), Duration::from_millis(25), MINUTE);
    let (_, other) = tokio::join!(flood, other);
    assert_eq!((other.refused.len(), percentile(&other.served, 990)), (0, SERVICE));
}

#[tokio::test(start_paused = true)]
async fn another_user_waits_for_one_permit_at_most_beside_many_who_send_too_much() {
    let semaphore = FairSemaphore::new(4);
    let floods = join_all((10..15).map(|number| {
        open_loop(&semaphore, user(number), Duration::from_millis(2), Duration::from_secs(10))
    }));
    let other = open_loop(&semaphore, user(2), Duration::from_millis(50), Duration::from_secs(10));
    let (_, other) = tokio::join!(floods, other);
    assert!(other.refused.is_empty(), "{:?}", other.refused);
    assert!(percentile(&other.served, 990) <= 3 * SERVICE, "{:?}", percentile(&other.served, 990));
}
