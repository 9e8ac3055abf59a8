//! API keys: bearer secrets, and who calls with them.

use std::fmt;

use crate::event::{Actor, Fields};
use crate::id::{KeyId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::scope::{Reach, Scope, ScopeChoice, Viewer};
use crate::text::KeyName;

literals! {
    /// What a key may be used for.
    Ability {
        /// Reading only.
        Read = "read",
        /// Reading and writing.
        Write = "write",
    }
}

impl Ability {
    /// Every ability that comes with this one.
    pub const fn included(self) -> &'static [Self] {
        match self {
            Self::Read => &[Self::Read],
            Self::Write => &[Self::Read, Self::Write],
        }
    }
}

/// A bearer secret of one user. The secret itself is kept nowhere, only its [`KeyHash`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Names it.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// What it is for.
    pub name: KeyName,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// Which scopes it opens.
    pub reach: Reach,
    /// What it may be used for.
    pub ability: Ability,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing, if it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything at that time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What its events tell.
    pub(crate) fn fields(&self) -> Fields {
        vec![
            ("user", self.user.as_uuid().into()),
            ("name", self.name.as_str().into()),
            ("ability", self.ability.as_str().into()),
            ("expires_at", self.expires_at.into()),
            ("revoked_at", self.revoked_at.into()),
        ]
    }
}

/// The SHA-256 of a key's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Takes a digest that was computed or stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// The text is no key: not `lga_`, 43 base62 digits and their checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a Loggia API key")]
pub struct MalformedKey;

/// A key's text: `lga_`, 32 random bytes as 43 base62 digits, and 6 more for the CRC-32 of all before them.
///
/// The prefix lets scanners find a key that leaked; the checksum refuses a mistyped one without asking the store.
/// It has no `Display` and shows nothing in `Debug`, so that it reaches no log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(String);

const PREFIX: &str = "lga_";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The least number of base62 digits that hold 256 bits.
const BODY_LENGTH: usize = 43;
/// The least number of base62 digits that hold 32 bits.
const CHECKSUM_LENGTH: usize = 6;

impl KeySecret {
    /// Writes 32 bytes of good randomness as a key.
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        let mut text = String::from(PREFIX);
        text.push_str(&base62(&entropy, BODY_LENGTH));
        let checksum = base62(&crc32(text.as_bytes()).to_be_bytes(), CHECKSUM_LENGTH);
        Self(text + &checksum)
    }

    /// Reads what a client sent.
    ///
    /// # Errors
    /// [`MalformedKey`] if the form or the checksum is wrong.
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

    /// The text, to be shown once, or hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(…)")
    }
}

/// Big-endian bytes in base62, padded with zeros on the left.
fn base62(bytes: &[u8], length: usize) -> String {
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

/// CRC-32 as zip and Ethernet use it (ISO/HDLC: reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

/// Who calls, and how far their key reaches. Made by authenticating, or by a host that has its own way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By which key, if by one.
    pub key: Option<KeyId>,
    /// The scope of calls that name none.
    pub default_scope: Scope,
    /// Which scopes are open to the caller.
    pub reach: Reach,
    /// What the caller may do with what is open.
    pub ability: Ability,
}

impl Caller {
    /// A user whom the host itself has recognised: all of their scopes, reading and writing.
    pub const fn trusted(user: UserId, default_scope: Scope) -> Self {
        Self { user, key: None, default_scope, reach: Reach::Everywhere, ability: Ability::Write }
    }

    /// The caller's eyes.
    pub const fn viewer(&self) -> Viewer {
        Viewer { user: self.user, reach: self.reach }
    }

    /// The scope that a choice means for this caller.
    pub const fn scope(&self, choice: ScopeChoice) -> Scope {
        match choice {
            ScopeChoice::Default => self.default_scope,
            ScopeChoice::Personal => Scope::Personal(self.user),
            ScopeChoice::Organization(organization) => Scope::Organization(organization),
        }
    }

    /// The caller, as events name them.
    pub const fn actor(&self) -> Actor {
        Actor::User { user: self.user, key: self.key }
    }
}

impl From<&ApiKey> for Caller {
    fn from(key: &ApiKey) -> Self {
        Self {
            user: key.user,
            key: Some(key.id),
            default_scope: key.default_scope,
            reach: key.reach,
            ability: key.ability,
        }
    }
}

#[cfg(test)]
mod tests;
