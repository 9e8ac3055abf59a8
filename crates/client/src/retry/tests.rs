use std::cell::RefCell;

use super::*;
use crate::problem::Problem;

/// Returns a failure that may be repeated, with that `Retry-After`.
fn busy(retry_after: Option<u64>) -> Failure {
    let problem = serde_json::json!({
        "type": "", "title": "", "status": 503, "detail": "", "instance": "", "code": "BUSY", "request_id": "",
    });
    let mut problem: Problem = serde_json::from_value(problem).unwrap();
    problem.retry_after = retry_after.map(Duration::from_secs);
    Failure { error: Error::Problem(Box::new(problem)), repeat: Repeat::Always, is_unclear: false }
}

/// Runs attempts that fail in this way. Returns the times of the attempts since the first one, and what they were given.
async fn times(
    retries: &Retries,
    failure: impl Fn(usize) -> Failure,
) -> (Vec<Duration>, Vec<Duration>, GivenUp) {
    let started = Instant::now();
    let (begun, given) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let result: Result<(), _> = run(retries, |timeout| {
        begun.borrow_mut().push(started.elapsed());
        given.borrow_mut().push(timeout);
        std::future::ready(Err(failure(begun.borrow().len() - 1)))
    })
    .await;
    (begun.into_inner(), given.into_inner(), result.unwrap_err())
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_in_number_and_their_pauses_by_full_jitter() {
    let retries = Retries::default();
    for _ in 0..50 {
        let (begun, _, _) = times(&retries, |_| busy(None)).await;
        assert_eq!(begun.len(), retries.max_attempts);
        let limits = [100, 200, 400, 800].map(Duration::from_millis);
        for (pause, limit) in begun.windows(2).map(|pair| pair[1] - pair[0]).zip(limits) {
            // The timer of tokio works in milliseconds.
            assert!(pause <= limit + Duration::from_millis(1), "{pause:?} of at most {limit:?}");
        }
    }
}

#[test]
fn pauses_are_random_and_stop_growing() {
    let retries = Retries { max_attempts: 200, ..Retries::default() };
    let pauses: Vec<_> = pauses(retries.clone()).collect();
    assert_eq!(pauses.len(), 199);
    assert!(pauses.iter().all(|pause| *pause <= retries.max_delay));
    assert!(
        pauses.iter().any(|pause| *pause < retries.max_delay / 2)
            && pauses.iter().any(|pause| *pause > retries.max_delay / 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_as_long_as_the_server_says() {
    let (begun, _, _) = times(&Retries::default(), |_| busy(Some(7))).await;
    let seconds: Vec<_> = begun.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 7, 14, 21, 28]);
}

#[tokio::test(start_paused = true)]
async fn no_pause_goes_beyond_the_total_time_and_no_attempt_is_given_more_than_is_left() {
    let retries = Retries { total_timeout: Duration::from_secs(40), ..Retries::default() };
    let (begun, given, given_up) = times(&retries, |_| busy(Some(15))).await;
    assert_eq!(begun.iter().map(Duration::as_secs).collect::<Vec<_>>(), [0, 15, 30]);
    assert_eq!(given.iter().map(|time| time.as_secs_f64().round()).collect::<Vec<_>>(), [30.0, 25.0, 10.0]);
    assert_eq!(given_up.last.error.retry_after(), Some(Duration::from_secs(15)), "for the program to wait");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_must_not_be_repeated_is_sent_once() {
    let (begun, _, _) = times(&Retries::default(), |_| Failure { repeat: Repeat::Never, ..busy(None) }).await;
    assert_eq!(begun.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_is_waited_for_only_if_an_earlier_attempt_may_use_it() {
    let in_use = || Failure { repeat: Repeat::IfUnclear, ..busy(None) };
    let (begun, _, given_up) = times(&Retries::default(), |_| in_use()).await;
    assert_eq!((begun.len(), given_up.is_unclear), (1, false));
    let unclear = || Failure { is_unclear: true, ..busy(None) };
    let (begun, _, given_up) =
        times(&Retries::default(), |number| if number == 0 { unclear() } else { in_use() }).await;
    assert_eq!((begun.len(), given_up.is_unclear), (5, true));
}
