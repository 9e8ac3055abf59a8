//! The setup that all calls on one host share: ports, rules and limits.

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
}

impl Setup {
    /// Returns the current time of the host's clock.
    pub(in crate::service) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}
