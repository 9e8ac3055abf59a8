//! The service that a host builds.

use std::fmt;
use std::sync::Arc;

use super::acting::Acting;
use super::execution::{Attempt, Setup};
use super::operator::Operator;
use super::precondition::ANY;
use crate::instant::Timestamp;
use crate::key::Caller;
use crate::port::StoreError;

/// The service: authentication, and the use cases as a caller or as the operator.
///
/// [`Self::on`] builds it. It is immutable, and cloning it is cheap; a host shares one instance. [`Self::authenticate`] and
/// [`Self::recognise`] identify the caller, [`Self::acting_as`] does what the caller may do, and [`Self::operator`] what the operator does.
///
/// Reads go to [`crate::port::Views`]. Each write runs in one [`UnitOfWork`](crate::port::UnitOfWork), and may run concurrently with any
/// other call on the store, of this instance or another.
///
/// **Cancellation.** If the future of a writing method is dropped before it completes, either nothing *or* everything was written, and
/// the caller cannot know which. Hosts whose clients may disconnect run it in a task of its own.
#[derive(Clone)]
pub struct Loggia {
    pub(super) setup: Arc<Setup>,
}

impl Loggia {
    /// Returns the use cases as one caller, for whom the policy decides. Costs no call of the store.
    pub fn acting_as(&self, caller: &Caller) -> Acting {
        Acting::new(Arc::clone(&self.setup), *caller)
    }

    /// Returns the use cases as the operator of the instance, whom no policy restrains.
    pub fn operator(&self) -> Operator {
        Operator::new(Arc::clone(&self.setup))
    }

    /// Returns the current time of the host's clock.
    pub fn now(&self) -> Timestamp {
        self.setup.now()
    }

    /// Returns how many attempts at a use case followed one that the store had reported as contended, since this service was built.
    pub fn retries(&self) -> u64 {
        self.setup.retries.number()
    }

    /// Succeeds if the store can be used.
    ///
    /// # Errors
    /// Fails with [`StoreError`], usually [`StoreError::Unavailable`].
    pub async fn check_ready(&self) -> Result<(), StoreError> {
        self.setup.ports.views.check_ready().await
    }

    /// Starts an attempt at a use case of the host itself.
    pub(super) fn attempt(&self) -> Attempt<'_> {
        Attempt::new(&self.setup, &ANY, None)
    }
}

impl fmt::Debug for Loggia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loggia")
            .field("organization_creation", &self.setup.organization_creation)
            .field("user_limits", &self.setup.user_limits)
            .finish_non_exhaustive()
    }
}
