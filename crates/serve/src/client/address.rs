//! The address that a request comes from. The limits on failed authentications and on open connections count by it.

use std::net::IpAddr;

use actix_web::HttpRequest;

use super::forwarded::client;
use super::networks::Networks;

/// The address of a client, as limits count it: an IPv4 address, or the /64 network of an IPv6 address, since networks are assigned by /64
/// and one client may use every address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An IPv4 address.
    V4([u8; 4]),
    /// The first half of an IPv6 address.
    V6([u8; 8]),
    /// The request has no connection, as in a test.
    Unknown,
}

impl Address {
    pub(crate) fn from_ip(ip: Option<IpAddr>) -> Self {
        match ip.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => Self::V4(ip.octets()),
            Some(IpAddr::V6(ip)) => {
                let mut network = [0; 8];
                network.copy_from_slice(&ip.octets()[..8]);
                Self::V6(network)
            }
            None => Self::Unknown,
        }
    }

    /// Returns the address of the client: the one that trusted proxies report if the peer is such a proxy, or else the peer's own.
    pub fn from_request(request: &HttpRequest, proxies: &Networks) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip());
        Self::from_ip(peer.map(|peer| client(peer, request.headers(), proxies)))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn client_of(peer: &str, sent: &[(&'static str, &'static str)]) -> String {
        let proxies = Networks::parse("192.0.2.1, 10.0.0.0/8, 2001:db8:1::/48").expect("networks");
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        client(ip(peer), &headers, &proxies).to_string()
    }

    #[test]
    fn headers_of_an_untrusted_peer_do_not_change_the_client() {
        assert_eq!(client_of("198.51.100.7", &[("x-forwarded-for", "203.0.113.9")]), "198.51.100.7");
        assert_eq!(client_of("198.51.100.7", &[("forwarded", "for=203.0.113.9")]), "198.51.100.7");
    }

    #[test]
    fn the_last_untrusted_address_that_a_trusted_proxy_reports_is_the_client() {
        let xff = |value| client_of("10.1.1.1", &[("x-forwarded-for", value)]);
        assert_eq!(xff("203.0.113.9"), "203.0.113.9");
        assert_eq!(xff("198.51.100.7, 203.0.113.9"), "203.0.113.9", "the first may be invented");
        assert_eq!(xff("198.51.100.7, 203.0.113.9, 10.2.2.2, 192.0.2.1"), "203.0.113.9");
        assert_eq!(xff("203.0.113.9:4711"), "203.0.113.9");
        assert_eq!(xff("[2001:db8:2::7]:4711"), "2001:db8:2::7");
        assert_eq!(xff("2001:db8:2::7"), "2001:db8:2::7");
        assert_eq!(xff("203.0.113.9, 2001:db8:1::1"), "203.0.113.9");
        assert_eq!(xff("10.9.9.9"), "10.9.9.9", "nobody but us");
        assert_eq!(xff("203.0.113.9, unknown"), "10.1.1.1", "a proxy that reports nothing counts itself");
        assert_eq!(xff(""), "10.1.1.1");
        let lines = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client_of("10.1.1.1", &lines), "203.0.113.9", "several lines are one list");
        assert_eq!(client_of("::ffff:10.1.1.1", &[("x-forwarded-for", "203.0.113.9")]), "203.0.113.9");
    }

    #[test]
    fn the_standard_header_is_read_as_well_and_both_together_are_not() {
        let forwarded = |value| client_of("10.1.1.1", &[("forwarded", value)]);
        assert_eq!(
            forwarded("for=198.51.100.7;proto=http, For=\"203.0.113.9:80\";by=10.1.1.1"),
            "203.0.113.9"
        );
        assert_eq!(forwarded("proto=https;for=\"[2001:db8:2::7]:80\""), "2001:db8:2::7");
        assert_eq!(forwarded("for=_hidden"), "10.1.1.1");
        let both = [("forwarded", "for=198.51.100.7"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client_of("10.1.1.1", &both), "10.1.1.1");
        let both = [("forwarded", "for=198.51.100.7"), ("x-forwarded-host", "api.example.com")];
        assert_eq!(client_of("10.1.1.1", &both), "10.1.1.1");
    }

    #[test]
    fn ipv6_networks_count_together() {
        let address = |text| Address::from_ip(Some(ip(text)));
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:2"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"), "IPv4 as IPv6 sockets show it");
    }
}
