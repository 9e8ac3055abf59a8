//! Time, ids and chance: what would make a test tell a different story each time it runs.

use uuid::Uuid;

use crate::instant::Timestamp;
use crate::key::KeyHash;

/// Tells the time.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Makes ids.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Ids: Send + Sync {
    /// A UUID that was never given out before; version 7 (RFC 9562 §5.7) in the service, so that what is made together
    /// lies together. Nothing relies on ids for order.
    fn next(&self) -> Uuid;
}

/// Chance, and one-way digests of what must not be kept.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Secrets: Send + Sync {
    /// 32 bytes from a source fit for secrets.
    ///
    /// # Errors
    /// [`crate::port::StoreError::Unavailable`] if the machine cannot give any.
    fn entropy(&self) -> Result<[u8; 32], crate::port::StoreError>;

    /// The SHA-256 (FIPS 180-4) of a key's text.
    fn digest(&self, secret: &str) -> KeyHash;
}
