//! Entity tags (RFC 9110 §8.8.3).

use sha2::{Digest as _, Sha256};

/// The number of hexadecimal digits of the digest in a tag.
const DIGITS: usize = 16;

/// The strong entity tag of one representation of a record: the record's revision and a digest of the response body.
///
/// The revision alone would be one tag for several representations (`include`, `dottie`), and would not change with an embedded record. The
/// digest alone would not identify the revision that a change is based on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// Creates the tag of a record at that revision, represented by that body.
    pub(crate) fn new(revision: u64, body: &[u8]) -> Self {
        let digest = Sha256::digest(body);
        let digits: String = digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
        Self(format!("\"{revision}-{digits}\""))
    }

    /// Creates the tag of a document that is part of the program and has no revision. The tag names revision 0, which no record has:
    /// records begin at 1.
    pub(crate) fn for_document(body: &[u8]) -> Self {
        Self::new(0, body)
    }

    /// Returns the tag as it stands in a header, with its quotes.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses the revision of a tag, which includes its quotes. Returns `None` if this service cannot have created the tag.
pub(super) fn revision_of(tag: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(tag).ok()?;
    let (revision, digits) = text.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let plain = revision.bytes().all(|byte| byte.is_ascii_digit()) && !revision.starts_with('0');
    if plain && digits.len() == DIGITS && digits.bytes().all(is_hex) { revision.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_depends_on_the_revision_and_the_representation() {
        let tag = EntityTag::new(7, b"{}");
        assert_eq!(tag.as_str(), "\"7-44136fa355b3678a\"");
        assert_eq!(revision_of(tag.as_str().as_bytes()), Some(7));
        assert_ne!(tag, EntityTag::new(8, b"{}"));
        assert_ne!(tag, EntityTag::new(7, b"{ }"));
        let document = EntityTag::for_document(b"{}");
        assert_eq!(document.as_str(), "\"0-44136fa355b3678a\"");
        assert_eq!(revision_of(document.as_str().as_bytes()), None, "no record is guarded by it");
        let greatest = EntityTag::new(u64::MAX, b"");
        assert_eq!(revision_of(greatest.as_str().as_bytes()), Some(u64::MAX));
    }

    #[test]
    fn a_malformed_tag_has_no_revision() {
        for text in [
            "",
            "7-44136fa355b3678a",
            "\"\"",
            "\"7\"",
            "\"-44136fa355b3678a\"",
            "\"07-44136fa355b3678a\"",
            "\"+7-44136fa355b3678a\"",
            "\"7-44136FA355B3678A\"",
            "\"7-44136fa355b3678\"",
            "\"7-44136fa355b3678a0\"",
            "\"7-44136fa355b3678g\"",
            "\"18446744073709551616-44136fa355b3678a\"",
        ] {
            assert_eq!(revision_of(text.as_bytes()), None, "{text}");
        }
        assert_eq!(revision_of(b"\"7-\xff4136fa355b3678a\""), None);
    }
}
