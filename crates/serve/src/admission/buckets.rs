//! Token buckets: how often something may be done within a minute, for each key of a map.
//!
//! A crate for rate limits does not fit: such crates bound their memory by time and not by the number of entries, bring a clock of their
//! own, and cannot count an event only once it has failed.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};

const MICROS_PER_SECOND: i64 = 1_000_000;
/// The time in which an empty bucket fills, in microseconds.
const PERIOD: i64 = 60 * MICROS_PER_SECOND;
/// The maximum number of buckets that are remembered: under a megabyte, however many clients there are.
const MOST: usize = 10_000;

/// The state of a bucket after a request for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// The limit's name in the response headers.
    name: &'static str,
    /// The capacity of the bucket.
    burst: u32,
    /// The number of tokens left.
    left: u32,
    /// The time in microseconds until the bucket has a token or, if it has one already, until it is full.
    wait: i64,
}

impl Level {
    /// Returns the wait in whole seconds, rounded up, at least 1.
    pub fn seconds(self) -> i64 {
        (self.wait + MICROS_PER_SECOND - 1).div_euclid(MICROS_PER_SECOND).max(1)
    }

    /// Returns the headers of the response to a request that exceeds the limit: the rate limit's headers and `Retry-After`.
    pub fn refusal_headers(self) -> [(HeaderName, HeaderValue); 3] {
        let [policy, level] = headers(std::iter::once(self));
        [policy, level, (RETRY_AFTER, HeaderValue::from(self.seconds()))]
    }
}

/// Returns the headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): for each bucket its policy, and the
/// tokens left in it.
pub(crate) fn headers(levels: impl Iterator<Item = Level>) -> [(HeaderName, HeaderValue); 2] {
    let (mut policies, mut left) = (Vec::new(), Vec::new());
    for level in levels {
        policies.push(format!("\"{}\";q={};w={}", level.name, level.burst, PERIOD / MICROS_PER_SECOND));
        left.push(format!("\"{}\";r={};t={}", level.name, level.left, level.seconds()));
    }
    let value =
        |list: &[String]| HeaderValue::from_str(&list.join(", ")).unwrap_or(HeaderValue::from_static(""));
    [
        (HeaderName::from_static("ratelimit-policy"), value(&policies)),
        (HeaderName::from_static("ratelimit"), value(&left)),
    ]
}

/// A bucket for each `K`.
#[derive(Debug)]
pub struct Buckets<K> {
    name: &'static str,
    /// The capacity of each bucket.
    burst: u32,
    /// The time at which each bucket will be full again, in microseconds. A bucket that is not in the map is full.
    full_again: Mutex<HashMap<K, i64>>,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    /// Creates buckets that let `burst` events within a minute pass for each key.
    pub fn new(name: &'static str, burst: u32) -> Self {
        Self { name, burst, full_again: Mutex::new(HashMap::new()) }
    }

    /// Returns the time in microseconds in which a bucket gains one token.
    fn cost(&self) -> i64 {
        PERIOD / i64::from(self.burst.max(1))
    }

    fn full_again(&self) -> MutexGuard<'_, HashMap<K, i64>> {
        self.full_again.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a token to the bucket.
    pub(crate) fn put_back(&self, whose: K) {
        let cost = self.cost();
        if let Some(full) = self.full_again().get_mut(&whose) {
            *full -= cost;
        }
    }

    /// Takes a token at a time in microseconds. Fails, and changes nothing, if the bucket is empty.
    pub fn take(&self, whose: K, now: i64) -> Result<Level, Level> {
        let level = |left, wait| Level { name: self.name, burst: self.burst, left, wait };
        if self.burst == 0 {
            return Err(level(0, PERIOD));
        }
        let cost = self.cost();
        let mut full_again = self.full_again();
        // A clock that was set back must not block a client for longer than an empty bucket takes to fill.
        let full = full_again.get(&whose).map_or(now, |full| (*full).clamp(now, now + PERIOD));
        let wait = full + cost - (now + PERIOD);
        if wait > 0 {
            return Err(level(0, wait));
        }
        if full_again.len() >= MOST && !full_again.contains_key(&whose) {
            forget_half(&mut full_again);
        }
        full_again.insert(whose, full + cost);
        let missing = full + cost - now;
        let left = (PERIOD - missing).checked_div(cost).and_then(|left| u32::try_from(left).ok());
        Ok(level(left.unwrap_or(self.burst), missing))
    }
}

/// Forgets the half of the buckets that would be full soonest, so that making room costs little for each new one.
fn forget_half<K: Copy + Eq + Hash>(full_again: &mut HashMap<K, i64>) {
    let mut by_time: Vec<(i64, K)> = full_again.iter().map(|(whose, full)| (*full, *whose)).collect();
    let half = by_time.len() / 2;
    by_time.select_nth_unstable_by_key(half, |(full, _)| *full);
    for (_, whose) in &by_time[..half] {
        full_again.remove(whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> i64 {
        seconds * MICROS_PER_SECOND
    }

    #[test]
    fn twenty_in_a_minute_pass_and_then_one_every_three_seconds() {
        let buckets = Buckets::new("quay", 20);
        let take = |second| buckets.take(1, at(second)).map(|level| level.left).map_err(Level::seconds);
        for number in 0..20 {
            assert_eq!(take(100), Ok(19 - number));
        }
        assert_eq!(take(100), Err(3));
        assert_eq!(take(102), Err(1), "what is refused does not count");
        assert_eq!(take(103), Ok(0));
        assert_eq!(take(103), Err(3));
        for number in 0..20 {
            assert_eq!(take(163), Ok(19 - number), "a minute later it is full");
        }
        assert_eq!(take(163), Err(3));
    }

    #[test]
    fn the_headers_report_the_policy_and_the_remaining_requests() {
        let buckets = Buckets::new("quay", 20);
        let header_values = |level: Level| {
            headers(std::iter::once(level)).map(|(_, value)| value.to_str().expect("text").to_owned())
        };
        let first = buckets.take(1, at(100)).expect("one");
        assert_eq!(header_values(first), ["\"quay\";q=20;w=60", "\"quay\";r=19;t=3"]);
        for _ in 1..20 {
            buckets.take(1, at(100)).expect("one");
        }
        let none = buckets.take(1, at(101)).expect_err("none");
        assert_eq!(header_values(none), ["\"quay\";q=20;w=60", "\"quay\";r=0;t=2"]);
    }

    #[test]
    fn a_flood_of_new_clients_does_not_evict_an_exhausted_one() {
        let buckets = Buckets::new("quay", 20);
        for _ in 0..20 {
            assert!(buckets.take(0, at(0)).is_ok());
        }
        for number in 1..30_000 {
            assert!(buckets.take(number, at(0)).is_ok());
            let known = buckets.full_again.lock().expect("the map").len();
            assert!(known <= MOST, "{known}");
        }
        assert!(buckets.take(0, at(0)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_long() {
        let buckets = Buckets::new("quay", 20);
        for _ in 0..20 {
            assert!(buckets.take(1, at(1_000_000)).is_ok());
        }
        assert_eq!(buckets.take(1, at(0)).map_err(Level::seconds), Err(3));
    }

    #[test]
    fn a_limit_of_zero_admits_nothing_and_a_huge_limit_admits_thousands() {
        assert_eq!(Buckets::new("quay", 0).take(1, at(0)).map_err(Level::seconds), Err(60));
        let many = Buckets::new("quay", u32::MAX);
        for _ in 0..10_000 {
            assert!(many.take(1, at(0)).is_ok());
        }
    }
}
