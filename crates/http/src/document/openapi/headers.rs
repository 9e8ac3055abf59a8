//! Response headers.

use serde_json::{Value, json};

use super::{Object, reference};

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
    const ALL: [Self; 14] = [
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
    pub(super) const fn name(self) -> &'static str {
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

    fn described(self) -> (&'static str, Value) {
        let text = || json!({"type": "string"});
        match self {
            Self::RequestId => (
                "The request's id, as logged: the id that was sent, if it is 1 to 64 characters of `[A-Za-z0-9._-]`, else a generated one.",
                json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
            ),
            Self::Location => (
                "The absolute URL of the created record; a path if the request names no host.",
                json!({"type": "string", "format": "uri-reference"}),
            ),
            Self::ETag => (
                "A strong entity tag. It changes with the record or document, and with a record's representation (`include`, `dottie`). Send it as `If-None-Match` to get 304 if nothing changed, or the tag of a record as `If-Match` to change only this version.",
                json!({"type": "string", "pattern": "^\"[0-9]+-[0-9a-f]{16}\"$"}),
            ),
            Self::Link => (
                "The absolute URLs of the pages `first`, `prev` and `next` (RFC 8288), to follow unchanged. `next` contains a cursor, whose cost does not grow with the position in the list.",
                text(),
            ),
            Self::TotalCount => (
                "The total number of records; sent only with `count=true`.",
                json!({"type": "integer", "minimum": 0}),
            ),
            Self::RetryAfter => ("The number of seconds to wait.", json!({"type": "integer", "minimum": 1})),
            Self::RatePolicy => (
                "The numbers of requests that the user and the organization of the key may send in a time window (draft-ietf-httpapi-ratelimit-headers), if they are limited.",
                text(),
            ),
            Self::Rate => ("The remaining requests, and the seconds until they are replenished.", text()),
            Self::Authenticate => (
                "The required kind of credentials (RFC 6750).",
                json!({"type": "string", "pattern": "^Bearer realm=\"loggia\""}),
            ),
            Self::Replayed => (
                "`true` if this is the stored response to an earlier request with the same Idempotency-Key.",
                json!({"type": "string", "const": "true"}),
            ),
            Self::AcceptPatch => ("The media types that the endpoint accepts in a PATCH.", text()),
            Self::AcceptPost => ("The media types that the endpoint accepts in a POST.", text()),
            Self::AcceptEncoding => (
                "The content coding that a body may have: none.",
                json!({"type": "string", "const": "identity"}),
            ),
            Self::ContentEncoding => (
                "The content coding of the body, if it is compressed.",
                json!({"type": "string", "const": "gzip"}),
            ),
        }
    }

    fn reference(self) -> Value {
        reference("headers", self.name())
    }
}

/// Returns the definitions of all headers, to which the responses refer.
pub(super) fn shared() -> Value {
    let all = Header::ALL.iter().map(|header| {
        let (description, schema) = header.described();
        (header.name().to_owned(), json!({"description": description, "schema": schema}))
    });
    Value::Object(all.collect())
}

/// Returns the headers of one response: its own, and the one that every response has.
pub(super) fn of_answer(own: &[Header]) -> Value {
    let all = [Header::RequestId].iter().chain(own);
    let all: Object = all.map(|header| (header.name().to_owned(), header.reference())).collect();
    Value::Object(all)
}

/// The headers that every response has beside its own.
pub(super) const ON_EVERY_ANSWER: &[(&str, &str)] = &[
    ("X-Content-Type-Options", "`nosniff`"),
    ("Cache-Control", "`no-store`; `private, no-cache` on responses with an `ETag`"),
    (
        "Vary",
        "`Authorization`; also `Origin` if cross-origin calls are allowed, and `Accept-Encoding` on files that are available in one content coding only",
    ),
    ("Content-Security-Policy", "forbids loading and framing; HTML pages have their own policy"),
    ("Referrer-Policy", "`no-referrer`"),
    (
        "RateLimit-Policy",
        "the numbers of requests that the key's user and its organization may send in a time window, if they are limited; on responses to requests with a key",
    ),
    ("RateLimit", "the remaining requests, and the seconds until they are replenished"),
];
