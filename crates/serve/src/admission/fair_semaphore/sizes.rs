//! Calls that need several permits together, as reservations of memory do.

use std::pin::pin;

use futures_util::poll;
use uuid::Uuid;

use super::*;
use crate::admission::Member;

const LONG: Duration = Duration::from_secs(3);

fn user(number: u128) -> Tenant {
    Tenant { member: Member::User(Uuid::from_u128(number)), organization: None }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_all_of_its_permits_and_holds_none_meanwhile() {
    let semaphore = FairSemaphore::new(16);
    let mut held = semaphore.acquire(user(1), 6, LONG).await.expect("permits");
    let mut call = pin!(semaphore.acquire(user(1), 9, LONG));
    assert!(poll!(&mut call).is_pending());
    held.shrink(1);
    assert!(poll!(&mut call).is_pending(), "one is still held, and nine is all that one user may have");
    let other = semaphore.try_acquire(user(1), 8).expect("a call that waits holds nothing");
    drop((held, other));
    let granted = call.await.expect("permits");
    assert!(semaphore.try_acquire(user(1), 1).is_none());
    drop(granted);
    assert_eq!(semaphore.state().users(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_for_few_permits_passes_one_for_many_and_nobody_waits_for_ever() {
    let semaphore = FairSemaphore::new(16);
    let held = semaphore.try_acquire(user(1), 2).expect("permits");
    let mut many = pin!(semaphore.acquire(user(1), 9, LONG));
    assert!(poll!(&mut many).is_pending());
    let few = semaphore.acquire(user(1), 7, LONG).await.expect("they are free");
    assert!(many.await.is_none(), "it is refused when its time is over");
    drop((held, few));
    assert_eq!(semaphore.state().users(), 0);
}

#[tokio::test(start_paused = true)]
async fn permits_that_are_given_back_in_part_go_to_calls_that_wait() {
    let semaphore = FairSemaphore::new(16);
    let mut held = semaphore.try_acquire(user(1), 9).expect("permits");
    let mut own = pin!(semaphore.acquire(user(1), 4, LONG));
    let mut others = pin!(semaphore.acquire(user(2), 8, LONG));
    assert!(poll!(&mut own).is_pending() && poll!(&mut others).is_pending());
    held.shrink(20);
    assert!(poll!(&mut own).is_pending(), "to shrink to more gives nothing back");
    held.shrink(3);
    assert!(own.await.is_some_and(|permit| permit.number == 4));
    let others = others.await.expect("permits");
    assert_eq!((held.number, others.number), (3, 8));
}
