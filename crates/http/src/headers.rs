//! The headers that all answers have, whoever made them (rule C38).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::cors::{Asked, Cors};

/// Nothing is loaded or framed by what is shown. Pages for people bring a policy of their own.
const CONTENT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Puts them on. What an answer says for itself about caching and content stays.
pub(crate) fn complete(headers: &mut HeaderMap, cors: &Cors, asked: Option<Asked>) {
    // What has a tag may be kept and asked for again; everything else is for this once.
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
    headers.insert(header::VARY, cors.origins.vary());
    if let Some(asked) = asked {
        asked.tell(&cors.headers, headers);
    }
}
