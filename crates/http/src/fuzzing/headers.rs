//! The headers of conditional requests, the idempotency key, and the accepted content codings.

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use actix_web::test::TestRequest;
use loggia_domain::id::UserId;
use loggia_domain::key::Caller;
use loggia_domain::once::IdempotencyKey;
use loggia_domain::revision::Expected;
use loggia_domain::scope::Scope;
use uuid::Uuid;

use super::there;
use crate::api::ENDPOINTS;
use crate::pipeline::endpoint::Endpoint;
use crate::pipeline::idempotency;
use crate::pipeline::preconditions::Preconditions;
use crate::problem::validation::ValidationErrors;
use crate::wire::accept_encoding::accepts_gzip;
use crate::wire::response::Answer;

/// The revision of the record that the requests name. The corpus contains the tag of its representation here.
const REVISION: u64 = 7;

/// A tag of a list: whether it is weak, and its text with its quotes.
type Tag = (bool, Vec<u8>);

fn endpoint(method: &str, path: &str) -> &'static Endpoint {
    let found = ENDPOINTS.iter().find(|endpoint| endpoint.method == method && endpoint.path == path);
    there(found, "the endpoint is in the table")
}

/// The lists of `If-Match` and `If-None-Match`; each line of the input is one header line.
pub fn etags(data: &[u8]) {
    let lines: Result<Vec<_>, _> = data.split(|byte| *byte == b'\n').map(HeaderValue::from_bytes).collect();
    let Ok(lines) = lines else { return };
    let expected = list(&lines);
    let answer = || there(Answer::record(REVISION, &()).ok(), "an answer can be tagged");
    let tag = there(answer().tag().map(|tag| tag.as_str().to_owned()), "a record's answer has a tag");
    let named = |weakly: bool| match &expected {
        Some(Named::Any) => true,
        Some(Named::Tags(tags)) => {
            tags.iter().any(|(weak, text)| (weakly || !weak) && *text == tag.as_bytes())
        }
        None => false,
    };

    let (guard, refused) = read(endpoint("PATCH", "/api/v1/spaces/{id}"), IF_MATCH, &lines);
    assert_eq!(refused, expected.is_none(), "{lines:?}");
    if let Some(expected) = &expected {
        let revisions = match expected {
            Named::Any => Expected::Any,
            Named::Tags(tags) => {
                let strong = tags.iter().filter(|(weak, _)| !weak);
                Expected::OneOf(strong.filter_map(|(_, text)| revision(text)).collect())
            }
        };
        assert_eq!(guard.expected(), revisions, "{lines:?}");
        assert!(!named(false) || guard.expected().admits(REVISION), "the tag of a record is of its revision");
    }

    let read_one = endpoint("GET", "/api/v1/spaces/{id}");
    let (seen, refused) = read(read_one, IF_NONE_MATCH, &lines);
    assert_eq!(refused, expected.is_none(), "{lines:?}");
    let judged = seen.judge(answer()).map(|answer| answer.status().as_u16());
    assert_eq!(judged.ok(), Some(if named(true) { 304 } else { 200 }), "{lines:?}");
    if !refused {
        let judged = read(read_one, IF_MATCH, &lines).0.judge(answer());
        assert_eq!(
            judged.map_err(|problem| problem.code().status().as_u16()).err(),
            (!named(false)).then_some(412)
        );
    }
}

/// Returns the preconditions that the lines state for an endpoint, and whether the lines are malformed.
fn read(endpoint: &Endpoint, name: HeaderName, lines: &[HeaderValue]) -> (Preconditions, bool) {
    let mut headers = HeaderMap::new();
    lines.iter().for_each(|line| headers.append(name.clone(), line.clone()));
    let mut errors = ValidationErrors::default();
    let read = Preconditions::read(endpoint, &headers, false, &mut errors);
    (read, is_refused(&mut errors, name.as_str()))
}

/// Returns `true` if there are validation errors, all of which must be about that header.
fn is_refused(errors: &mut ValidationErrors, header: &str) -> bool {
    errors.accept(Some(())).is_err_and(|problem| {
        assert_eq!(problem.code().status(), 400);
        let of_header = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(header));
        assert!(!problem.errors().is_empty() && problem.errors().iter().all(|error| of_header(error.header)));
        true
    })
}

enum Named {
    Any,
    Tags(Vec<Tag>),
}

/// Parses a list of entity tags (RFC 9110 §8.8.3 and §5.6.1) by splitting it at commas outside of quotes. Returns `None` if it is
/// malformed.
fn list(lines: &[HeaderValue]) -> Option<Named> {
    if let [line] = lines
        && line.as_bytes().trim_ascii() == b"*"
    {
        return Some(Named::Any);
    }
    let mut tags = Vec::new();
    for line in lines {
        let mut quoted = false;
        let elements = line.as_bytes().split(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        for element in elements.map(<[u8]>::trim_ascii).filter(|element| !element.is_empty()) {
            let opaque = element.strip_prefix(b"W/").unwrap_or(element);
            let inside = opaque.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            inside.iter().all(|byte| !matches!(byte, b'"' | b' ' | b'\t' | 0x7f)).then_some(())?;
            tags.push((opaque.len() < element.len(), opaque.to_vec()));
        }
    }
    (!tags.is_empty()).then_some(Named::Tags(tags))
}

/// Returns the revision in a tag, if the tag is one that the service can have created.
fn revision(tag: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(tag).ok()?.trim_matches('"');
    let (revision, digest) = text.split_once('-')?;
    let (revision, digest) = (revision.parse::<u64>().ok()?, u64::from_str_radix(digest, 16).ok()?);
    (revision > 0 && format!("\"{revision}-{digest:016x}\"").as_bytes() == tag).then_some(revision)
}

/// `Idempotency-Key`, bare and quoted; each line of the input is one header line.
pub fn idempotency_key(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let Some(read) = key(&lines) else { return };
    let line = lines.first().copied().unwrap_or_default().trim_ascii();
    let is_key = |text: &[u8]| (1..=255).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic);
    match &read {
        Ok(key) => {
            let text = key.as_str();
            assert_eq!(lines.len(), 1, "a key is not repeated");
            assert!(is_key(text.as_bytes()));
            assert_eq!(IdempotencyKey::parse(text).as_ref(), Ok(key));
            let quoted = format!(" \"{}\"\t", text.replace('\\', "\\\\").replace('"', "\\\""));
            assert_eq!(self::key(&[quoted.as_bytes()]), Some(Ok(key.clone())), "quoted it is the same key");
            assert!(line.starts_with(b"\"") || line == text.as_bytes(), "bare it is what was sent");
        }
        Err(()) => assert!(lines.len() > 1 || line.starts_with(b"\"") || !is_key(line), "a key is taken"),
    }
}

/// Returns the key of a request with these lines, or `Err` if the request is refused. Returns `None` if no header can have such a line.
fn key(lines: &[&[u8]]) -> Option<Result<IdempotencyKey, ()>> {
    let user = UserId::from_uuid(Uuid::from_u128(1));
    let name = HeaderName::from_static("idempotency-key");
    let mut request = TestRequest::post();
    for line in lines {
        request = request.append_header((name.clone(), HeaderValue::from_bytes(line).ok()?));
    }
    let mut errors = ValidationErrors::default();
    let caller = Caller::unchecked(user, Scope::Personal(user));
    let endpoint = endpoint("POST", "/api/v1/spaces");
    let claim = idempotency::claim(endpoint, &[], &request.to_http_request(), &caller, b"{}", &mut errors);
    let refused = is_refused(&mut errors, name.as_str());
    assert_eq!(claim.is_none(), refused, "a key is taken or refused");
    Some(claim.map(|claim| claim.key).ok_or(()))
}

/// `Accept-Encoding`, for whether it accepts `gzip`; each line of the input is one of the header.
pub fn accept_encoding(data: &[u8]) {
    let lines: Result<Vec<_>, _> = data.split(|byte| *byte == b'\n').map(HeaderValue::from_bytes).collect();
    let Ok(lines) = lines else { return };
    let mut headers = HeaderMap::new();
    lines.iter().for_each(|line| headers.append(ACCEPT_ENCODING, line.clone()));
    let text: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    let text = text.join(",").to_ascii_lowercase();
    let weight = |names: &[&str]| {
        let elements = text.split(',').filter_map(thousandths);
        elements.filter(|(coding, _)| names.contains(coding)).map(|(_, weight)| weight).max()
    };
    let expected = weight(&["gzip", "x-gzip"]).or_else(|| weight(&["*"]));
    assert_eq!(accepts_gzip(&headers), expected.is_some_and(|weight| weight > 0), "{lines:?}");
}

/// RFC 9110 §12.5.3, read by cutting at the semicolon and by spelling all weights: a coding, and its weight in thousandths.
fn thousandths(element: &str) -> Option<(&str, u16)> {
    let parts: Vec<_> = element.split(';').map(|part| part.trim_matches([' ', '\t'])).collect();
    let (coding, weight) = match parts.as_slice() {
        [coding] => (*coding, "1"),
        [coding, weight] => (*coding, weight.strip_prefix("q=")?),
        _ => return None,
    };
    let weight = if weight.len() == 1 { format!("{weight}.") } else { weight.to_owned() };
    let all = format!("{weight:0<5}");
    (0..=1_000).find(|n| all == format!("{}.{:03}", n / 1_000, n % 1_000)).map(|n| (coding, n))
}
