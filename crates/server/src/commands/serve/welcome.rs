//! What the first start says: the only time that the key is seen.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use loggia_domain::service::Bootstrapped;

/// The words on the first start.
pub(super) struct Welcome<'a> {
    /// Where the server listens.
    pub(super) address: SocketAddr,
    /// The file that the data is in, from the root.
    pub(super) data: &'a Path,
    /// What was made.
    pub(super) first: &'a Bootstrapped,
}

impl Display for Welcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = reachable(self.address);
        let key = self.first.issued.secret.expose();
        let email = self.first.member.email.as_str();
        write!(
            f,
            "\
Welcome to Loggia. The store was empty, so an organization and its admin were made.

  Organization  {} ({})
  Admin         {email}
  API key       {key}
  Data          {}

The key is shown this once and kept nowhere. In another shell, try it:

  curl -H 'Authorization: Bearer {key}' http://{address}/api/v1/me

What next:

  loggia routes              what can be called, and by whom
  loggia demo                an organization full of made-up people, projects and tasks
  loggia people add --help   let somebody in
  loggia keys --help         more keys, and fewer

These work while the server runs; in another directory, point them at the data with --database-url.
",
            self.first.organization.name,
            self.first.organization.id,
            self.data.display(),
        )
    }
}

/// An address that a client on this machine can use: a server that listens everywhere is reached on the loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_reached_on_the_loopback() {
        let shown = |address: &str| reachable(address.parse().expect("an address")).to_string();
        assert_eq!(shown("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(shown("[::]:80"), "[::1]:80");
        assert_eq!(shown("192.0.2.1:80"), "192.0.2.1:80");
    }
}
