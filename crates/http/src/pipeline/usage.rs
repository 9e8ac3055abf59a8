//! The use of the HTTP side's limits, and its refusals, read from time to time for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use loggia_serve::ConnectionUsage;
use loggia_serve::admission::{Exceeded, SemaphoreUsage};

use crate::pipeline::state::HttpApp;

/// The use of the HTTP side's limits, and its refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUsage {
    /// The connections.
    pub connections: ConnectionUsage,
    /// The permits of each kind, and the calls that were admitted, let wait and refused, by the kind's name. Memory is counted in KiB.
    pub permits: [(&'static str, SemaphoreUsage); 6],
    /// The requests that were refused by a rate, by its name.
    pub rate_refusals: [(&'static str, u64); 3],
}

/// A rate that refuses requests.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LimitedRate {
    User,
    Organization,
    InvalidKeys,
}

impl From<&Exceeded> for LimitedRate {
    fn from(exceeded: &Exceeded) -> Self {
        match exceeded {
            Exceeded::User(_) => Self::User,
            Exceeded::Organization(_) => Self::Organization,
        }
    }
}

/// Counts the requests that were refused by a rate.
#[derive(Debug, Default)]
pub(crate) struct RateRefusals {
    user: AtomicU64,
    organization: AtomicU64,
    invalid_keys: AtomicU64,
}

impl RateRefusals {
    pub(crate) fn count(&self, rate: LimitedRate) {
        let count = match rate {
            LimitedRate::User => &self.user,
            LimitedRate::Organization => &self.organization,
            LimitedRate::InvalidKeys => &self.invalid_keys,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn numbers(&self) -> [(&'static str, u64); 3] {
        let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            ("user", number(&self.user)),
            ("organization", number(&self.organization)),
            ("invalid_keys", number(&self.invalid_keys)),
        ]
    }
}

impl HttpApp {
    /// Returns what is used and refused at the moment. It asks nothing of the store.
    pub fn usage(&self) -> HttpUsage {
        HttpUsage {
            connections: self.server.connections(),
            permits: [
                ("authentication", self.authentications.usage()),
                ("read", self.reads.usage()),
                ("long_read", self.long_reads.usage()),
                ("write", self.writes.usage()),
                ("body_memory", self.body_room.usage()),
                ("response_memory", self.response_room.usage()),
            ],
            rate_refusals: self.rate_refusals.numbers(),
        }
    }
}
