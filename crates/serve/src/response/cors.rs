//! Cross-origin requests: which origins may call, and which headers their pages may see (CORS, as the Fetch standard defines it).

use std::fmt;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

/// The origins whose pages may call. By default there are none, and browsers block pages of other origins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

/// The text is not a list of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin;

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be origins separated by commas, each exactly as browsers send it, such as \
             https://app.example.com,http://localhost:3000: a scheme and a host in lower case, the port unless it is the scheme's \
             default, and no path; * is not supported",
        )
    }
}

impl std::error::Error for InvalidOrigin {}

impl Origins {
    /// Parses origins separated by commas. An empty text gives an empty list.
    ///
    /// # Errors
    /// Fails with [`InvalidOrigin`] if an element is not written exactly as browsers send it.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let origins = text.split(',').map(|text| origin(text.trim()).ok_or(InvalidOrigin));
        origins.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the origin of a request if it is in the list.
    fn matching(&self, headers: &HeaderMap) -> Option<&HeaderValue> {
        let mut values = headers.get_all(header::ORIGIN);
        let sent = values.next().filter(|_| values.next().is_none())?;
        self.0.iter().find(|origin| *origin == sent)
    }
}

/// Parses one origin. Browsers compare it byte for byte, so an origin in any other form would never match and is rejected.
fn origin(text: &str) -> Option<HeaderValue> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    // Browsers also accept names that cannot be looked up, such as `*.example.com`.
    let is_sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
    let host_is_sound = match url.host()? {
        Host::Domain(name) => name.bytes().all(is_sound),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    let is_as_sent = url.origin().ascii_serialization() == text;
    (host_is_sound && is_as_sent).then(|| HeaderValue::from_str(text).ok()).flatten()
}

/// The time in seconds for which a browser may cache a preflight response.
const MAX_AGE: &str = "600";

/// Names of request headers, as an operator lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderNames(Vec<String>);

/// The text is not a list of header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHeaderNames;

impl fmt::Display for InvalidHeaderNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be names of request headers separated by commas, such as X-Client-Version,sentry-trace; * is not supported, since for \
             browsers it never covers Authorization",
        )
    }
}

impl std::error::Error for InvalidHeaderNames {}

impl HeaderNames {
    /// Parses header names separated by commas. An empty text gives an empty list.
    ///
    /// # Errors
    /// Fails with [`InvalidHeaderNames`] if an element is not a header name, or is `*`.
    pub fn parse(text: &str) -> Result<Self, InvalidHeaderNames> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        // A lone asterisk is a valid token, but a wildcard here.
        let is_name = |name: &str| name != "*" && HeaderName::from_bytes(name.as_bytes()).is_ok();
        let name = |name: &str| is_name(name).then(|| name.to_owned()).ok_or(InvalidHeaderNames);
        text.split(',').map(|text| name(text.trim())).collect::<Result<_, _>>().map(Self)
    }
}

/// The CORS settings.
#[derive(Clone, Debug)]
pub struct Cors {
    /// The origins whose pages may call.
    origins: Origins,
    /// The request headers that those pages may send.
    allowed: HeaderValue,
    /// The response headers that those pages may read.
    exposed: HeaderValue,
}

impl Cors {
    /// Creates the settings of a server that no other origin may call yet. Pages may send the headers in the list `allowed` and read those
    /// in the list `exposed`, besides those that the Fetch standard always allows and exposes.
    ///
    /// # Panics
    /// Panics if one of the lists is not a valid header value.
    pub fn new(allowed: &'static str, exposed: &'static str) -> Self {
        Self {
            origins: Origins::default(),
            allowed: HeaderValue::from_static(allowed),
            exposed: HeaderValue::from_static(exposed),
        }
    }

    /// Sets the origins whose pages may call.
    pub fn set_origins(&mut self, origins: Origins) {
        self.origins = origins;
    }

    /// Allows pages to send these headers, too.
    pub fn allow_headers(&mut self, names: &HeaderNames) {
        let mut allowed: Vec<&str> = self.allowed.to_str().unwrap_or_default().split(", ").collect();
        for name in &names.0 {
            if !allowed.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                allowed.push(name);
            }
        }
        // Names of headers are always a valid value.
        if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
            self.allowed = value;
        }
    }

    /// Returns the value of `Vary`: responses depend on the credentials and, if cross-origin calls are allowed, on the origin.
    pub(crate) fn vary(&self) -> HeaderValue {
        let is_same_origin = self.origins.0.is_empty();
        HeaderValue::from_static(if is_same_origin { "Authorization" } else { "Authorization, Origin" })
    }
}

/// The cross-origin facts of a request, kept until its response is made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    origin: HeaderValue,
    /// `true` if the request is a preflight.
    preflight: bool,
}

impl Asked {
    /// Returns `None` if the response gets no CORS headers: the request has no origin, or one that is not allowed.
    pub(crate) fn by(cors: &Cors, method: &Method, headers: &HeaderMap) -> Option<Self> {
        let origin = cors.origins.matching(headers)?.clone();
        let preflight =
            *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        Some(Self { origin, preflight })
    }

    /// Adds the CORS headers to a response. Credentials are never allowed: scripts send keys themselves, and there are no cookies.
    pub(crate) fn write(self, cors: &Cors, answer: &mut HeaderMap) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        if !self.preflight {
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposed.clone());
        } else if let Some(methods) = answer.get(header::ALLOW).cloned() {
            answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, cors.allowed.clone());
            answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_accepted_only_as_browsers_send_them() {
        for text in [
            "https://app.example.com",
            "http://localhost:3000",
            "https://app.example.com, http://127.0.0.1:8081",
            "http://[2001:db8::1]:81",
            "http://[2001:db8::1]",
            "http://app.example.com:443",
        ] {
            assert!(Origins::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Origins::parse(" "), Ok(Origins::default()));
        for text in [
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://*.example.com",
            "https://app.example.com/",
            "https://App.example.com",
            "HTTPS://app.example.com",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://app.example.com:0080",
            "https://app.example.com:99999",
            "https://app.example.com:",
            "https://ada@app.example.com",
            "file://app.example.com",
            "https://app.example.com,",
            "https://app.example.com https://www.example.com",
            "http://[2001:0db8::1]",
            "http://[::ffff:192.0.2.1]",
            "http://127.1",
            "http://999.0.0.1",
            "https://app.example.com?",
            "https://app.example.com#",
            "https:\\\\app.example.com",
        ] {
            assert_eq!(Origins::parse(text), Err(InvalidOrigin), "{text}");
        }
    }

    #[test]
    fn header_names_are_added_to_those_that_are_always_allowed() {
        let always = "Authorization, Content-Type, traceparent";
        let allowed = |text| {
            HeaderNames::parse(text).map(|names| {
                let mut cors = Cors::new(always, "ETag");
                cors.allow_headers(&names);
                cors.allowed
            })
        };
        assert_eq!(allowed(" "), Ok(HeaderValue::from_static(always)));
        let more = allowed("X-Client-Version, sentry-trace,x-client-version,TraceParent").expect("names");
        assert_eq!(more.to_str().expect("text"), format!("{always}, X-Client-Version, sentry-trace"));
        for text in ["*", "a,*", "X Client", "a,,b", "a,", "a:b", "\u{e9}", "a\r\nb", "a;b"] {
            assert_eq!(allowed(text), Err(InvalidHeaderNames), "{text}");
        }
    }
}
