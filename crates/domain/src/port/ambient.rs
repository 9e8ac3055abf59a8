//! Time, ids, randomness and digests: the inputs that tests replace to be reproducible.

use uuid::Uuid;

use super::error::StoreError;
use crate::instant::Timestamp;
use crate::key::KeyHash;

/// A clock.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time in UTC.
    fn now(&self) -> Timestamp;
}

/// A generator of ids.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Ids: Send + Sync {
    /// Returns a UUID that was never returned before. The service uses version 7 (RFC 9562 §5.7), so that records created together are
    /// stored together. The code does not rely on ids for chronological order.
    fn next(&self) -> Uuid;
}

/// A source of randomness, and one-way digests of secrets that must not be stored.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Secrets: Send + Sync {
    /// Returns 32 bytes from a cryptographically secure source.
    ///
    /// # Errors
    /// Fails with [`StoreError::Unavailable`] if the machine cannot provide randomness.
    fn entropy(&self) -> Result<[u8; 32], StoreError>;

    /// Returns the SHA-256 (FIPS 180-4) of the text of a secret.
    fn digest(&self, secret: &str) -> KeyHash;
}
