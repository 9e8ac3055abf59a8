//! Response headers.

use serde_json::{Value, json};

use super::{Object, reference};
use crate::operation::response_header::Header;

/// Returns the description and the schema of a header.
fn described(header: Header) -> (&'static str, Value) {
    let text = || json!({"type": "string"});
    match header {
        Header::RequestId => (
            "The request's id, as logged: the id that was sent, if it is 1 to 64 characters of `[A-Za-z0-9._-]`, else a generated one.",
            json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
        ),
        Header::Location => (
            "The absolute URL of the created record; a path if the request names no host.",
            json!({"type": "string", "format": "uri-reference"}),
        ),
        Header::ETag => (
            "A strong entity tag. It changes with the record or document, and with a record's representation (`include`, `dottie`). Send it as `If-None-Match` to get 304 if nothing changed, or the tag of a record as `If-Match` to change only this version.",
            json!({"type": "string", "pattern": "^\"[0-9]+-[0-9a-f]{16}\"$"}),
        ),
        Header::Link => (
            "The absolute URLs of the pages `first`, `prev` and `next` (RFC 8288), to follow unchanged. `next` contains a cursor, whose cost does not grow with the position in the list.",
            text(),
        ),
        Header::TotalCount => (
            "The total number of records; sent only with `count=true`.",
            json!({"type": "integer", "minimum": 0}),
        ),
        Header::RetryAfter => ("The number of seconds to wait.", json!({"type": "integer", "minimum": 1})),
        Header::RatePolicy => (
            "The numbers of requests that the user and the organization of the key may send in a time window (draft-ietf-httpapi-ratelimit-headers), if they are limited.",
            text(),
        ),
        Header::Rate => ("The remaining requests, and the seconds until they are replenished.", text()),
        Header::Authenticate => (
            "The required kind of credentials (RFC 6750).",
            json!({"type": "string", "pattern": "^Bearer realm=\"loggia\""}),
        ),
        Header::Replayed => (
            "`true` if this is the stored response to an earlier request with the same Idempotency-Key.",
            json!({"type": "string", "const": "true"}),
        ),
        Header::AcceptPatch => ("The media types that the endpoint accepts in a PATCH.", text()),
        Header::AcceptPost => ("The media types that the endpoint accepts in a POST.", text()),
        Header::AcceptEncoding => {
            ("The content coding that a body may have: none.", json!({"type": "string", "const": "identity"}))
        }
        Header::ContentEncoding => (
            "The content coding of the body, if it is compressed.",
            json!({"type": "string", "const": "gzip"}),
        ),
    }
}

/// Returns the definitions of all headers, to which the responses refer.
pub(super) fn shared() -> Value {
    let all = Header::ALL.iter().map(|header| {
        let (description, schema) = described(*header);
        (header.name().to_owned(), json!({"description": description, "schema": schema}))
    });
    Value::Object(all.collect())
}

/// Returns the headers of one response: its own, and the one that every response has.
pub(super) fn of_answer(own: &[Header]) -> Value {
    let all = [Header::RequestId].iter().chain(own);
    let all: Object =
        all.map(|header| (header.name().to_owned(), reference("headers", header.name()))).collect();
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
