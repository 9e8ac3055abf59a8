//! The store and the ports that each promise is tested with.

use std::any::Any;

use loggia_domain::port::{Ports, UnitOfWork, Views};

use crate::seed;

/// An empty store under test, with deterministic ports.
pub struct Fixture {
    /// The ports: `store` and `views` are those of the store under test, the others are the testkit's.
    pub ports: Ports,
    _guards: Vec<Box<dyn Any + Send + Sync>>,
}

impl Fixture {
    /// Creates a fixture for a store under test, see [`crate::ports`].
    pub fn new(ports: Ports) -> Self {
        Self { ports, _guards: Vec::new() }
    }

    /// Keeps a value alive until the promise is tested and the ports are dropped, such as the temporary directory of the store.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self._guards.push(Box::new(guard));
        self
    }

    /// Opens a unit of work.
    pub async fn begin(&self) -> Box<dyn UnitOfWork> {
        seed::begin(&self.ports).await
    }

    /// Returns the read side.
    pub fn views(&self) -> &dyn Views {
        self.ports.views.as_ref()
    }
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fixture").finish_non_exhaustive()
    }
}
