//! What a promise is given.

use std::any::Any;
use std::future::Future;

use loggia_domain::port::{Ports, UnitOfWork, Views};

use crate::seed;

/// A fresh, empty store under test, with ports that repeat.
pub struct Fixture {
    /// The ports; the store's own `store` and `views`, and the testkit's for the rest.
    pub ports: Ports,
    _guards: Vec<Box<dyn Any + Send + Sync>>,
}

impl Fixture {
    /// A store under test, see [`crate::ports`].
    pub fn new(ports: Ports) -> Self {
        Self { ports, _guards: Vec::new() }
    }

    /// Holds on to what the store lives in until the promise was judged, and the ports are gone.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self._guards.push(Box::new(guard));
        self
    }

    /// Opens a unit of work.
    pub async fn begin(&self) -> Box<dyn UnitOfWork> {
        seed::begin(&self.ports).await
    }

    /// The read side.
    pub fn views(&self) -> &dyn Views {
        self.ports.views.as_ref()
    }
}

impl std::fmt::Debug for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fixture").finish_non_exhaustive()
    }
}

/// Judges one promise on a runtime of its own, with two workers so that contention is real.
pub fn keep(promise: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(promise);
}
