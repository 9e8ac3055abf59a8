//! Doing something once, however often it is asked for: keys by which a caller names a request, and the answers kept under
//! them. The use case is [`crate::service::Loggia::once`].

use crate::instant::Timestamp;

/// A caller's own name for one request: 1 to 255 visible ASCII characters, compared as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// How many characters it has at most.
    pub const MAX: usize = 255;

    /// Takes the key as it is; what a protocol may have put around it is gone by now.
    ///
    /// # Errors
    /// [`MalformedIdempotencyKey`].
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

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with an [`IdempotencyKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedIdempotencyKey {
    /// There is nothing.
    #[error("must not be empty")]
    Empty,
    /// It is longer than [`IdempotencyKey::MAX`].
    #[error("must have at most 255 characters")]
    TooLong,
    /// It has a space, a control character, or a character beyond ASCII.
    #[error("must have visible ASCII characters only")]
    NotVisibleAscii,
}

/// What a caller wants done once. It belongs to the caller's user and to the reach of their key: another's same words are
/// another claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is done, such as the method and the path of a request; at most 1 000 characters.
    pub operation: String,
    /// How the caller names the request.
    pub key: IdempotencyKey,
    /// A digest of everything else that the answer depends on.
    pub fingerprint: [u8; 32],
}

impl Claim {
    /// How long an answer is kept, from the claim on.
    pub const SECONDS: i64 = 24 * 60 * 60;

    /// When a claim counts as made that is made at that time: before it ends, also where the calendar ends.
    pub fn made_at(now: Timestamp) -> Timestamp {
        let last = now.plus_seconds(i64::MAX);
        now.min(last.plus_seconds(-1))
    }

    /// From when on a claim made at that time counts as never made.
    pub fn end(made_at: Timestamp) -> Timestamp {
        made_at.plus_seconds(Self::SECONDS)
    }
}

/// What is kept of an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum KeptAnswer {
    /// The answer, in the host's own words.
    Shown(Vec<u8>),
    /// Nothing but that there was one: it showed a secret, which is kept nowhere.
    Withheld,
}

impl std::fmt::Debug for KeptAnswer {
    /// Without the answer, which is the caller's and may end up in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shown(answer) => write!(f, "Shown({} bytes)", answer.len()),
            Self::Withheld => f.write_str("Withheld"),
        }
    }
}

/// What came of doing something once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once<R> {
    /// It was done now, or refused now; a refusal is not kept.
    Done(R),
    /// It was done before, and this was the answer.
    Kept(KeptAnswer),
    /// The key was used before, for another request.
    OtherRequest,
    /// The first request with this key is still under way.
    Underway,
    /// It was done before, and the caller has no place any more where it was done.
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
    fn a_claim_ends_a_day_after_it_was_made() {
        assert_eq!(Claim::end(made()), made().plus_seconds(86_400));
        assert_eq!(Claim::made_at(made()), made());
        let last = Timestamp::parse("9999-12-31T23:59:59.999999Z").expect("the last time");
        assert!(Claim::made_at(last) < Claim::end(Claim::made_at(last)));
    }

    #[test]
    fn what_is_kept_is_not_told_by_debug() {
        let kept = KeptAnswer::Shown(b"Harbour".to_vec());
        assert_eq!(format!("{kept:?} {:?}", KeptAnswer::Withheld), "Shown(7 bytes) Withheld");
    }
}
