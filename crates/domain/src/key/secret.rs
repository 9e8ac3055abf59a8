//! The text of an API key, the part of it that may be shown, and its hash.

use std::fmt;

use crate::serialization::as_text;
use crate::token;

/// The SHA-256 (FIPS 180-4) of the text of a key or of an [invitation's token](crate::invitation::InvitationToken).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Wraps a digest that was computed or stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// The text is not a key: `lga_`, 43 base62 digits and their checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a Loggia API key")]
pub struct MalformedKey;

/// The text of a key: `lga_`, 32 random bytes as 43 base62 digits, and 6 base62 digits for the CRC-32 of everything before them.
///
/// Secret scanners find a leaked key by its prefix; a mistyped key fails the checksum without a query to the store. The type has no
/// `Display`, and its `Debug` output hides the text, so that no key is logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(String);

const PREFIX: &str = "lga_";
/// The number of characters of a key that may be shown: `lga_` and eight more.
const PREFIX_LENGTH: usize = PREFIX.len() + 8;

impl KeySecret {
    /// Encodes 32 bytes from a cryptographically secure source as a key.
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Self(token::encode(PREFIX, &entropy))
    }

    /// Parses the text that a client sent.
    ///
    /// # Errors
    /// Fails with [`MalformedKey`] if the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        if token::is_well_formed(PREFIX, text) { Ok(Self(text.to_owned())) } else { Err(MalformedKey) }
    }

    /// Returns the first characters: enough to recognise the key among others, while 208 of its 256 random bits stay secret.
    pub fn prefix(&self) -> KeyPrefix {
        KeyPrefix(self.0.chars().take(PREFIX_LENGTH).collect())
    }

    /// Returns the text, to be shown once or hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(…)")
    }
}

/// The first characters of a key's text, such as `lga_Ab3dE9xZ`. They give no access and may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// Parses a stored prefix.
    ///
    /// # Errors
    /// Fails with [`MalformedKey`] unless the text is `lga_` and eight ASCII letters or digits.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let digits = text.strip_prefix(PREFIX).ok_or(MalformedKey)?;
        if text.len() != PREFIX_LENGTH || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(MalformedKey);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the text of the prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

as_text!(KeyPrefix, as_str);
