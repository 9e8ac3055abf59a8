//! The problems that an operation may answer with.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use super::headers;
use crate::operation::Operation;
use crate::operation::description::BodyRule;
use crate::operation::response_header::Header;
use crate::problem::{Code, FieldErrorCode, MEDIA_TYPE};

/// An error response (RFC 9457).
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
struct ProblemJson {
    /// The path of the page that explains the code.
    #[schemars(extend("format" = "uri-reference", "pattern" = "^/docs/errors/[A-Z_]+$"))]
    r#type: String,
    /// A short summary, the same for every occurrence.
    title: String,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// An explanation of this occurrence, for people.
    detail: String,
    /// A URI that identifies the request.
    #[schemars(extend("pattern" = "^urn:loggia:request:[A-Za-z0-9._-]{1,64}$"))]
    instance: String,
    /// The kind of the problem. Codes are stable, so clients may match on them.
    #[schemars(extend("enum" = Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()))]
    code: String,
    /// The request's id, as logged.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._-]{1,64}$"))]
    request_id: String,
    /// The invalid fields, parameters and headers: at most 100, and one entry more if there are others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemError>,
}

/// The validation error of one field, parameter or header. An entry has one of `pointer`, `parameter` and `header`; the entry that stands
/// for further errors has none of them.
#[derive(JsonSchema, Serialize)]
struct ProblemError {
    /// The location in the body as a JSON Pointer (RFC 6901); an empty pointer means the whole body.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(extend("pattern" = "^(/([^~/]|~[01])*)*$"))]
    pointer: String,
    /// The name of the query parameter.
    #[serde(skip_serializing_if = "String::is_empty")]
    parameter: String,
    /// The name of the header.
    #[serde(skip_serializing_if = "String::is_empty")]
    header: String,
    /// The kind of the error. Codes are stable, so clients may match on them.
    #[schemars(extend("enum" = field_error_codes(), "x-enumDescriptions" = field_error_meanings()))]
    code: String,
    /// An explanation of the error, in a sentence.
    detail: String,
}

/// Returns all codes of validation errors.
fn field_error_codes() -> Vec<&'static str> {
    FieldErrorCode::ALL.iter().map(|code| code.as_str()).collect()
}

/// Returns the meanings of the codes of validation errors. JSON Schema has no keyword for the meaning of one enumerated value; the name
/// `x-enumDescriptions` is the one that Redoc shows.
fn field_error_meanings() -> Value {
    let meanings = FieldErrorCode::ALL.iter().map(|code| (code.as_str().to_owned(), json!(code.meaning())));
    Value::Object(meanings.collect())
}

/// Returns every problem of an operation: those that follow from its kind, and its own.
pub(super) fn codes(operation: &Operation) -> Vec<Code> {
    use Code as C;
    let mut codes = vec![C::VALIDATION_FAILED, C::BUSY, C::INTERNAL_ERROR];
    if operation.action.is_some() {
        codes.extend([C::UNAUTHENTICATED, C::INVALID_KEY, C::TOO_MANY_FAILED_AUTHENTICATIONS]);
        codes.extend([C::RATE_LIMITED, C::STORE_UNAVAILABLE]);
    }
    if operation.writes() {
        codes.extend([C::INSUFFICIENT_SCOPE, C::OUTCOME_UNKNOWN, C::PRECONDITION_FAILED]);
        if operation.takes_if_match() {
            codes.push(C::PRECONDITION_REQUIRED);
        }
    }
    if operation.takes_if_none_match() {
        // A read may have preconditions, too: RFC 9110 allows `If-Match` on any method.
        codes.push(C::PRECONDITION_FAILED);
    }
    if operation.takes_idempotency_key() {
        // A user who has lost the membership since the first request gets this instead of the stored response.
        codes.extend([C::IDEMPOTENCY_KEY_IN_USE, C::IDEMPOTENCY_KEY_REUSED, C::NO_ACCESS_TO_ORGANIZATION]);
        codes.push(C::NOT_SUPPORTED);
    }
    if operation.body_rule() != BodyRule::None {
        codes.extend([C::INVALID_JSON, C::REQUEST_TIMEOUT, C::PAYLOAD_TOO_LARGE]);
        codes.extend([C::UNSUPPORTED_MEDIA_TYPE, C::UNSUPPORTED_CONTENT_ENCODING]);
    }
    if operation.placeholders().next().is_some() {
        codes.push(C::NOT_FOUND);
    }
    codes.extend(operation.refusals);
    let mut listed: Vec<Code> = Vec::new();
    for code in Code::ALL {
        if codes.contains(code) {
            listed.push(*code);
        }
    }
    listed
}

/// Returns the headers that come with these problems.
fn headers_of(status: u16, codes: &[Code], operation: &Operation) -> Vec<Header> {
    let mut own = Vec::new();
    match status {
        401 => own.push(Header::Authenticate),
        403 if codes.contains(&Code::INSUFFICIENT_SCOPE) => own.push(Header::Authenticate),
        409 if codes.contains(&Code::IDEMPOTENCY_KEY_IN_USE) => own.push(Header::RetryAfter),
        412 if codes.contains(&Code::PRECONDITION_FAILED) => own.push(Header::ETag),
        415 if operation.method == "PATCH" => own.extend([Header::AcceptPatch, Header::AcceptEncoding]),
        415 => own.extend([Header::AcceptPost, Header::AcceptEncoding]),
        429 => own.extend([Header::RetryAfter, Header::RatePolicy, Header::Rate]),
        503 => own.push(Header::RetryAfter),
        _ => (),
    }
    own
}

/// Returns the responses with problems, by status.
pub(super) fn answers(operation: &Operation, generator: &mut SchemaGenerator) -> Vec<(u16, Value)> {
    let schema = generator.subschema_for::<ProblemJson>();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes(operation) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    let answer = |(status, codes): (u16, Vec<Code>)| {
        let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        let lines: Vec<_> =
            codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.title())).collect();
        let answer = json!({
            "description": lines.join("\n"),
            "headers": headers::of_answer(&headers_of(status, &codes, operation)),
            "content": {MEDIA_TYPE: {"schema": schema}},
            "x-problem-codes": words,
        });
        (status, answer)
    };
    by_status.into_iter().map(answer).collect()
}
