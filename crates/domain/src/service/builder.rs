//! The builder of the service.

use std::fmt;
use std::sync::Arc;

use super::execution::{Retries, Setup};
use super::loggia::Loggia;
use super::user_limits::UserLimits;
use crate::policy::OrganizationCreation;
use crate::port::{Clock, Ids, Ports, Secrets, Store, Views};
#[cfg(feature = "system")]
use crate::system::{SystemClock, SystemSecrets, UuidV7};

/// A builder of [`Loggia`], see [`Loggia::on`].
///
/// It has [`build`](Self::build) once it has a clock, ids and secrets. `with_system` sets all three, and
/// [`clock`](Self::clock), [`ids`](Self::ids) and [`secrets`](Self::secrets) set or replace one of them. Without them a program does not
/// compile:
///
/// ```compile_fail,E0599
/// # use std::sync::Arc;
/// use loggia_domain::service::Loggia;
/// # let (store, clock) = (Arc::new(loggia_testkit::memory::MemoryStore::new()), Arc::new(loggia_testkit::TestClock::new()));
/// let loggia = Loggia::on(store).clock(clock).build();
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it builds the service"]
pub struct LoggiaBuilder<C = Arc<dyn Clock>, I = Arc<dyn Ids>, S = Arc<dyn Secrets>> {
    store: Arc<dyn Store>,
    views: Arc<dyn Views>,
    clock: C,
    ids: I,
    secrets: S,
    organization_creation: OrganizationCreation,
    user_limits: UserLimits,
}

/// The state of a [`LoggiaBuilder`] to which no clock was given.
#[derive(Clone, Copy, Debug)]
pub struct NoClock;

/// The state of a [`LoggiaBuilder`] to which no ids were given.
#[derive(Clone, Copy, Debug)]
pub struct NoIds;

/// The state of a [`LoggiaBuilder`] to which no secrets were given.
#[derive(Clone, Copy, Debug)]
pub struct NoSecrets;

impl Loggia {
    /// Starts to build the service on a store, with the default rules and limits: everyone may create organizations, see [`UserLimits`].
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use loggia_domain::service::Loggia;
    /// use loggia_testkit::memory::MemoryStore;
    ///
    /// let loggia = Loggia::on(Arc::new(MemoryStore::new())).with_system().build();
    /// ```
    pub fn on<T: Store + Views + 'static>(store: Arc<T>) -> LoggiaBuilder<NoClock, NoIds, NoSecrets> {
        LoggiaBuilder {
            store: store.clone(),
            views: store,
            clock: NoClock,
            ids: NoIds,
            secrets: NoSecrets,
            organization_creation: OrganizationCreation::Everyone,
            user_limits: UserLimits::default(),
        }
    }

    /// Starts to build the service on ports that are complete, such as those of the testkit, with the default rules and limits. Its store
    /// and its read side may be different objects.
    pub fn on_ports(ports: Ports) -> LoggiaBuilder {
        let (organization_creation, user_limits) = (OrganizationCreation::Everyone, UserLimits::default());
        let retries = Retries::default();
        LoggiaBuilder::from_setup(Setup { ports, organization_creation, user_limits, retries })
    }

    /// Returns a builder with the ports, the rules and the limits of this service, for another one that differs in some of them.
    pub fn to_builder(&self) -> LoggiaBuilder {
        LoggiaBuilder::from_setup(Setup::clone(&self.setup))
    }
}

impl<C, I, S> LoggiaBuilder<C, I, S> {
    /// Sets the clock, the ids and the secrets to those of the machine: [`SystemClock`], [`UuidV7`] and [`SystemSecrets`].
    #[cfg(feature = "system")]
    pub fn with_system(self) -> LoggiaBuilder {
        self.clock(Arc::new(SystemClock)).ids(Arc::new(UuidV7)).secrets(Arc::new(SystemSecrets))
    }

    /// Sets the source of time.
    pub fn clock(self, clock: Arc<dyn Clock>) -> LoggiaBuilder<Arc<dyn Clock>, I, S> {
        let Self { store, views, clock: _, ids, secrets, organization_creation, user_limits } = self;
        LoggiaBuilder { store, views, clock, ids, secrets, organization_creation, user_limits }
    }

    /// Sets the source of ids.
    pub fn ids(self, ids: Arc<dyn Ids>) -> LoggiaBuilder<C, Arc<dyn Ids>, S> {
        let Self { store, views, clock, ids: _, secrets, organization_creation, user_limits } = self;
        LoggiaBuilder { store, views, clock, ids, secrets, organization_creation, user_limits }
    }

    /// Sets the source of randomness and digests.
    pub fn secrets(self, secrets: Arc<dyn Secrets>) -> LoggiaBuilder<C, I, Arc<dyn Secrets>> {
        let Self { store, views, clock, ids, secrets: _, organization_creation, user_limits } = self;
        LoggiaBuilder { store, views, clock, ids, secrets, organization_creation, user_limits }
    }

    /// Sets the instance's rule on who may create organizations. The default is [`OrganizationCreation::Everyone`].
    pub fn organization_creation(self, rule: OrganizationCreation) -> Self {
        Self { organization_creation: rule, ..self }
    }

    /// Sets the limits on the records of one user.
    pub fn user_limits(self, limits: UserLimits) -> Self {
        Self { user_limits: limits, ..self }
    }
}

impl LoggiaBuilder {
    fn from_setup(setup: Setup) -> Self {
        let Setup { ports, organization_creation, user_limits, retries: _ } = setup;
        let Ports { store, views, clock, ids, secrets } = ports;
        Self { store, views, clock, ids, secrets, organization_creation, user_limits }
    }

    /// Builds the service. Asks nothing of the store.
    #[must_use]
    pub fn build(self) -> Loggia {
        let Self { store, views, clock, ids, secrets, organization_creation, user_limits } = self;
        let ports = Ports { store, views, clock, ids, secrets };
        let retries = Retries::default();
        Loggia { setup: Arc::new(Setup { ports, organization_creation, user_limits, retries }) }
    }
}

impl<C, I, S> fmt::Debug for LoggiaBuilder<C, I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggiaBuilder")
            .field("organization_creation", &self.organization_creation)
            .field("user_limits", &self.user_limits)
            .finish_non_exhaustive()
    }
}
