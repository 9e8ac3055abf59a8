//! Tests of units of work whose begin is cancelled (rules C1 to C3).

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use loggia_domain::port::Store;
use loggia_testkit::seed;
use sqlx::PgConnection;
use sqlx::postgres::PgPoolOptions;

use super::{database, open, options, ports, superuser};

/// Returns the number of sessions that are idle in a transaction.
async fn left_in_a_transaction(outsider: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(outsider)
    .await
    .expect("a look at the sessions")
}

/// Polls a future at most `times + 1` times, and then drops it. Returns `true` if it was ready by then.
async fn poll_at_most<F: Future>(times: u32, future: F) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if future.as_mut().poll(context).is_ready() {
            return Poll::Ready(true);
        }
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        // Polls again at once; the runtime reads the network in between.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

#[tokio::test]
async fn a_cancelled_begin_leaves_no_session_in_a_transaction() {
    const ROUNDS: u32 = 1_200;
    let database = database().await;
    let store = open(&options(&database).writers(2)).await;
    let ports = ports(&store);
    let mut outsider = superuser(&database).await;
    let mut cancelled = 0;
    let mut written: i64 = 0;
    // A pseudo-random sequence with a fixed seed.
    let mut chance: u32 = 1;
    for round in 0..ROUNDS {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let polls = (chance >> 16) % if round % 2 == 0 { 8 } else { 200 };
        if !poll_at_most(polls, store.begin()).await {
            cancelled += 1;
        }
        if round % 20 == 0 {
            seed::organization(&ports, "Harbour Works").await;
            written += 1;
        }
    }
    // The progress of a begin in so many polls depends on the machine.
    assert!((ROUNDS / 20..ROUNDS).contains(&cancelled), "some were cancelled and some were not: {cancelled}");
    // Takes both sessions, so that what was dropped is rolled back by now.
    let (one, other) = (store.begin().await.expect("a session"), store.begin().await.expect("the other one"));
    assert_eq!(left_in_a_transaction(&mut outsider).await, 2, "just these");
    one.commit().await.expect("a commit");
    other.commit().await.expect("a commit");
    assert_eq!(left_in_a_transaction(&mut outsider).await, 0);
    for _ in 0..10 {
        seed::organization(&ports, "Quay Works").await;
        written += 1;
    }
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM organizations")
        .fetch_one(&mut outsider)
        .await
        .expect("a count");
    assert_eq!(stored, written, "every acknowledged write is stored");
}

/// Control: without this the test above would pass with a driver that itself rolls back what was cancelled.
#[tokio::test]
async fn a_cancelled_begin_of_the_driver_leaves_an_open_transaction_and_loses_writes() {
    const MAX_ROUNDS: u32 = 10_000;
    let database = database().await;
    let mut outsider = superuser(&database).await;
    let plain = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let plain = plain.connect_lazy(database.url()).expect("a pool");
    drop(plain.acquire().await.expect("a session that is there"));
    let mut rounds = 0;
    let mut poisoned = 0;
    // The cancellation must come at a certain moment, which some round hits.
    while poisoned == 0 && rounds < MAX_ROUNDS {
        poll_at_most(rounds % 100, plain.begin()).await;
        sqlx::query("INSERT INTO scopes (id, kind) VALUES (gen_random_uuid(), 'organization')")
            .execute(&plain)
            .await
            .expect("the next user's write is acknowledged");
        poisoned = left_in_a_transaction(&mut outsider).await;
        rounds += 1;
    }
    plain.close().await;
    let stored: i64 =
        sqlx::query_scalar("SELECT count(*) FROM scopes").fetch_one(&mut outsider).await.expect("a count");
    assert!(poisoned > 0, "sqlx rolls back cancelled transactions now: see rule C3");
    assert!(stored < i64::from(rounds), "acknowledged writes were lost: {stored} of {rounds} are stored");
}
