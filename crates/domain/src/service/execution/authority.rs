//! The authority behind a use case that both callers and the operator have.

use crate::event::Actor;
use crate::key::Caller;

/// The authority under which a use case runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) enum Authority<'a> {
    /// The operator of the instance, who may do everything.
    Operator,
    /// A caller, for whom the policy decides.
    Caller(&'a Caller),
}

impl<'a> From<&'a Caller> for Authority<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self::Caller(caller)
    }
}

impl Authority<'_> {
    /// Returns the originator of the events.
    pub(in crate::service) fn actor(self) -> Actor {
        match self {
            Self::Operator => Actor::Operator,
            Self::Caller(caller) => caller.actor(),
        }
    }
}
