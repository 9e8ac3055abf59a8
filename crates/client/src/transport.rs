//! Bytes over the network: one attempt at a call.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    IF_NONE_MATCH, LINK, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::call::{Call, Condition, Reply};
use crate::error::Error;
use crate::problem::{Problem, ProblemCode};
use crate::retry::{Failure, Repeat};
use crate::value::{ETag, IdempotencyKey};

/// The maximum size of the body of a response, in bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// The maximum size of the body of an error, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;
/// The maximum number of characters of an unexpected response in an error.
const EXCERPT: usize = 200;

/// Creates the HTTP client: HTTP/1.1, no redirects, no proxy unless it is asked for, and TLS by roots of our own.
pub(crate) fn http(certificates: Option<&[u8]>, has_system_proxy: bool) -> Result<reqwest::Client, Error> {
    let settings = |error: &dyn std::fmt::Display| Error::Settings(format!("the HTTP client: {error}"));
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(certificates.unwrap_or_default()) {
        let certificate =
            certificate.map_err(|error| Error::Settings(format!("the root certificates: {error:?}")))?;
        roots.add(certificate).map_err(|error| settings(&error))?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| settings(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("loggia-client/", env!("CARGO_PKG_VERSION")));
    let builder = if has_system_proxy { builder } else { builder.no_proxy() };
    builder.build().map_err(|error| settings(&error))
}

/// Sends a request once and reads the response. Fails for every status but those of success and 304.
pub(crate) async fn attempt(
    http: &reqwest::Client,
    call: &Call,
    key: &HeaderValue,
    idempotency_key: Option<&IdempotencyKey>,
    timeout: Duration,
) -> Result<Reply, Failure> {
    let is_write = call.method != Method::GET;
    let failed = |error| interrupted(error, is_write);
    let request = request(http, call, key, idempotency_key).timeout(timeout);
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let is_success = response.status().is_success() || status == 304;
    let limit = if is_success { MAX_BODY } else { MAX_ERROR_BODY };
    let body = body(&mut response, limit).await.map_err(|error| match error {
        ReadError::Broken(error) => failed(error),
        ReadError::TooLarge => {
            Failure { error: Error::TooLarge { limit }, repeat: Repeat::Never, is_unclear: is_write }
        }
    })?;
    let headers = response.headers();
    let reply = Reply {
        status,
        etag: text(headers, &ETAG).map(ETag::new),
        link: text(headers, &LINK).map(str::to_owned),
        total: text(headers, &HeaderName::from_static("x-total-count")).and_then(|total| total.parse().ok()),
        retry_after: text(headers, &RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs),
        body,
    };
    if !is_success {
        return Err(refused(reply, headers, is_write));
    }
    let is_expected =
        reply.body.is_empty() || call.accept == "*/*" || media_type(headers) == Some(call.accept);
    // The request reached something else than Loggia. It will the next time too.
    if is_expected { Ok(reply) } else { Err(foreign(&reply, headers, Repeat::Never, is_write)) }
}

/// Makes a request with its headers and its body.
fn request(
    http: &reqwest::Client,
    call: &Call,
    key: &HeaderValue,
    idempotency_key: Option<&IdempotencyKey>,
) -> RequestBuilder {
    let mut request = http.request(call.method.clone(), call.url.clone()).header(ACCEPT, call.accept);
    if call.is_authenticated {
        request = request.header(AUTHORIZATION, key.clone());
    } else {
        // The script and the style sheet of the page to try calls exist in this coding only.
        request = request.header(ACCEPT_ENCODING, "gzip, identity");
    }
    if let Some(key) = idempotency_key {
        request = request.header(HeaderName::from_static("idempotency-key"), key.as_str());
    }
    if let Some(condition) = &call.condition {
        let (name, etag) = match condition {
            Condition::Match(etag) => (IF_MATCH, etag),
            Condition::NoneMatch(etag) => (IF_NONE_MATCH, etag),
        };
        request = request.header(name, etag.as_str());
    }
    if let Some(body) = &call.body {
        request = request.header(CONTENT_TYPE, body.media_type).body(body.bytes.clone());
    }
    request
}

/// Returns the failure of an attempt that got no whole response.
fn interrupted(error: reqwest::Error, is_write: bool) -> Failure {
    let was_sent = !error.is_connect() && !error.is_builder();
    let repeat = if error.is_builder() { Repeat::Never } else { Repeat::Always };
    // The URL has no secret, but texts that somebody searched for.
    let error = error.without_url();
    let error = if error.is_timeout() {
        Error::TimedOut
    } else if error.is_connect() {
        Error::Unreachable(error.into())
    } else {
        Error::Interrupted(error.into())
    };
    Failure { error, repeat, is_unclear: is_write && was_sent }
}

/// Returns the failure of an attempt that got a response of refusal.
fn refused(reply: Reply, headers: &HeaderMap, is_write: bool) -> Failure {
    let status = reply.status;
    let repeat = match status {
        408 | 425 | 429 | 500 | 502 | 503 | 504 => Repeat::Always,
        _ => Repeat::Never,
    };
    if (300..400).contains(&status) {
        let location = text(headers, &LOCATION).unwrap_or_default().to_owned();
        return Failure { error: Error::Redirected { status, location }, repeat, is_unclear: false };
    }
    let is_problem = media_type(headers) == Some("application/problem+json");
    let problem = is_problem.then(|| reply.json::<Problem>().ok()).flatten();
    let Some(mut problem) = problem else {
        // A proxy's response does not tell what the service has done.
        return foreign(&reply, headers, repeat, is_write && status >= 500);
    };
    problem.retry_after = reply.retry_after;
    let repeat = match problem.code {
        ProblemCode::IdempotencyKeyInUse => Repeat::IfUnclear,
        _ => repeat,
    };
    let was_refused =
        matches!(problem.code, ProblemCode::Busy | ProblemCode::Stopping | ProblemCode::StoreUnavailable);
    let is_unclear = is_write && status >= 500 && !was_refused;
    let problem = Box::new(problem);
    let error = match problem.code {
        ProblemCode::PreconditionFailed => Error::Stale { current: reply.etag, problem },
        _ => Error::Problem(problem),
    };
    Failure { error, repeat, is_unclear }
}

/// Returns the failure of an attempt whose response is not one of Loggia's.
fn foreign(reply: &Reply, headers: &HeaderMap, repeat: Repeat, is_unclear: bool) -> Failure {
    let error = Error::UnexpectedResponse {
        status: reply.status,
        reason: format!("with a body of the type {}", media_type(headers).unwrap_or("unknown")),
        excerpt: String::from_utf8_lossy(&reply.body).chars().take(EXCERPT).collect(),
        retry_after: reply.retry_after,
    };
    Failure { error, repeat, is_unclear }
}

enum ReadError {
    Broken(reqwest::Error),
    TooLarge,
}

/// Reads a body up to a limit.
async fn body(response: &mut Response, limit: usize) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(ReadError::Broken)? {
        if body.len() + piece.len() > limit {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the media type of a body, without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let (media_type, _) =
        text(headers, &CONTENT_TYPE).map(|text| text.split_once(';').unwrap_or((text, "")))?;
    Some(media_type.trim())
}
