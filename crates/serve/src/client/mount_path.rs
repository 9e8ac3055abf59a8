//! The path under which another application serves this API.

use std::fmt;
use std::sync::Arc;

use super::base_url::prefix;

/// The path under which an application serves this API beside its own routes, such as `/loggia`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountPath(Arc<str>);

/// The text is not a path under which this API can be mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMountPath;

impl fmt::Display for InvalidMountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a path such as /loggia or /apps/loggia: each segment begins with a slash and consists of ASCII letters, digits, \
             hyphens, dots, underscores and tildes, none is empty, . or .., and no slash stands at the end",
        )
    }
}

impl std::error::Error for InvalidMountPath {}

impl MountPath {
    /// Parses a path. Percent-encoded bytes are rejected: whatever needs them has several spellings, and a route has one.
    ///
    /// # Errors
    /// Fails with [`InvalidMountPath`] unless the text is a path of one or more segments of unreserved characters (RFC 3986 §2.3).
    pub fn parse(text: &str) -> Result<Self, InvalidMountPath> {
        let is_sound = !text.is_empty() && !text.contains('%') && prefix(text) == Some(text);
        if is_sound { Ok(Self(text.into())) } else { Err(InvalidMountPath) }
    }

    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::base_url::LONGEST_PREFIX;

    #[test]
    fn a_mount_path_has_segments_of_unreserved_characters_and_one_spelling() {
        for text in ["/loggia", "/apps/loggia", "/v.1/~a_b-c", "/..."] {
            assert_eq!(MountPath::parse(text).map(|path| path.as_str().to_owned()), Ok(text.to_owned()));
        }
        let long = format!("/{}", "a".repeat(LONGEST_PREFIX));
        for text in [
            "",
            "/",
            "loggia",
            "/loggia/",
            "//loggia",
            "/a//b",
            "/a/../b",
            "/.",
            "/a%2Fb",
            "/%6Coggia",
            "/{tenant}",
            "/log gia",
            "/loggia?a",
            "/loggia#a",
            "/b\u{fc}ro",
            "/a*",
            "/a:b",
            "https://example.com/loggia",
            &long,
        ] {
            assert_eq!(MountPath::parse(text), Err(InvalidMountPath), "{text}");
        }
    }
}
