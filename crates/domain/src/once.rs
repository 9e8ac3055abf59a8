//! Idempotency keys: a request that a caller repeats under its key is executed once, and its stored response is returned again. The use
//! case is [`crate::service::Loggia::once`].

use crate::instant::Timestamp;
use crate::serialization::as_text;

/// An idempotency key, by which a caller identifies one request: 1 to 255 visible ASCII characters, compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The maximum number of characters.
    pub const MAX: usize = 255;

    /// Checks a key. Quotes or other syntax of the transport protocol must be removed before.
    ///
    /// # Errors
    /// Fails with [`MalformedIdempotencyKey`] if the key is empty, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, MalformedIdempotencyKey> {
        if text.is_empty() {
            return Err(MalformedIdempotencyKey::Empty);
        }
        if text.len() > Self::MAX {
            return Err(MalformedIdempotencyKey::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(MalformedIdempotencyKey::NotVisibleAscii);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the text of the key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

as_text!(IdempotencyKey, as_str);

/// The reason why a text is not an [`IdempotencyKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedIdempotencyKey {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// The text is longer than [`IdempotencyKey::MAX`].
    #[error("must have at most 255 characters")]
    TooLong,
    /// The text has a space, a control character, or a character beyond ASCII.
    #[error("must have only visible ASCII characters")]
    NotVisibleAscii,
}

/// A request that is to be executed once, identified by its operation and idempotency key.
///
/// A claim belongs to the caller's user and to the reach of the caller's API key: an equal operation and key of another user, or under
/// another reach, are another claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The operation, such as the method and the path of an HTTP request; at most 1 000 characters.
    pub operation: String,
    /// The caller's key for the request.
    pub key: IdempotencyKey,
    /// A digest of everything else that the response depends on, such as the request's body.
    pub fingerprint: [u8; 32],
}

impl Claim {
    /// The lifetime of a claim and its stored response, in seconds from the claim on: one day.
    pub const SECONDS: i64 = 24 * 60 * 60;

    /// Clamps the creation time of a claim to one second before the latest timestamp, so that the claim always expires later than it was
    /// made.
    pub fn made_at(now: Timestamp) -> Timestamp {
        let last = now.plus_seconds(i64::MAX);
        now.min(last.plus_seconds(-1))
    }

    /// Returns the expiry of a claim: from then on it counts as absent.
    pub fn end(made_at: Timestamp) -> Timestamp {
        made_at.plus_seconds(Self::SECONDS)
    }
}

/// The stored response of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum StoredResponse {
    /// The response, in the host's own encoding.
    Shown(Vec<u8>),
    /// A response that showed a secret and is not stored. Only the fact that the request was executed is.
    Withheld,
}

impl std::fmt::Debug for StoredResponse {
    /// Shows the length of the response only, since the response is the caller's and this output may be logged.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shown(answer) => write!(f, "Shown({} bytes)", answer.len()),
            Self::Withheld => f.write_str("Withheld"),
        }
    }
}

/// The outcome of [`crate::service::Loggia::once`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once<R> {
    /// The request was executed or refused now; a refusal is not stored.
    Done(R),
    /// The request was executed before; this is the stored response.
    Kept(StoredResponse),
    /// The key was used before for another request.
    OtherRequest,
    /// The first request with this key is still in flight.
    InFlight,
    /// The request was executed before, in a scope to which the caller no longer has access.
    NoLonger,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::made;

    #[test]
    fn a_key_is_visible_ascii_of_255_characters_at_most() {
        let visible: String = ('!'..='~').collect();
        assert_eq!(visible.len(), 94);
        let longest = "k".repeat(255);
        for sound in ["k", visible.as_str(), longest.as_str()] {
            assert_eq!(IdempotencyKey::parse(sound).expect("a key").as_str(), sound);
        }
        assert_eq!(IdempotencyKey::parse(""), Err(MalformedIdempotencyKey::Empty));
        assert_eq!(IdempotencyKey::parse(&"k".repeat(256)), Err(MalformedIdempotencyKey::TooLong));
        for character in [' ', '\t', '\0', '\u{1f}', '\u{7f}', '\u{80}', 'é', '\u{2003}'] {
            let text = format!("a{character}b");
            assert_eq!(
                IdempotencyKey::parse(&text),
                Err(MalformedIdempotencyKey::NotVisibleAscii),
                "{text:?}"
            );
        }
    }

    #[test]
    fn keys_that_differ_in_case_are_two() {
        assert_ne!(IdempotencyKey::parse("a"), IdempotencyKey::parse("A"));
    }

    #[test]
    fn a_reservation_expires_a_day_after_its_creation() {
        assert_eq!(Claim::end(made()), made().plus_seconds(86_400));
        assert_eq!(Claim::made_at(made()), made());
        let last = Timestamp::parse("9999-12-31T23:59:59.999999Z").expect("the last time");
        assert!(Claim::made_at(last) < Claim::end(Claim::made_at(last)));
    }

    #[test]
    fn debug_output_does_not_contain_a_stored_response() {
        let kept = StoredResponse::Shown(b"Harbour".to_vec());
        assert_eq!(format!("{kept:?} {:?}", StoredResponse::Withheld), "Shown(7 bytes) Withheld");
    }
}
