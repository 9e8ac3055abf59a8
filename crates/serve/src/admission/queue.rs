//! The state of an admission queue, in which calls wait for permits: whether it holds a burst, or is overloaded.
//!
//! After a burst a queue is soon empty again, and each of its calls is served. Under sustained overload a queue is nothing but delay: it
//! serves as many calls, each of them later. A queue counts as overloaded once it has not been empty for some time (controlled delay, as in
//! Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012; for servers, Maurer, "Fail at Scale", ACM Queue 13(8), 2015).

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::CALM_MILLISECONDS;

const CALM: Duration = Duration::from_millis(CALM_MILLISECONDS);

/// Counts the waiting calls, and tracks how long the queue has not been empty.
#[derive(Debug)]
pub(crate) struct AdmissionQueue {
    /// The time without an empty queue after which it is overloaded.
    tolerance: Duration,
    waiting: usize,
    /// The time at which the queue was last empty.
    stands_since: Option<Instant>,
    is_overloaded: bool,
    /// The time at which a call last left the queue.
    left_at: Option<Instant>,
}

impl AdmissionQueue {
    /// Creates an empty queue, which is overloaded once it has not been empty for `tolerance`.
    pub(crate) const fn new(tolerance: Duration) -> Self {
        Self { tolerance, waiting: 0, stands_since: None, is_overloaded: false, left_at: None }
    }

    /// Returns the number of waiting calls.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Returns whether calls come faster than they are served. An overloaded queue recovers when it has been empty for
    /// [`CALM_MILLISECONDS`].
    pub(crate) fn is_overloaded(&self, now: Instant) -> bool {
        let since = |time: Option<Instant>| time.map(|time| now.duration_since(time));
        match self.waiting {
            0 => self.is_overloaded && since(self.left_at).is_some_and(|rested| rested < CALM),
            _ => self.is_overloaded || since(self.stands_since).is_some_and(|stood| stood >= self.tolerance),
        }
    }

    /// Adds a call.
    pub(crate) fn join(&mut self, now: Instant) {
        self.is_overloaded = self.is_overloaded(now);
        if self.waiting == 0 {
            self.stands_since = Some(now);
        }
        self.waiting += 1;
    }

    /// Removes `number` calls, which have a permit or wait no longer.
    pub(crate) fn leave(&mut self, number: usize, now: Instant) {
        self.is_overloaded = self.is_overloaded(now);
        self.waiting = self.waiting.saturating_sub(number);
        self.left_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: Duration = Duration::from_secs(1);

    fn after(begin: Instant, milliseconds: u64) -> Instant {
        begin + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_queue_is_overloaded_when_it_has_persisted_for_its_tolerance() {
        let (mut queue, begin) = (AdmissionQueue::new(TOLERANCE), Instant::now());
        // A call comes each millisecond and waits for ten.
        for millisecond in 0..1_500 {
            let now = after(begin, millisecond);
            queue.join(now);
            assert_eq!(queue.is_overloaded(now), millisecond >= 1_000, "{millisecond}");
            if millisecond >= 10 {
                queue.leave(1, now);
            }
        }
        assert_eq!(queue.waiting(), 10);
    }

    #[test]
    fn a_queue_that_is_empty_now_and_then_is_not_overloaded() {
        let (mut queue, begin) = (AdmissionQueue::new(TOLERANCE), Instant::now());
        for burst in 0..10 {
            let begin = after(begin, 1_000 * burst);
            (0..200).for_each(|_| queue.join(begin));
            let end = after(begin, 999);
            queue.leave(200, end);
            assert!(!queue.is_overloaded(end), "{burst}");
        }
    }

    #[test]
    fn a_burst_that_takes_long_to_serve_is_overload_for_the_calls_behind_it() {
        let (mut queue, begin) = (AdmissionQueue::new(TOLERANCE), Instant::now());
        (0..200).for_each(|_| queue.join(begin));
        queue.leave(1, after(begin, 999));
        assert!(!queue.is_overloaded(after(begin, 999)));
        queue.leave(1, after(begin, 1_000));
        assert!(queue.is_overloaded(after(begin, 1_000)));
    }

    #[test]
    fn an_overloaded_queue_recovers_when_it_has_been_empty_for_a_while() {
        let (mut queue, begin) = (AdmissionQueue::new(TOLERANCE), Instant::now());
        queue.join(begin);
        queue.leave(1, after(begin, 1_000));
        let soon = after(begin, 1_000 + CALM_MILLISECONDS - 1);
        queue.join(soon);
        assert!(queue.is_overloaded(soon));
        queue.leave(1, after(begin, 1_200));
        let late = after(begin, 1_200 + CALM_MILLISECONDS);
        assert!(!queue.is_overloaded(late));
        queue.join(late);
        assert!(!queue.is_overloaded(late));
    }
}
