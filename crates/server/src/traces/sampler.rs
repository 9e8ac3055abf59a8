//! Which requests are traced, if nobody else decides it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The number of new traces in a second: enough to see what a server does, and few enough that thousands of requests are not slowed down.
const PER_SECOND: f64 = 50.0;

/// Admits new traces up to a rate. A clone counts for the same rate.
///
/// It is asked before a span is begun, and not by the SDK, for which each request that is not traced would make a span all the same.
#[derive(Clone, Debug, Default)]
pub(super) struct TracesPerSecond(Arc<Mutex<Option<Bucket>>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl TracesPerSecond {
    /// Returns `true` if a request that arrived at that time may begin a trace.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Bucket { left, at } = bucket.unwrap_or(Bucket { left: PER_SECOND, at: now });
        // Requests of several threads come a little out of order.
        let since = now.saturating_duration_since(at).as_secs_f64();
        let left = (left + since * PER_SECOND).min(PER_SECOND);
        let admits = left >= 1.0;
        *bucket = Some(Bucket { left: if admits { left - 1.0 } else { left }, at: at.max(now) });
        admits
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn at_most_fifty_traces_begin_in_a_second() {
        let (sampler, begin) = (TracesPerSecond::default(), Instant::now());
        let admitted = |milliseconds: u64, calls: usize| {
            let now = begin + Duration::from_millis(milliseconds);
            (0..calls).filter(|_| sampler.admits(now)).count()
        };
        assert_eq!(admitted(0, 1_000), 50);
        assert_eq!(admitted(100, 1_000), 5, "a tenth of a second later");
        assert_eq!(admitted(50, 1_000), 0, "one that arrived before adds nothing");
        assert_eq!(admitted(60_000, 1_000), 50, "nothing is saved up beyond a second");
    }
}
