//! Which requests are traced, if nobody else decides it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use opentelemetry::trace::{Link, SpanKind, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

/// The number of new traces in a second: enough to see what a server does, and few enough that thousands of requests are not slowed down.
const PER_SECOND: f64 = 50.0;

/// Samples new traces up to a rate.
#[derive(Clone, Debug, Default)]
pub(super) struct TracesPerSecond(Arc<Mutex<Option<Bucket>>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl TracesPerSecond {
    fn take(&self, now: Instant) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Bucket { left, at } = bucket.unwrap_or(Bucket { left: PER_SECOND, at: now });
        let left = (left + now.duration_since(at).as_secs_f64() * PER_SECOND).min(PER_SECOND);
        let takes = left >= 1.0;
        *bucket = Some(Bucket { left: if takes { left - 1.0 } else { left }, at: now });
        takes
    }
}

impl ShouldSample for TracesPerSecond {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let decision = match self.take(Instant::now()) {
            true => SamplingDecision::RecordAndSample,
            false => SamplingDecision::Drop,
        };
        SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn fifty_traces_begin_in_a_second_and_no_more() {
        let (sampler, begin) = (TracesPerSecond::default(), Instant::now());
        let taken = |milliseconds: u64, calls: usize| {
            let now = begin + Duration::from_millis(milliseconds);
            (0..calls).filter(|_| sampler.take(now)).count()
        };
        assert_eq!(taken(0, 1_000), 50);
        assert_eq!(taken(100, 1_000), 5, "a tenth of a second later");
        assert_eq!(taken(60_000, 1_000), 50, "nothing is saved up beyond a second");
    }
}
