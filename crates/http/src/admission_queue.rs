//! How long a call waits for its turn: long enough where calls come in a burst, and not for long where more come than can be done.
//!
//! A queue after a burst is soon empty again, and whoever waits in it is served. A queue that stands is nothing but a delay: as many are served,
//! each of them later. The two are told apart by whether the queue was empty at some time in the last moment (controlled delay, as in
//! Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012; for servers, Maurer, "Fail at Scale", ACM Queue 13(8), 2015).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{CROWD_MILLISECONDS, CROWDED_TURN_MILLISECONDS, TURN_MILLISECONDS};

const CROWD: Duration = Duration::from_millis(CROWD_MILLISECONDS);

/// Those who wait for the same.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// Since when there has always been somebody who waits.
    since: Option<Instant>,
    /// Whether the queue is a standing one.
    is_crowded: bool,
    /// When somebody waited last.
    last: Option<Instant>,
}

impl State {
    /// One more waits from now on, for so long.
    fn begin(&mut self, now: Instant) -> Duration {
        let has_been_empty = self.last.is_none_or(|last| now.duration_since(last) >= CROWD);
        if self.waiting == 0 {
            self.is_crowded &= !has_been_empty;
            self.since = Some(now);
        }
        self.waiting += 1;
        self.is_crowded |= self.since.is_some_and(|since| now.duration_since(since) >= CROWD);
        Duration::from_millis(if self.is_crowded { CROWDED_TURN_MILLISECONDS } else { TURN_MILLISECONDS })
    }

    /// One waits no longer.
    fn end(&mut self, now: Instant) {
        self.waiting = self.waiting.saturating_sub(1);
        self.last = Some(now);
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn for as long as it is worth it; `None` if it did not come.
    pub(crate) async fn wait<T>(&self, turn: impl Future<Output = T>) -> Option<T> {
        let patience = self.state().begin(Instant::now());
        let _waiting = Waiting(self);
        #[expect(clippy::disallowed_methods, reason = "nothing but the waiting for a turn is cancelled")]
        tokio::time::timeout(patience, turn).await.ok()
    }
}

/// Somebody who waits, also if they go away.
struct Waiting<'a>(&'a Queue);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().end(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(TURN_MILLISECONDS);
    const SHORT: Duration = Duration::from_millis(CROWDED_TURN_MILLISECONDS);

    /// One comes each millisecond of that time, and waits for as long as it may; what each was given.
    fn come(state: &mut State, begin: Instant, milliseconds: u64) -> Vec<Duration> {
        let mut until: Vec<Instant> = Vec::new();
        (0..milliseconds)
            .map(|at| {
                let now = begin + Duration::from_millis(at);
                until.retain(|end| {
                    if *end <= now {
                        state.end(*end);
                    }
                    *end > now
                });
                let patience = state.begin(now);
                until.push(now + patience);
                patience
            })
            .collect()
    }

    #[test]
    fn a_burst_waits_and_a_standing_queue_does_not() {
        let mut state = State::default();
        let given = come(&mut state, Instant::now(), 300);
        let (burst, standing) = given.split_at(100);
        assert_eq!(burst, [LONG; 100]);
        assert_eq!(standing, [SHORT; 200]);
    }

    #[test]
    fn a_queue_that_was_empty_for_a_moment_only_is_still_a_standing_one() {
        let (mut state, begin) = (State::default(), Instant::now());
        come(&mut state, begin, 200);
        let mut now = begin + Duration::from_millis(200);
        while state.waiting > 0 {
            state.end(now);
        }
        now += CROWD - Duration::from_millis(1);
        assert_eq!(state.begin(now), SHORT);
        state.end(now);
        now += CROWD;
        assert_eq!(state.begin(now), LONG, "nobody has waited for long enough");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_goes_away_waits_no_longer() {
        let queue = Queue::default();
        assert_eq!(queue.wait(std::future::ready(1)).await, Some(1));
        assert_eq!(queue.wait(std::future::pending::<()>()).await, None);
        let mut waiting = Box::pin(queue.wait(std::future::pending::<()>()));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        assert_eq!(queue.state().waiting, 1);
        drop(waiting);
        assert_eq!(queue.state().waiting, 0);
    }
}
