//! The headers in which trusted proxies describe a request: `Forwarded` (RFC 7239), or the older `X-Forwarded-…`.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;

use super::networks::Networks;

const X_FORWARDED: [&str; 4] =
    ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix"];

/// The parts of the URL by which the client called the outermost trusted proxy. The texts are as that proxy sent them and must be checked
/// before use.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ForwardedUrl<'a> {
    pub(crate) host: Option<&'a str>,
    pub(crate) scheme: Option<&'a str>,
    /// The prefixes that the trusted proxies removed from the path, outermost first.
    pub(crate) prefixes: Vec<&'a str>,
}

/// The header elements that trusted proxies wrote, in the order of their lines.
enum Written<'a> {
    /// The elements of `Forwarded`, and the client's address.
    Forwarded(Vec<&'a str>, IpAddr),
    /// The number of elements at the end of each `X-Forwarded-…` list, and the client's address.
    X(usize, IpAddr),
}

/// Returns the elements that trusted proxies wrote, or `None` if the peer is not a trusted proxy or sent no such header.
///
/// A proxy that writes one kind of header passes the other on unchanged. So if both kinds are present, neither is trusted.
fn written<'a>(peer: IpAddr, headers: &'a HeaderMap, proxies: &Networks) -> Option<Written<'a>> {
    if !proxies.contain(peer) {
        return None;
    }
    let x_forwarded = X_FORWARDED.iter().any(|name| headers.contains_key(*name));
    match (x_forwarded, headers.contains_key("forwarded")) {
        (true, false) => {
            let addresses: Vec<_> = elements(headers, "x-forwarded-for").map(node).collect();
            let (count, client) = trusted_chain(peer, &addresses, proxies);
            // A proxy that writes no addresses still writes one element of each other header.
            Some(Written::X(count.max(1), client))
        }
        (false, true) => {
            let elements: Vec<_> = elements(headers, "forwarded").collect();
            let addresses: Vec<_> = elements.iter().map(|element| node(parameter(element, "for")?)).collect();
            let (count, client) = trusted_chain(peer, &addresses, proxies);
            Some(Written::Forwarded(last(elements, count), client))
        }
        _ => None,
    }
}

/// Returns the last address before the trusted proxies. Earlier addresses may be forged.
pub(super) fn client(peer: IpAddr, headers: &HeaderMap, proxies: &Networks) -> IpAddr {
    match written(peer, headers, proxies) {
        Some(Written::Forwarded(_, client) | Written::X(_, client)) => client,
        None => peer,
    }
}

/// Returns the parts of the URL that the client called, if trusted proxies report them.
pub(crate) fn forwarded_url<'a>(
    peer: IpAddr,
    headers: &'a HeaderMap,
    proxies: &Networks,
) -> Option<ForwardedUrl<'a>> {
    Some(match written(peer, headers, proxies)? {
        Written::Forwarded(elements, _) => {
            let first = |name| elements.iter().find_map(|element| parameter(element, name));
            ForwardedUrl { host: first("host"), scheme: first("proto"), prefixes: Vec::new() }
        }
        Written::X(count, _) => {
            let last_elements = |name| last(elements(headers, name).collect(), count);
            let first = |name| last_elements(name).first().copied();
            ForwardedUrl {
                host: first("x-forwarded-host"),
                scheme: first("x-forwarded-proto"),
                prefixes: last_elements("x-forwarded-prefix"),
            }
        }
    })
}

/// Goes from the peer outwards while the addresses belong to trusted proxies. Returns the number of elements that those proxies wrote, and
/// the last address reached.
fn trusted_chain(peer: IpAddr, addresses: &[Option<IpAddr>], proxies: &Networks) -> (usize, IpAddr) {
    let (mut count, mut client) = (0, peer);
    for address in addresses.iter().rev() {
        count += 1;
        // An element without an address was written by the proxy reached so far, which is the last known address.
        let Some(address) = address else { break };
        client = *address;
        if !proxies.contain(client) {
            break;
        }
    }
    (count, client)
}

fn last<T>(mut elements: Vec<T>, count: usize) -> Vec<T> {
    elements.split_off(elements.len().saturating_sub(count))
}

/// Returns the elements of a list header, across all of its lines.
fn elements<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let texts = headers.get_all(name).map(|value| value.to_str().unwrap_or_default());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

/// Returns the value of a parameter of a `Forwarded` element, without its quotes, or `None` unless the parameter is present exactly once.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let value = values.next()?;
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    values.next().is_none().then(|| quoted.unwrap_or(value))
}

/// Parses an IP address with an optional port.
fn node(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']')?.0.parse().ok();
    }
    text.rsplit_once(':')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    /// Returns the host, the scheme and the joined prefixes that a proxy at that address reports.
    fn reported_by(peer: &str, lines: &[(&'static str, &'static str)]) -> Option<(String, String, String)> {
        let proxies = Networks::parse("10.0.0.0/8").expect("networks");
        let headers = headers(lines);
        let url = forwarded_url(peer.parse().expect("an address"), &headers, &proxies)?;
        let text = |part: Option<&str>| part.unwrap_or("-").to_owned();
        Some((text(url.host), text(url.scheme), url.prefixes.concat()))
    }

    #[track_caller]
    fn reports(lines: &[(&'static str, &'static str)], host: &str, scheme: &str, prefixes: &str) {
        let expected = (host.to_owned(), scheme.to_owned(), prefixes.to_owned());
        assert_eq!(reported_by("10.1.1.1", lines), Some(expected), "{lines:?}");
    }

    #[test]
    fn headers_of_an_untrusted_peer_are_ignored() {
        for line in [("x-forwarded-host", "a"), ("x-forwarded-for", "10.1.1.1"), ("forwarded", "host=a")] {
            assert_eq!(reported_by("192.0.2.1", &[line]), None);
        }
    }

    #[test]
    fn headers_of_both_kinds_together_are_ignored() {
        assert_eq!(reported_by("10.1.1.1", &[("forwarded", "host=a"), ("x-forwarded-prefix", "/b")]), None);
        assert_eq!(reported_by("10.1.1.1", &[]), None);
    }

    #[test]
    fn the_outermost_trusted_proxy_determines_the_base_url() {
        reports(&[("x-forwarded-host", "a"), ("x-forwarded-proto", "https")], "a", "https", "");
        // The client forges the first element of each list; of two trusted proxies, the outer one counts.
        let chain = [
            ("x-forwarded-for", "192.0.2.7, 192.0.2.9, 10.2.2.2"),
            ("x-forwarded-host", "evil, a, b"),
            ("x-forwarded-proto", "gopher, https"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-prefix", "/evil, /outer, /inner"),
        ];
        reports(&chain, "a", "https", "/outer/inner");
        let alone = [("x-forwarded-for", "192.0.2.7, 192.0.2.9"), ("x-forwarded-host", "evil, a")];
        reports(&alone, "a", "-", "");
        let unknown_node = [("x-forwarded-for", "192.0.2.7, unknown"), ("x-forwarded-host", "evil, a")];
        reports(&unknown_node, "a", "-", "");
    }

    #[test]
    fn the_elements_of_forwarded_are_read_by_name() {
        let forwarded = |value| [("forwarded", value)];
        reports(&forwarded("for=192.0.2.9;Host=a;PROTO=https"), "a", "https", "");
        reports(&forwarded("for=192.0.2.9;host=\"[2001:db8::1]:8443\""), "[2001:db8::1]:8443", "-", "");
        reports(
            &forwarded("host=evil;for=192.0.2.7, host=a;for=192.0.2.9, proto=http;for=10.2.2.2"),
            "a",
            "http",
            "",
        );
        reports(&forwarded("host=evil, host=a;for=_hidden"), "a", "-", "");
        reports(&forwarded("host=a;host=b"), "-", "-", "");
        reports(&forwarded("host=\"a;host=b"), "-", "-", "");
        reports(&forwarded("hostage=a;x-host=b"), "-", "-", "");
    }
}
