//! Retries: which attempts are repeated, when, and for how long.

use std::time::Duration;

use backon::Retryable as _;
use tokio::time::Instant;

use crate::error::Error;
use crate::random::random;

/// The limits on repeated attempts at a call: their number and their total time.
///
/// Retried are connections that fail, timeouts, and the statuses 408, 425, 429, 500, 502, 503 and 504; a 409 `IDEMPOTENCY_KEY_IN_USE` only
/// if an earlier attempt of this call may be the request in flight. The pause before the retry number n is random between zero and
/// `min_delay` times 2ⁿ⁻¹, at most `max_delay` (full jitter), and not shorter than the server's `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// The maximum number of attempts, the first included. By default 5; with 1 nothing is retried.
    pub max_attempts: usize,
    /// The upper limit of the first pause. By default 100 milliseconds.
    pub min_delay: Duration,
    /// The upper limit of every pause but for `Retry-After`. By default 5 seconds.
    pub max_delay: Duration,
    /// The timeout of one attempt. By default 30 seconds.
    pub attempt_timeout: Duration,
    /// The timeout of all attempts with their pauses. By default 60 seconds. A pause that would go beyond it is not begun.
    pub total_timeout: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            min_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(60),
        }
    }
}

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// When the attempt may be repeated.
    pub(crate) repeat: Repeat,
    /// Whether the request may have taken effect.
    pub(crate) is_unclear: bool,
}

/// When an attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Always,
    /// If an earlier attempt may have taken effect: then the request that is in the way is probably that one.
    IfUnclear,
    Never,
}

/// The end of a call that failed.
pub(crate) struct GivenUp {
    pub(crate) last: Failure,
    /// Whether any of the attempts may have taken effect.
    pub(crate) is_unclear: bool,
}

/// Runs attempts until one succeeds, or until no other is allowed. Each is given the time that it may take.
pub(crate) async fn run<T, F>(retries: &Retries, mut attempt: impl FnMut(Duration) -> F) -> Result<T, GivenUp>
where
    F: Future<Output = Result<T, Failure>>,
{
    let started = Instant::now();
    let left = || retries.total_timeout.saturating_sub(started.elapsed());
    let mut is_unclear = false;
    let result = (|| attempt(left().min(retries.attempt_timeout)))
        .retry(pauses(retries.clone()))
        .when(|failure: &Failure| {
            let may_be_ours = is_unclear;
            is_unclear |= failure.is_unclear;
            match failure.repeat {
                Repeat::Always => true,
                Repeat::IfUnclear => may_be_ours,
                Repeat::Never => false,
            }
        })
        .adjust(|failure, pause| {
            let pause = pause?.max(failure.error.retry_after().unwrap_or_default());
            (pause < left()).then_some(pause)
        })
        .await;
    result.map_err(|last| GivenUp { last, is_unclear })
}

/// Returns the pauses between the attempts: exponential, with full jitter.
fn pauses(retries: Retries) -> impl Iterator<Item = Duration> + Send + Sync + Unpin {
    let mut limit = retries.min_delay.min(retries.max_delay);
    (1..retries.max_attempts).map(move |_| {
        let pause = jitter(limit);
        limit = limit.saturating_mul(2).min(retries.max_delay);
        pause
    })
}

/// Returns a random duration from zero to the limit; the limit itself if the system has no randomness.
fn jitter(limit: Duration) -> Duration {
    random().map_or(limit, |bytes| limit.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)))
}

#[cfg(test)]
mod tests;
