//! The headers of every response.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::cors::{Asked, Cors};

/// The policy of a response: nothing may be loaded, and no page may frame it. HTML pages set a policy of their own.
const CONTENT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Adds the headers to a response. The response's own headers about caching and content take precedence; its `Vary` is extended.
pub(crate) fn complete(headers: &mut HeaderMap, cors: &Cors, asked: Option<Asked>) {
    // A response with an entity tag may be stored and revalidated; all others may not be stored.
    let caching = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
    let mut unless_told = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    unless_told(header::CACHE_CONTROL, caching);
    unless_told(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let own = headers.insert(header::VARY, cors.vary());
    let joined = |vary: Option<HeaderValue>, own: HeaderValue| {
        let vary = vary.unwrap_or_else(|| cors.vary());
        HeaderValue::from_bytes(&[vary.as_bytes(), b", ", own.as_bytes()].concat()).ok()
    };
    if let Some(vary) = own.fold(None, joined) {
        headers.insert(header::VARY, vary);
    }
    if let Some(asked) = asked {
        asked.write(cors, headers);
    }
}
