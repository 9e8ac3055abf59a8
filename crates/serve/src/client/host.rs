//! The header `Host`, which the parser requires but does not validate.

use std::net::Ipv6Addr;

use actix_web::http::Uri;
use actix_web::http::header::{HOST, HeaderMap};

/// The maximum length of a host's name in bytes (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;

/// Parses a host and an optional port (RFC 3986 §3.2.2): a name of letters, digits, `-`, `.` and `_`, an IPv4 address, or an IPv6 address
/// in brackets. Other characters that the RFC allows are in no name that resolves, and would need escaping in a header.
///
/// Returns the text as it was sent, without the colon of an empty port.
pub(crate) fn authority(text: &str) -> Option<&str> {
    let (host_is_sound, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (address.parse::<Ipv6Addr>().is_ok(), port)
        }
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            ((1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_sound), port)
        }
    };
    let is_number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok();
    let port_is_sound = port.is_empty() || port == ":" || port.strip_prefix(':').is_some_and(is_number);
    (host_is_sound && port_is_sound).then(|| text.strip_suffix(':').unwrap_or(text))
}

/// The host that a request names is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidHost;

/// Rejects an invalid host (RFC 9112 §3.2), since a proxy in front may have read another host out of it. A host in an absolute target
/// replaces the header and must be valid, too.
pub(crate) fn check(target: &Uri, headers: &HeaderMap) -> Result<(), InvalidHost> {
    let is_sound = |text: &str| text.is_empty() || authority(text).is_some();
    let target_is_sound = target.authority().is_none_or(|target| authority(target.as_str()).is_some());
    let header_is_sound = headers.get_all(HOST).all(|value| value.to_str().is_ok_and(is_sound));
    if target_is_sound && header_is_sound { Ok(()) } else { Err(InvalidHost) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
        let is_sound = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_bytes(text.as_bytes()).expect("a value"));
            check(&Uri::from_static("/livez"), &headers).is_ok()
        };
        for text in [
            "loggia.example.com",
            "LOGGIA.example.com.:65535",
            "127.0.0.1:8080",
            "[::1]:8080",
            "[2001:db8::1]",
            "localhost:",
            "xn--bcher-kva.example.com",
            "",
            "a_b.example.com",
        ] {
            assert!(is_sound(text), "{text}");
        }
        for text in [
            "a.example.com b",
            "a.example.com/b",
            "a.example.com?b",
            "a.example.com#b",
            "ada@example.com",
            "a.example.com:80:81",
            "a.example.com:65536",
            "a.example.com:+80",
            "a.example.com:eighty",
            ":80",
            "[::1",
            "[::1]80",
            "[fe80::1%25eth0]",
            "[]",
            "::1",
            "a\\b",
            "a,b",
            "a;b",
            "a>b",
            "a\"b",
            "%41.example.com",
            "b\u{fc}cher.example.com",
        ] {
            assert!(!is_sound(text), "{text}");
        }
        assert!(check(&Uri::from_static("/livez"), &HeaderMap::new()).is_ok());
        let target = |text| check(&Uri::from_static(text), &HeaderMap::new()).is_ok();
        assert!(target("http://a.example.com:8080/livez"));
        assert!(!target("http://ada@example.com/livez") && !target("http://a;b/livez"));
    }
}
