//! Request bodies: which are read, up to which length, and in which time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use futures_util::StreamExt as _;
use loggia_serve::admission::{FairSemaphore, Permit, Tenant};

use crate::limits::Limits;
use crate::operation::description::BodyRule;
use crate::problem::{Code, Problem};
use crate::wire::response::ROOM_UNIT;

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// Reads the body that an endpoint accepts, or nothing if it accepts none. Reserves memory for the body as it arrives.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    rule: BodyRule,
    limits: &Limits,
    room: &mut BodyRoom<'_>,
) -> Result<Bytes, Problem> {
    if rule == BodyRule::None {
        return Ok(Bytes::new());
    }
    let headers = request.headers();
    let announced = announced_length(headers);
    // Headers about a body are ignored if there is none.
    if announced == Some(0) {
        return Ok(Bytes::new());
    }
    if announced.is_some() {
        check_kind(headers, rule)?;
    }
    if announced.is_some_and(|length| length > limits.body_bytes) {
        return Err(too_large(limits));
    }
    let reading = collect(payload, announced.unwrap_or(limits.body_bytes), limits, room);
    #[expect(clippy::disallowed_methods, reason = "nothing but the reading of bytes is cancelled")]
    let read = tokio::time::timeout(Duration::from_secs(limits.body_seconds), reading).await;
    let body = read.unwrap_or_else(|_| {
        let detail = format!("The body must arrive within {} seconds.", limits.body_seconds);
        Err(Problem::new(Code::REQUEST_TIMEOUT, detail))
    })?;
    if announced.is_none() && !body.is_empty() {
        check_kind(headers, rule)?;
    }
    Ok(body)
}

fn check_kind(headers: &HeaderMap, rule: BodyRule) -> Result<(), Problem> {
    check_encoding(headers)?;
    check_media_type(headers, rule)
}

/// Returns the announced length, or 0 if there is neither a length nor a transfer encoding. Returns `None` if the length is unknown.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    match headers.get(header::CONTENT_LENGTH) {
        Some(value) => value.to_str().ok().and_then(|text| text.parse().ok()),
        None if headers.contains_key(header::TRANSFER_ENCODING) => None,
        None => Some(0),
    }
}

fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).all(plain) {
        return Ok(());
    }
    Err(Problem::new(Code::UNSUPPORTED_CONTENT_ENCODING, "Send the body without Content-Encoding.")
        .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

fn check_media_type(headers: &HeaderMap, rule: BodyRule) -> Result<(), Problem> {
    let patch = matches!(rule, BodyRule::Patch | BodyRule::OptionalPatch);
    let mut values = headers.get_all(header::CONTENT_TYPE);
    let value = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let known =
        media_type.eq_ignore_ascii_case(JSON) || patch && media_type.eq_ignore_ascii_case(MERGE_PATCH);
    let in_utf8 = parts.all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if known && in_utf8 && values.next().is_none() {
        return Ok(());
    }
    if patch {
        let header = header::HeaderName::from_static("accept-patch");
        let accepted = HeaderValue::from_static("application/json, application/merge-patch+json");
        Err(Problem::new(Code::UNSUPPORTED_MEDIA_TYPE, format!("Send {JSON} or {MERGE_PATCH} in UTF-8."))
            .with_header(header, accepted))
    } else {
        let header = header::HeaderName::from_static("accept-post");
        Err(Problem::new(Code::UNSUPPORTED_MEDIA_TYPE, format!("Send {JSON} in UTF-8."))
            .with_header(header, HeaderValue::from_static(JSON)))
    }
}

fn too_large(limits: &Limits) -> Problem {
    Problem::new(Code::PAYLOAD_TOO_LARGE, format!("A body may have at most {} bytes.", limits.body_bytes))
}

/// Collects a body of at most `max` bytes. The memory doubles as the body grows, so that a long body is not copied often.
async fn collect(
    payload: &mut Payload,
    max: usize,
    limits: &Limits,
    room: &mut BodyRoom<'_>,
) -> Result<Bytes, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(Code::INVALID_JSON, "The connection ended before the whole body arrived.")
        })?;
        let length = body.len() + chunk.len();
        if length > limits.body_bytes {
            return Err(too_large(limits));
        }
        if length > body.capacity() {
            let capacity = length.next_power_of_two().clamp(ROOM_UNIT, max.max(ROOM_UNIT)).max(length);
            room.reserve(capacity)?;
            body.reserve_exact(capacity - body.len());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Memory for one body, which is reserved as the body arrives.
pub(crate) struct BodyRoom<'a> {
    pub(super) semaphore: &'a FairSemaphore,
    pub(super) tenant: Tenant,
    pub(super) permit: Option<Permit>,
}

impl BodyRoom<'_> {
    /// Reserves memory for `bytes` in all. Fails with 503 if the tenant or the service has no more.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), Problem> {
        let units = bytes.div_ceil(ROOM_UNIT);
        let is_reserved = match &mut self.permit {
            Some(permit) => permit.try_grow(units),
            none => {
                *none = self.semaphore.try_acquire(self.tenant, units);
                none.is_some()
            }
        };
        if is_reserved {
            return Ok(());
        }
        self.semaphore.count_refusal();
        Err(Problem::busy())
    }
}
