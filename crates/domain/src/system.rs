//! Time, ids and randomness of the machine, for the ports of a program that runs for real (feature `system`).
//!
//! [`LoggiaBuilder::with_system`](crate::service::LoggiaBuilder::with_system) takes all three. No other code of the domain asks the machine
//! for anything.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::instant::Timestamp;
use crate::key::KeyHash;
use crate::port::{Clock, Ids, Secrets, StoreError};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// Returns the machine's time.
    ///
    /// # Panics
    /// Panics if the machine's clock is outside the years 1 to 9999.
    #[expect(clippy::disallowed_methods, reason = "this is the port that everything else gets the time from")]
    #[expect(clippy::expect_used, reason = "a machine with such a clock cannot date anything")]
    fn now(&self) -> Timestamp {
        Timestamp::try_from(OffsetDateTime::now_utc()).expect("a clock within the years 1 to 9999")
    }
}

/// A generator of UUIDs of version 7 (RFC 9562 §5.7), which ascend within one process.
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7;

impl Ids for UuidV7 {
    #[expect(clippy::disallowed_methods, reason = "this is the port that everything else gets its ids from")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The operating system's random numbers, and SHA-256.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSecrets;

impl Secrets for SystemSecrets {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port that everything else gets its randomness from"
    )]
    fn entropy(&self) -> Result<[u8; 32], StoreError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Unavailable(Some(error.into())))?;
        Ok(bytes)
    }

    fn digest(&self, secret: &str) -> KeyHash {
        KeyHash::from_bytes(Sha256::digest(secret).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_rise() {
        let (first, second) = (UuidV7.next(), UuidV7.next());
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }

    #[test]
    fn entropy_never_recurs_and_a_digest_is_sha_256() {
        let secrets = SystemSecrets;
        assert_ne!(secrets.entropy().expect("entropy"), secrets.entropy().expect("entropy"));
        // The example of one block in FIPS 180-4.
        assert_eq!(secrets.digest("abc").as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
    }

    #[test]
    fn the_clock_shows_this_millennium() {
        let start = Timestamp::parse("2026-01-01").expect("a date");
        assert!(SystemClock.now() > start);
    }
}
