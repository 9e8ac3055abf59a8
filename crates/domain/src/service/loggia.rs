//! The service that a host builds.

use std::sync::Arc;

use super::acting::Acting;
use super::execution::{Attempt, Setup};
use super::operator::Operator;
use super::precondition::ANY;
use super::user_limits::UserLimits;
use crate::instant::Timestamp;
use crate::key::Caller;
use crate::policy::OrganizationCreation;
use crate::port::{Ports, StoreError};

/// The service: authentication, and the use cases as a caller or as the operator.
///
/// It is immutable, and cloning it is cheap; a host shares one instance. [`Self::authenticate`] and [`Self::recognise`] tell who calls,
/// [`Self::acting_as`] does what the caller may do, and [`Self::operator`] what the operator does.
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
    /// Creates the service on the host's ports, with the default rules and limits: everyone may create organizations, see
    /// [`UserLimits`].
    pub fn new(ports: Ports) -> Self {
        let (organization_creation, user_limits) = (OrganizationCreation::Everyone, UserLimits::default());
        Self { setup: Arc::new(Setup { ports, organization_creation, user_limits }) }
    }

    /// Returns this service with the instance's rule on who may create organizations. The default is
    /// [`OrganizationCreation::Everyone`].
    #[must_use]
    pub fn with_organization_creation(mut self, rule: OrganizationCreation) -> Self {
        Arc::make_mut(&mut self.setup).organization_creation = rule;
        self
    }

    /// Returns this service with other limits on the records of one user.
    #[must_use]
    pub fn with_user_limits(mut self, limits: UserLimits) -> Self {
        Arc::make_mut(&mut self.setup).user_limits = limits;
        self
    }

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
