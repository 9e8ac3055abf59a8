//! The text of an API key: generation, checksum, prefix and hash.

use std::fmt;

/// The SHA-256 (FIPS 180-4) of a key's text.
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
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The minimum number of base62 digits that hold 256 bits.
const BODY_LENGTH: usize = 43;
/// The minimum number of base62 digits that hold 32 bits.
const CHECKSUM_LENGTH: usize = 6;

impl KeySecret {
    /// Encodes 32 bytes from a cryptographically secure source as a key.
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        let mut text = String::from(PREFIX);
        text.push_str(&base62(&entropy, BODY_LENGTH));
        let checksum = base62(&crc32(text.as_bytes()).to_be_bytes(), CHECKSUM_LENGTH);
        Self(text + &checksum)
    }

    /// Parses the text that a client sent.
    ///
    /// # Errors
    /// Fails with [`MalformedKey`] if the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let well_formed = text.len() == PREFIX.len() + BODY_LENGTH + CHECKSUM_LENGTH
            && text.starts_with(PREFIX)
            && text.bytes().skip(PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return Err(MalformedKey);
        }
        let (signed, checksum) = text.split_at(PREFIX.len() + BODY_LENGTH);
        if base62(&crc32(signed.as_bytes()).to_be_bytes(), CHECKSUM_LENGTH) != checksum {
            return Err(MalformedKey);
        }
        Ok(Self(text.to_owned()))
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

/// Encodes big-endian bytes in base62, padded with zeros on the left to `length` digits.
pub(super) fn base62(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = DIGITS[usize::try_from(remainder).unwrap_or(0)];
    }
    digits.into_iter().map(char::from).collect()
}

/// Computes the CRC-32 of zip and Ethernet (CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320).
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}
