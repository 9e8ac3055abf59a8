//! The limits on open connections, in total and for each address.
//!
//! A new connection is *full*, *spare* or refused. A full connection serves every request. Beyond the limits, a few spare connections are
//! accepted: they serve health checks, so that monitoring still works, and answer 503 to everything else. A refused connection is closed at
//! once. So the process keeps file descriptors for its store, however many clients connect.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client::{Address, Networks};
use crate::limits::{SPARE_CONNECTIONS, SPARE_CONNECTIONS_PER_ADDRESS, ServerLimits};

/// The connections that are open.
#[derive(Debug)]
pub(crate) struct Connections {
    total: usize,
    per_address: usize,
    /// The trusted proxies. A proxy's connections count in the total only, since such an address stands for many clients.
    proxies: Arc<Networks>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<Address, usize>,
}

/// The permitted use of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Every request.
    Full,
    /// A single request, which is served only if it is a health check.
    Spare,
}

/// A connection in the count. Dropping the slot removes the connection from the count.
#[derive(Debug)]
pub(crate) struct Slot {
    connections: Arc<Connections>,
    /// The address that the connection counts for, or `None` for a proxy's.
    address: Option<Address>,
    /// The permitted use of the connection.
    pub(crate) allows: Use,
}

impl Connections {
    pub(crate) fn new(limits: &ServerLimits, proxies: Arc<Networks>) -> Arc<Self> {
        Arc::new(Self {
            total: limits.connections,
            per_address: limits.connections_per_address,
            proxies,
            open: Mutex::default(),
        })
    }

    /// Counts a new connection. Returns `None` if the connection must be closed.
    pub(crate) fn admit(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<Slot> {
        let is_proxy = peer.is_some_and(|peer| self.proxies.contain(peer));
        let address = (!is_proxy).then(|| Address::from_ip(peer));
        let mut open = self.open();
        let of_address = address.and_then(|address| open.by_address.get(&address)).copied().unwrap_or(0);
        let allows = if open.total < self.total && of_address < self.per_address {
            Use::Full
        } else if open.total < self.total.saturating_add(SPARE_CONNECTIONS)
            && of_address < self.per_address.saturating_add(SPARE_CONNECTIONS_PER_ADDRESS)
        {
            Use::Spare
        } else {
            return None;
        };
        open.total += 1;
        if let Some(address) = address {
            *open.by_address.entry(address).or_default() += 1;
        }
        drop(open);
        Some(Slot { connections: self.clone(), address, allows })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.total -= 1;
        if let Some(address) = self.address
            && let Some(number) = open.by_address.get_mut(&address)
        {
            *number -= 1;
            if *number == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(total: usize, per_address: usize) -> Arc<Connections> {
        let limits = ServerLimits {
            connections: total,
            connections_per_address: per_address,
            ..ServerLimits::default()
        };
        Connections::new(&limits, Arc::new(Networks::parse("10.0.0.0/8").expect("a network")))
    }

    fn ip(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, number]))
    }

    fn uses(slots: &[Option<Slot>]) -> (usize, usize, usize) {
        let count = |wanted: Option<Use>| {
            slots.iter().filter(|slot| slot.as_ref().map(|slot| slot.allows) == wanted).count()
        };
        (count(Some(Use::Full)), count(Some(Use::Spare)), count(None))
    }

    #[test]
    fn one_address_has_its_limit_and_a_few_spare_connections() {
        let connections = connections(100, 10);
        let slots: Vec<_> = (0..50).map(|_| connections.admit(ip(1))).collect();
        let spare = SPARE_CONNECTIONS_PER_ADDRESS;
        assert_eq!(uses(&slots), (10, spare, 40 - spare));
        assert_eq!(connections.admit(ip(2)).map(|slot| slot.allows), Some(Use::Full), "others have theirs");
        drop(slots);
        assert_eq!(connections.admit(ip(1)).map(|slot| slot.allows), Some(Use::Full));
        assert!(connections.open().by_address.is_empty() && connections.open().total == 0, "nothing is kept");
    }

    #[test]
    fn a_few_spare_connections_exceed_the_total_limit() {
        let connections = connections(20, 4);
        let slots: Vec<_> = (0..100).map(|number| connections.admit(ip(number))).collect();
        assert_eq!(uses(&slots), (20, SPARE_CONNECTIONS, 80 - SPARE_CONNECTIONS));
    }

    #[test]
    fn a_trusted_proxy_may_have_all_connections() {
        let connections = connections(20, 4);
        let proxy = Some(IpAddr::from([10, 1, 1, 1]));
        let slots: Vec<_> = (0..100).map(|_| connections.admit(proxy)).collect();
        assert_eq!(uses(&slots), (20, SPARE_CONNECTIONS, 80 - SPARE_CONNECTIONS));
        assert!(connections.open().by_address.is_empty(), "it counts in all and nowhere else");
    }

    #[test]
    fn networks_of_ipv6_count_as_one_address() {
        let connections = connections(20, 1);
        let of = |text: &str| connections.admit(text.parse().ok()).map(|slot| slot.allows);
        let first = connections.admit("2001:db8::1".parse().ok());
        assert_eq!(first.as_ref().map(|slot| slot.allows), Some(Use::Full));
        assert_eq!(of("2001:db8::2"), Some(Use::Spare), "the same /64");
        assert_eq!(of("2001:db8:0:1::1"), Some(Use::Full));
    }
}
