//! A deterministic clock, ids and secrets, so that a test behaves identically in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use loggia_domain::instant::Timestamp;
use loggia_domain::key::KeyHash;
use loggia_domain::port::{Clock, Ids, Ports, Secrets, Store, StoreError, Views};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::memory::MemoryStore;

/// A clock that starts at [`TestClock::START`] and moves only when a test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// The initial time: 2026-01-31T08:00:00Z, in microseconds since 1970-01-01T00:00:00Z.
    pub const START: i64 = 1_769_846_400_000_000;

    /// Creates a clock at [`TestClock::START`].
    pub const fn new() -> Self {
        Self(AtomicI64::new(Self::START))
    }

    /// Moves the clock forward, or backward for a negative number of seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_micros(seconds.saturating_mul(1_000_000));
    }

    /// Moves the clock by microseconds, the finest difference that stores must preserve. A step that would leave the range of
    /// [`Timestamp`] has no effect.
    pub fn advance_micros(&self, micros: i64) {
        let moved = |now: i64| now.checked_add(micros).filter(|moved| Timestamp::from_micros(*moved).is_ok());
        // A step out of the range is not taken; a test that takes one sees that its clock has not moved.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    #[expect(clippy::expect_used, reason = "only moves within the calendar are taken")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).expect("a time of the calendar")
    }
}

/// A generator of ids in the form of version 7 that counts up: `01930000-0000-7000-8000-000000000001` and so on.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl SequentialIds {
    /// Creates a generator whose first id ends with 1.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl Ids for SequentialIds {
    fn next(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 | u128::from(count))
    }
}

/// Deterministic entropy, different for each call, and real digests.
#[derive(Debug, Default)]
pub struct TestSecrets(AtomicU64);

impl TestSecrets {
    /// Creates a source at the start of its sequence.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl Secrets for TestSecrets {
    fn entropy(&self) -> Result<[u8; 32], StoreError> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Sha256::digest(count.to_be_bytes()).into())
    }

    fn digest(&self, secret: &str) -> KeyHash {
        KeyHash::from_bytes(Sha256::digest(secret).into())
    }
}

/// Combines a store with a deterministic clock, ids and secrets. To keep access to one of them, replace it:
/// `Ports { clock: clock.clone(), ..ports(store, views) }`.
pub fn ports(store: Arc<dyn Store>, views: Arc<dyn Views>) -> Ports {
    Ports {
        store,
        views,
        clock: Arc::new(TestClock::new()),
        ids: Arc::new(SequentialIds::new()),
        secrets: Arc::new(TestSecrets::new()),
    }
}

/// Returns [`ports`] with an empty store in memory.
pub fn memory() -> Ports {
    let store = Arc::new(MemoryStore::new());
    ports(store.clone(), store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_until_it_is_moved() {
        let clock = TestClock::new();
        assert_eq!(clock.now().to_rfc3339(), "2026-01-31T08:00:00.000Z");
        assert_eq!(clock.now(), clock.now());
        clock.advance_seconds(90);
        clock.advance_micros(1);
        assert_eq!(clock.now().micros(), TestClock::START + 90_000_001);
    }

    #[test]
    fn ids_and_entropy_repeat_and_never_recur() {
        let (ids, again) = (SequentialIds::new(), SequentialIds::new());
        let first = ids.next();
        assert_eq!(first.to_string(), "01930000-0000-7000-8000-000000000001");
        assert_eq!((first.get_version_num(), first), (7, again.next()));
        assert_ne!(first, ids.next());

        let (secrets, again) = (TestSecrets::new(), TestSecrets::new());
        let first = secrets.entropy().expect("entropy");
        assert_eq!(first, again.entropy().expect("entropy"));
        assert_ne!(first, secrets.entropy().expect("entropy"));
    }

    #[test]
    fn a_digest_is_sha_256() {
        // The one-block example of FIPS 180-4.
        let digest = TestSecrets::new().digest("abc");
        assert_eq!(digest.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
