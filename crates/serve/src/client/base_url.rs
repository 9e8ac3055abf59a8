//! The URL under which clients reach this API. `Link` and `Location` begin with it.
//!
//! The operator may set it ([`PublicUrl`]). Otherwise it is the URL that the client called: as trusted proxies report it, or else `http`
//! and the host that the request names.

use std::fmt;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue};

use super::forwarded::{self, ForwardedUrl};
use super::host::authority;
use super::networks::Networks;

/// The URL under which clients reach this API, as its operator sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

/// The text is not a URL under which this API can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPublicUrl;

impl fmt::Display for InvalidPublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be an http:// or https:// URL with a host, optionally a port and a path prefix, such as https://api.example.com or \
             https://example.com/loggia, and without user, query or fragment",
        )
    }
}

impl std::error::Error for InvalidPublicUrl {}

impl PublicUrl {
    /// Parses a URL. A slash at its end is dropped.
    ///
    /// # Errors
    /// Fails with [`InvalidPublicUrl`] unless the text is a scheme (`http` or `https`), a host, an optional port and an optional path.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let parts = text.split_once("://").and_then(|(scheme, rest)| {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            Some((self::scheme(scheme)?, authority(host)?, prefix(path)?))
        });
        let (scheme, host, path) = parts.ok_or(InvalidPublicUrl)?;
        Ok(Self(format!("{scheme}://{host}{path}").into()))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses a scheme that this API is served under: `http` or `https`, in any case.
fn scheme(text: &str) -> Option<&'static str> {
    ["https", "http"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

/// Parses a path and drops the slash at its end; the path may be empty. The path's segments consist of unreserved characters and
/// percent-encoded bytes (RFC 3986 §2), and none of them is empty, `.` or `..`.
pub(super) fn prefix(text: &str) -> Option<&str> {
    let path = text.strip_suffix('/').unwrap_or(text);
    if path.is_empty() {
        return Some(path);
    }
    let is_sound = |segment: &str| {
        let encoded = segment.split('%').skip(1);
        let mut encoded = encoded.map(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.bytes().all(is_plain)
            && encoded.all(|digits| digits == 2)
    };
    let is_sound = text.len() <= LONGEST_PREFIX && path.strip_prefix('/')?.split('/').all(is_sound);
    is_sound.then_some(path)
}

/// The maximum length of a prefix in bytes. A longer text is not a prefix.
pub(super) const LONGEST_PREFIX: usize = 1_024;

/// The URL that the links in one response begin with.
#[derive(Clone, Debug, Default)]
pub enum BaseUrl {
    /// The request names no host, so links are paths.
    #[default]
    Unknown,
    /// The host that the request names. The header becomes text only when a link is written.
    Host(HeaderValue),
    /// The URL as the operator sets it or as trusted proxies report it.
    Url(Arc<str>),
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Host(host) => match host.to_str().ok().and_then(authority) {
                Some(host) => write!(f, "http://{host}"),
                None => Ok(()),
            },
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl BaseUrl {
    /// Returns the URL under which this request's client reaches this API.
    pub fn from_request(request: &HttpRequest, public: Option<&PublicUrl>, proxies: &Networks) -> Self {
        if let Some(PublicUrl(url)) = public {
            return Self::Url(url.clone());
        }
        let reported = forwarded_url(request, proxies);
        if reported.is_none() && target(request).is_none() {
            return named(request.headers()).map_or(Self::Unknown, |host| Self::Host(host.clone()));
        }
        Self::Url(called(request, reported, "").into())
    }

    /// Returns the URL under which this request's client reaches this API if another application serves it below `path`. A public URL
    /// contains the path already.
    pub fn from_mounted_request(
        request: &HttpRequest,
        public: Option<&PublicUrl>,
        proxies: &Networks,
        path: &str,
    ) -> Self {
        let url = || called(request, forwarded_url(request, proxies), path).into();
        Self::Url(public.map_or_else(url, |PublicUrl(url)| url.clone()))
    }

    /// Returns the path of the URL, without a slash at its end.
    pub fn path(&self) -> &str {
        let Self::Url(url) = self else { return "" };
        let after_scheme = url.split_once("://").map_or(&**url, |(_, rest)| rest);
        after_scheme.find('/').and_then(|begin| after_scheme.get(begin..)).unwrap_or_default()
    }
}

/// Returns the parts of the URL that the client called, if trusted proxies report them.
fn forwarded_url<'a>(request: &'a HttpRequest, proxies: &Networks) -> Option<ForwardedUrl<'a>> {
    forwarded::forwarded_url(request.peer_addr()?.ip(), request.headers(), proxies)
}

/// Returns the host of a target in absolute form, which replaces the header (RFC 9112 §3.2.2).
fn target(request: &HttpRequest) -> Option<&str> {
    request.uri().authority().and_then(|target| authority(target.as_str()))
}

/// Returns the URL that the client called, up to `path`. Without a known host it is a path.
fn called(request: &HttpRequest, reported: Option<ForwardedUrl<'_>>, path: &str) -> String {
    let reported = reported.unwrap_or_default();
    let host = reported.host.and_then(authority).or_else(|| target(request));
    let host = host.or_else(|| named(request.headers()).and_then(|host| authority(host.to_str().ok()?)));
    // An application that serves this API may end TLS itself.
    let own = if request.app_config().secure() { "https" } else { "http" };
    let scheme = reported.scheme.and_then(scheme).unwrap_or(own);
    let mut url = host.map(|host| format!("{scheme}://{host}")).unwrap_or_default();
    let prefixes: String = reported.prefixes.into_iter().filter_map(prefix).collect();
    // The prefixes of all proxies together may be no longer than a single one: each link in the response begins with them.
    if prefixes.len() <= LONGEST_PREFIX {
        url.push_str(&prefixes);
    }
    url + path
}

/// Returns the header `Host` if it is present exactly once and not empty.
fn named(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut values = headers.get_all(HOST);
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_a_scheme_a_host_and_maybe_a_path() {
        let public = |text: &str| PublicUrl::parse(text).map(|url| url.to_string());
        for (text, url) in [
            ("https://api.example.com", "https://api.example.com"),
            ("HTTPS://api.example.com/", "https://api.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080"),
            ("https://example.com/loggia/v.1/~a_b-c/%C3%A9/", "https://example.com/loggia/v.1/~a_b-c/%C3%A9"),
        ] {
            assert_eq!(public(text), Ok(url.to_owned()));
        }
        for text in [
            "",
            "api.example.com",
            "//api.example.com",
            "ftp://api.example.com",
            "https://",
            "https:///loggia",
            "https://ada@example.com",
            "https://ada:secret@example.com/",
            "https://example.com?x=1",
            "https://example.com/loggia?x=1",
            "https://example.com/loggia#x",
            "https://example.com/a//b",
            "https://example.com//",
            "https://example.com/a/../b",
            "https://example.com/./b",
            "https://example.com/a b",
            "https://example.com/a>b",
            "https://example.com/\"a\"",
            "https://example.com/%4",
            "https://example.com/%zz",
            "https://example.com:99999",
            "https://b\u{fc}cher.example.com",
        ] {
            assert_eq!(public(text), Err(InvalidPublicUrl), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST_PREFIX));
        assert_eq!(public(&long), Err(InvalidPublicUrl));
    }

    #[test]
    fn the_path_of_a_base_url_begins_after_its_host() {
        for (url, path) in [
            ("https://example.com/loggia", "/loggia"),
            ("http://[2001:db8::1]:8080/a/b", "/a/b"),
            ("https://example.com", ""),
            ("/loggia", "/loggia"),
            ("", ""),
        ] {
            assert_eq!(BaseUrl::Url(url.into()).path(), path, "{url}");
        }
        assert_eq!(BaseUrl::Unknown.path(), "");
        assert_eq!(BaseUrl::Host(HeaderValue::from_static("example.com")).path(), "");
    }
}
