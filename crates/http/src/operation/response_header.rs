//! The headers of responses.

/// A header that some responses have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    RequestId,
    Location,
    ETag,
    Link,
    TotalCount,
    RetryAfter,
    RatePolicy,
    Rate,
    Authenticate,
    Replayed,
    AcceptPatch,
    AcceptPost,
    AcceptEncoding,
    ContentEncoding,
}

impl Header {
    /// Every header.
    pub(crate) const ALL: [Self; 14] = [
        Self::RequestId,
        Self::Location,
        Self::ETag,
        Self::Link,
        Self::TotalCount,
        Self::RetryAfter,
        Self::RatePolicy,
        Self::Rate,
        Self::Authenticate,
        Self::Replayed,
        Self::AcceptPatch,
        Self::AcceptPost,
        Self::AcceptEncoding,
        Self::ContentEncoding,
    ];

    /// Returns the header's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RequestId => "X-Request-Id",
            Self::Location => "Location",
            Self::ETag => "ETag",
            Self::Link => "Link",
            Self::TotalCount => "X-Total-Count",
            Self::RetryAfter => "Retry-After",
            Self::RatePolicy => "RateLimit-Policy",
            Self::Rate => "RateLimit",
            Self::Authenticate => "WWW-Authenticate",
            Self::Replayed => "Idempotent-Replayed",
            Self::AcceptPatch => "Accept-Patch",
            Self::AcceptPost => "Accept-Post",
            Self::AcceptEncoding => "Accept-Encoding",
            Self::ContentEncoding => "Content-Encoding",
        }
    }
}
