//! The setup that all calls on one host share: ports, rules and limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::instant::Timestamp;
use crate::policy::OrganizationCreation;
use crate::port::Ports;
use crate::service::user_limits::UserLimits;

/// The host's ports, rules and limits. Immutable once the first call was made.
#[derive(Clone)]
pub(in crate::service) struct Setup {
    pub(in crate::service) ports: Ports,
    pub(in crate::service) organization_creation: OrganizationCreation,
    pub(in crate::service) user_limits: UserLimits,
    pub(in crate::service) retries: Retries,
}

/// Counts the attempts at use cases that followed a contended one.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Retries(Arc<AtomicU64>);

impl Retries {
    /// Counts one attempt.
    pub(in crate::service) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of attempts.
    pub(in crate::service) fn number(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Setup {
    /// Returns the current time of the host's clock.
    pub(in crate::service) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}
