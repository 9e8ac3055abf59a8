//! One attempt at a use case: its unit of work, and what it waits for before it answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Loggia;
use crate::port::{Settlement, StoreError, UnitOfWork};

/// What the unit of work of an attempt waits for, if it ends without being committed: see [`UnitOfWork::settlement`].
#[derive(Default)]
pub(super) struct Unsettled(Mutex<Option<Settlement>>);

impl Unsettled {
    fn lock(&self) -> MutexGuard<'_, Option<Settlement>> {
        // Nothing panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loggia {
    /// The same use cases, for one attempt at one of them.
    pub(super) fn attempt(&self) -> Self {
        Self { settlement: Arc::default(), ..self.clone() }
    }

    /// A unit of work was opened.
    pub(super) fn opened(&self, uow: Box<dyn UnitOfWork>) -> Box<dyn UnitOfWork> {
        *self.settlement.lock() = uow.settlement();
        uow
    }

    /// It was committed, for which all was waited that there was to wait for.
    pub(super) fn committed(&self) {
        *self.settlement.lock() = None;
    }

    /// Waits until what an attempt has read cannot be undone any more, once its unit of work is gone.
    pub(super) async fn settled(&self) -> Result<(), StoreError> {
        let settlement = self.settlement.lock().take();
        match settlement {
            Some(settlement) => settlement.await,
            None => Ok(()),
        }
    }
}
