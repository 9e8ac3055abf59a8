//! One attempt at a use case: its unit of work and the commit dependency of that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Loggia;
use crate::port::{Settlement, StoreError, UnitOfWork};

/// The commit dependency of an attempt, awaited if its unit of work ends without a commit, see [`UnitOfWork::settlement`].
#[derive(Default)]
pub(super) struct Unsettled(Mutex<Option<Settlement>>);

impl Unsettled {
    fn lock(&self) -> MutexGuard<'_, Option<Settlement>> {
        // No code panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loggia {
    /// Returns these use cases for one attempt at one of them.
    pub(super) fn attempt(&self) -> Self {
        Self { settlement: Arc::default(), ..self.clone() }
    }

    /// Records the commit dependency of a unit of work that was opened.
    pub(super) fn opened(&self, uow: Box<dyn UnitOfWork>) -> Box<dyn UnitOfWork> {
        *self.settlement.lock() = uow.settlement();
        uow
    }

    /// Records that the unit of work was committed; no earlier commit is pending.
    pub(super) fn committed(&self) {
        *self.settlement.lock() = None;
    }

    /// Waits until no row that the attempt has read can be rolled back any more. Call it after the unit of work has ended.
    pub(super) async fn settled(&self) -> Result<(), StoreError> {
        let settlement = self.settlement.lock().take();
        match settlement {
            Some(settlement) => settlement.await,
            None => Ok(()),
        }
    }
}
