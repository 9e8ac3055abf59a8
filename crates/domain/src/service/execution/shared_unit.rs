//! The unit of work that a use case shares with its idempotency key.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::port::{StoreError, UnitOfWork};
use crate::scope::Scope;

/// A unit of work that has made a claim, and that the use case to be executed once writes in as well.
pub(in crate::service) struct SharedUnit(Mutex<State>);

struct State {
    /// `None` while the use case has the unit of work. It stays `None` if the use case drops it, which rolls everything back, the claim
    /// included.
    uow: Option<Box<dyn UnitOfWork>>,
    handed_out: bool,
    /// `true` if the unit of work was requested a second time: the use case was contended and runs again, or `work` ran two use cases.
    asked_again: bool,
    /// The scope in which the use case acts.
    scope: Option<Scope>,
}

/// A shared unit of work after its use case.
pub(in crate::service) struct Returned {
    /// `None` if the use case had nothing to write and dropped the unit of work.
    pub(in crate::service) uow: Option<Box<dyn UnitOfWork>>,
    /// `true` if the use case must run again from the beginning.
    pub(in crate::service) asked_again: bool,
    /// The scope in which the use case acted.
    pub(in crate::service) scope: Option<Scope>,
}

impl SharedUnit {
    /// Shares a unit of work that has made a claim.
    pub(in crate::service) fn new(uow: Box<dyn UnitOfWork>) -> Self {
        Self(Mutex::new(State { uow: Some(uow), handed_out: false, asked_again: false, scope: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands out the unit of work. Fails with [`StoreError::Contended`] for a second request.
    pub(super) fn lend(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut state = self.state();
        if state.handed_out {
            state.asked_again = true;
            return Err(StoreError::Contended(None));
        }
        state.handed_out = true;
        state.uow.take().ok_or(StoreError::Contended(None))
    }

    /// Takes the unit of work back, to be committed together with the response.
    pub(super) fn give_back(&self, uow: Box<dyn UnitOfWork>) {
        self.state().uow = Some(uow);
    }

    /// Records the scope in which the use case acts.
    pub(super) fn acts_in(&self, scope: Option<Scope>) {
        self.state().scope = scope;
    }

    /// Returns the unit of work after its use case.
    pub(in crate::service) fn returned(&self) -> Returned {
        let mut state = self.state();
        Returned { uow: state.uow.take(), asked_again: state.asked_again, scope: state.scope }
    }
}
