//! Keys by which the service recognizes a request that is sent again.

use std::fmt;

use crate::random::{NoRandomness, random};

/// A key by which the service recognizes a request that is sent again: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// The error for a text that is not an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 visible ASCII characters, and does not begin with a quote")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// Takes a key that the program has chosen.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidIdempotencyKey> {
        let key = key.into();
        let is_valid = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        // A quoted key is the same as a bare one to the service, which would make two texts of one key.
        if is_valid && !key.starts_with('"') { Ok(Self(key)) } else { Err(InvalidIdempotencyKey) }
    }

    /// Creates a key that nobody else has.
    pub(crate) fn random() -> Result<Self, NoRandomness> {
        Ok(Self(format!("{:032x}", u128::from_le_bytes(random()?))))
    }

    /// Returns the key as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
