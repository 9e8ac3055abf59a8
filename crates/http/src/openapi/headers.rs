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
                "The request's id, as it is logged: the one that was sent, if it is 1 to 64 of `[A-Za-z0-9._-]`, else one that was made.",
                json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
            ),
            Self::Location => (
                "The URL of what was made. It is absolute; for a request that names no host it is a path.",
                json!({"type": "string", "format": "uri-reference"}),
            ),
            Self::ETag => (
                "A strong entity tag: it changes with the record or document, and with how a record is shown (`include`, `dottie`). Send it back as `If-None-Match` to be told 304 where nothing changed, or that of a record as `If-Match` to change just this version.",
                json!({"type": "string", "pattern": "^\"[0-9]+-[0-9a-f]{16}\"$"}),
            ),
            Self::Link => (
                "The parts of the list around this one (RFC 8288): `first`, `prev` and `next`, as absolute URLs to follow as they are. `next` goes by a cursor, which costs the same however deep.",
                text(),
            ),
            Self::TotalCount => {
                ("How many there are; only with `count=true`.", json!({"type": "integer", "minimum": 0}))
            }
            Self::RetryAfter => ("How many seconds to wait.", json!({"type": "integer", "minimum": 1})),
            Self::RatePolicy => (
                "How many requests the user, and the organization of the key, may send in which time (draft-ietf-httpapi-ratelimit-headers), if that is limited.",
                text(),
            ),
            Self::Rate => ("How many of those requests are left, and until when.", text()),
            Self::Authenticate => (
                "What kind of key is asked for (RFC 6750).",
                json!({"type": "string", "pattern": "^Bearer realm=\"loggia\""}),
            ),
            Self::Replayed => (
                "`true` where this is the kept answer to an earlier request with the same Idempotency-Key.",
                json!({"type": "string", "const": "true"}),
            ),
            Self::AcceptPatch => ("The media types that a PATCH reads here.", text()),
            Self::AcceptPost => ("The media types that a POST reads here.", text()),
            Self::AcceptEncoding => {
                ("How a body may be encoded: not at all.", json!({"type": "string", "const": "identity"}))
            }
            Self::ContentEncoding => {
                ("The coding of the body, if it is compressed.", json!({"type": "string", "const": "gzip"}))
            }
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
    ("Cache-Control", "`no-store`; `private, no-cache` where there is an `ETag`"),
    (
        "Vary",
        "`Authorization`; also `Origin` where cross-origin calls are allowed, and `Accept-Encoding` on files that are available in one content coding only",
    ),
    (
        "Content-Security-Policy",
        "nothing may be loaded, and nobody may frame it; a page for people has a policy of its own",
    ),
    ("Referrer-Policy", "`no-referrer`"),
    (
        "RateLimit-Policy",
        "how many requests the key's user and its organization may send in which time, if that is limited; on responses to requests with a key",
    ),
    ("RateLimit", "how many of those requests are left, and until when"),
];
