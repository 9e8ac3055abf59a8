//! Slows down who guesses keys: a token bucket for each address, emptied by failures alone.
//!
//! A map of its own, and not a crate for rate limits: those bound their memory by time and not by number, bring a clock of
//! their own, and do not tell failures from calls.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use loggia_domain::instant::Timestamp;

/// Where a connection comes from. IPv6 networks are given out by /64, so whoever has one address there has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    V4([u8; 4]),
    V6([u8; 8]),
    /// A call without a connection, such as a test's.
    Unknown,
}

impl Address {
    pub(crate) fn of(ip: Option<IpAddr>) -> Self {
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
}

/// How long to wait until the next failure is not one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(i64);

impl Wait {
    /// Whole seconds, at least one.
    pub(crate) fn seconds(self) -> i64 {
        (self.0 + MICROS_PER_SECOND - 1).div_euclid(MICROS_PER_SECOND).max(1)
    }
}

const MICROS_PER_SECOND: i64 = 1_000_000;
/// In this time an empty bucket fills.
const PERIOD: i64 = 60 * MICROS_PER_SECOND;
/// Of so many addresses failures are remembered at once: under a megabyte, however many take part.
const MOST_ADDRESSES: usize = 10_000;

/// Recent failures by address.
#[derive(Debug)]
pub(crate) struct Failures {
    /// How many a bucket holds.
    burst: u32,
    /// When each address's bucket will be full again, in microseconds. One that is full is as good as none.
    full_again: Mutex<HashMap<Address, i64>>,
}

impl Failures {
    /// Lets `burst` failures within a minute pass from one address.
    pub(crate) fn new(burst: u32) -> Self {
        Self { burst, full_again: Mutex::new(HashMap::new()) }
    }

    /// Counts a failure; `Err` if it is one too many, which then does not count.
    pub(crate) fn count(&self, address: Address, at: Timestamp) -> Result<(), Wait> {
        let now = at.micros();
        if self.burst == 0 {
            return Err(Wait(PERIOD));
        }
        let cost = PERIOD / i64::from(self.burst);
        let mut full_again = self.full_again.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not lock anybody out for longer than an empty bucket takes.
        let full = full_again.get(&address).map_or(now, |full| (*full).clamp(now, now + PERIOD));
        let wait = full + cost - (now + PERIOD);
        if wait > 0 {
            return Err(Wait(wait));
        }
        if full_again.len() >= MOST_ADDRESSES && !full_again.contains_key(&address) {
            forget_half(&mut full_again);
        }
        full_again.insert(address, full + cost);
        Ok(())
    }
}

/// Forgets the half that would be forgiven soonest, so that making room costs little for each address that comes.
fn forget_half(full_again: &mut HashMap<Address, i64>) {
    let mut by_time: Vec<(i64, Address)> =
        full_again.iter().map(|(address, full)| (*full, *address)).collect();
    let half = by_time.len() / 2;
    by_time.select_nth_unstable_by_key(half, |(full, _)| *full);
    for (_, address) in &by_time[..half] {
        full_again.remove(address);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * MICROS_PER_SECOND).expect("a time")
    }

    fn v4(number: u32) -> Address {
        Address::of(Some(Ipv4Addr::from(number).into()))
    }

    #[test]
    fn twenty_in_a_minute_pass_and_then_one_every_three_seconds() {
        let failures = Failures::new(20);
        let count = |second| failures.count(v4(1), at(second)).map_err(Wait::seconds);
        for _ in 0..20 {
            assert_eq!(count(100), Ok(()));
        }
        assert_eq!(count(100), Err(3));
        assert_eq!(count(102), Err(1), "what is refused does not count");
        assert_eq!(count(103), Ok(()));
        assert_eq!(count(103), Err(3));
        for _ in 0..20 {
            assert_eq!(count(163), Ok(()), "a minute later all is forgiven");
        }
        assert_eq!(count(163), Err(3));
    }

    #[test]
    fn addresses_are_counted_apart_and_ipv6_networks_together() {
        let failures = Failures::new(1);
        let v6 = |text: &str| Address::of(Some(text.parse::<Ipv6Addr>().expect("an address").into()));
        assert_eq!(failures.count(v6("2001:db8::1"), at(0)), Ok(()));
        assert!(failures.count(v6("2001:db8::ffff:2"), at(0)).is_err());
        assert_eq!(failures.count(v6("2001:db8:0:1::1"), at(0)), Ok(()));
        assert_eq!(failures.count(v4(1), at(0)), Ok(()));
        assert_eq!(failures.count(v4(2), at(0)), Ok(()));
        assert_eq!(v6("::ffff:0.0.0.1"), v4(1), "IPv4 as IPv6 sockets show it");
        assert_eq!(failures.count(Address::of(None), at(0)), Ok(()));
        assert!(failures.count(Address::of(None), at(0)).is_err());
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_before_a_stubborn_one() {
        let failures = Failures::new(20);
        for _ in 0..20 {
            assert_eq!(failures.count(v4(0), at(0)), Ok(()));
        }
        for number in 1..30_000 {
            assert_eq!(failures.count(v4(number), at(0)), Ok(()));
            let known = failures.full_again.lock().expect("the map").len();
            assert!(known <= MOST_ADDRESSES, "{known}");
        }
        assert!(failures.count(v4(0), at(0)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_long() {
        let failures = Failures::new(20);
        for _ in 0..20 {
            assert_eq!(failures.count(v4(1), at(1_000_000)), Ok(()));
        }
        assert_eq!(failures.count(v4(1), at(0)).map_err(Wait::seconds), Err(3));
        assert!(failures.count(v4(1), at(0)).is_err());
    }

    #[test]
    fn none_may_be_none_at_all() {
        assert_eq!(Failures::new(0).count(v4(1), at(0)).map_err(Wait::seconds), Err(60));
    }
}
