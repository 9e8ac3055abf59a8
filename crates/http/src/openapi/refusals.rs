//! Which problems an endpoint may answer with.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use super::headers::{self, Header};
use super::{Operation, parameters};
use crate::endpoints::{BodyRule, Endpoint};
use crate::problem::{Code, FaultCode, MEDIA_TYPE};

/// A refusal (RFC 9457).
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
struct ProblemJson {
    /// The path of the page that explains the code.
    #[schemars(extend("format" = "uri-reference", "pattern" = "^/docs/errors/[A-Z_]+$"))]
    r#type: String,
    /// A short summary, the same for every occurrence.
    title: String,
    /// The status again.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What is the matter, for people.
    detail: String,
    /// Names the request.
    #[schemars(extend("pattern" = "^urn:loggia:request:[A-Za-z0-9._-]{1,64}$"))]
    instance: String,
    /// What went wrong, in a word that stays.
    #[schemars(extend("enum" = Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()))]
    code: String,
    /// The request's id, as it is logged.
    #[schemars(extend("pattern" = "^[A-Za-z0-9._-]{1,64}$"))]
    request_id: String,
    /// The places in the request that it is about, at most a hundred and a note that there are more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemError>,
}

/// One field, parameter or header that is not as it must be. It has one of `pointer`, `parameter` and `header`; that there are
/// more than are told stands alone.
#[derive(JsonSchema, Serialize)]
struct ProblemError {
    /// Where in the body, as a JSON Pointer (RFC 6901); empty is the body as a whole.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(extend("pattern" = "^(/([^~/]|~[01])*)*$"))]
    pointer: String,
    /// Which query parameter.
    #[serde(skip_serializing_if = "String::is_empty")]
    parameter: String,
    /// Which header.
    #[serde(skip_serializing_if = "String::is_empty")]
    header: String,
    /// What is wrong with it, in a word that stays.
    #[schemars(extend("enum" = fault_codes(), "x-enumDescriptions" = fault_meanings()))]
    code: String,
    /// What is wrong with it, in a sentence.
    detail: String,
}

/// All that a place can be found wrong with.
fn fault_codes() -> Vec<&'static str> {
    FaultCode::ALL.iter().map(|code| code.as_str()).collect()
}

/// The same with what each means: JSON Schema has no place for it beside a word, and this name is what Redoc shows.
fn fault_meanings() -> Value {
    let told = FaultCode::ALL.iter().map(|code| (code.as_str().to_owned(), json!(code.meaning())));
    Value::Object(told.collect())
}

/// Every problem of an endpoint: those that follow from what it is, and its own.
pub(super) fn codes(endpoint: &Endpoint, operation: &Operation) -> Vec<Code> {
    use Code as C;
    let mut codes = vec![C::VALIDATION_FAILED, C::BUSY, C::INTERNAL_ERROR];
    if endpoint.action.is_some() {
        codes.extend([C::UNAUTHENTICATED, C::INVALID_KEY, C::TOO_MANY_FAILED_AUTHENTICATIONS]);
        codes.extend([C::RATE_LIMITED, C::STORE_UNAVAILABLE]);
    }
    if endpoint.writes() {
        codes.extend([C::INSUFFICIENT_SCOPE, C::OUTCOME_UNKNOWN, C::PRECONDITION_FAILED]);
        if operation.record && endpoint.method != "POST" {
            codes.push(C::PRECONDITION_REQUIRED);
        }
    }
    if endpoint.takes_if_none_match() {
        // A read may say what it expects, too, as RFC 9110 has it for any method.
        codes.push(C::PRECONDITION_FAILED);
    }
    if matches!(endpoint.method, "POST" | "PATCH") {
        // Who has lost their place since the first request is shown no kept answer.
        codes.extend([C::IDEMPOTENCY_KEY_IN_USE, C::IDEMPOTENCY_KEY_REUSED, C::NO_ACCESS_TO_ORGANIZATION]);
    }
    if endpoint.body != BodyRule::None {
        codes.extend([C::INVALID_JSON, C::REQUEST_TIMEOUT, C::PAYLOAD_TOO_LARGE]);
        codes.extend([C::UNSUPPORTED_MEDIA_TYPE, C::UNSUPPORTED_CONTENT_ENCODING]);
    }
    if parameters::placeholders(endpoint.path).next().is_some() {
        codes.push(C::NOT_FOUND);
    }
    codes.extend(operation.refusals);
    let mut told: Vec<Code> = Vec::new();
    for code in Code::ALL {
        if codes.contains(code) {
            told.push(*code);
        }
    }
    told
}

/// The headers that come with these problems.
fn headers_of(status: u16, codes: &[Code], endpoint: &Endpoint) -> Vec<Header> {
    let mut own = Vec::new();
    match status {
        401 => own.push(Header::Authenticate),
        403 if codes.contains(&Code::INSUFFICIENT_SCOPE) => own.push(Header::Authenticate),
        409 if codes.contains(&Code::IDEMPOTENCY_KEY_IN_USE) => own.push(Header::RetryAfter),
        412 if codes.contains(&Code::PRECONDITION_FAILED) => own.push(Header::ETag),
        415 if endpoint.method == "PATCH" => own.extend([Header::AcceptPatch, Header::AcceptEncoding]),
        415 => own.extend([Header::AcceptPost, Header::AcceptEncoding]),
        429 => own.extend([Header::RetryAfter, Header::RatePolicy, Header::Rate]),
        503 => own.push(Header::RetryAfter),
        _ => (),
    }
    own
}

/// The answers with problems, by status.
pub(super) fn answers(
    endpoint: &Endpoint,
    operation: &Operation,
    generator: &mut SchemaGenerator,
) -> Vec<(u16, Value)> {
    let schema = generator.subschema_for::<ProblemJson>();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes(endpoint, operation) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    let answer = |(status, codes): (u16, Vec<Code>)| {
        let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        let lines: Vec<_> =
            codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.title())).collect();
        let answer = json!({
            "description": lines.join("\n"),
            "headers": headers::of_answer(&headers_of(status, &codes, endpoint)),
            "content": {MEDIA_TYPE: {"schema": schema}},
            "x-problem-codes": words,
        });
        (status, answer)
    };
    by_status.into_iter().map(answer).collect()
}
