//! Lists of IP addresses and networks.

use std::net::IpAddr;

use ipnet::IpNet;

/// IP addresses and networks, such as those of the trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// The text is not a list of IP addresses and networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNetwork;

impl std::fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "must be IP addresses and networks separated by commas, such as 192.0.2.1,10.0.0.0/8,2001:db8::/32; a network's address must \
             have no bits set beyond the prefix length",
        )
    }
}

impl std::error::Error for InvalidNetwork {}

impl Networks {
    /// Parses IP addresses and networks separated by commas. An empty text gives an empty list.
    ///
    /// # Errors
    /// Fails with [`InvalidNetwork`] if an element is neither an address nor a network, or if a network's address has bits beyond its
    /// length.
    pub fn parse(text: &str) -> Result<Self, InvalidNetwork> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let networks = text.split(',').map(|text| network(text.trim()).ok_or(InvalidNetwork));
        networks.collect::<Result<_, _>>().map(Self)
    }

    /// Returns `true` if one of the networks contains the address.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Parses an address, or a network as its address and prefix length.
///
/// The standard library parses the address, since the parser of `ipnet` accepts octets with leading zeros, which other programs read as
/// octal.
fn network(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else {
        return text.parse::<IpAddr>().map(IpNet::from).ok();
    };
    let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
    let network = IpNet::new(address.parse().ok()?, length.parse().ok().filter(|_| is_number)?).ok()?;
    // 10.1.2.3/8 is a mistake in the address or in the length.
    (network.network() == network.addr()).then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_network_and_no_other() {
        let networks = Networks::parse("192.0.2.1, 10.0.0.0/8,2001:db8::/33").expect("networks");
        for (address, is_in) in [
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("::ffff:10.1.2.3", true),
            ("2001:db8:7fff:ffff::1", true),
            ("2001:db8:8000::", false),
            ("a00::1", false),
        ] {
            assert_eq!(networks.contain(address.parse().expect("an address")), is_in, "{address}");
        }
        let all = Networks::parse("0.0.0.0/0").expect("a network");
        assert!(all.contain("203.0.113.9".parse().expect("an address")));
        assert!(!all.contain("2001:db8::1".parse().expect("an address")));
        assert_eq!(Networks::parse(" "), Ok(Networks::default()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "proxy.example.com",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "010.0.0.0/8",
            "2001:db8::/129",
            "2001:db8::1/64",
            "10.0.0.0/8,",
            "10.0.0.0/8;192.0.2.1",
            "*",
        ] {
            assert_eq!(Networks::parse(text), Err(InvalidNetwork), "{text}");
        }
    }
}
