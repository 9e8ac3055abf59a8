//! One attempt at a use case: its unit of work and the commit dependency of that.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::authority::Authority;
use super::journal::Journal;
use super::setup::Setup;
use super::shared_unit::SharedUnit;
use crate::error::{DomainError, ErrorKind};
use crate::event::Actor;
use crate::instant::Timestamp;
use crate::port::{Settlement, StoreError, UnitOfWork};
use crate::revision::{Expected, Stale};
use crate::scope::Scope;

/// The maximum number of attempts at a use case under contention.
pub(in crate::service) const TRIES: u32 = 4;

/// Runs a use case. Runs it again if the store is contended, or if rows that the attempt has read were rolled back.
macro_rules! retry {
    ($host:tt.$attempt:ident($($argument:expr),* $(,)?)) => {{
        let mut tries = 1;
        loop {
            let attempt = $host.attempt();
            let outcome = attempt.$attempt($($argument),*).await;
            let outcome = match attempt.settled().await {
                Ok(()) => outcome,
                Err(undone) => Err(undone.into()),
            };
            match outcome {
                Err(error) if tries < $crate::service::execution::TRIES && $crate::service::execution::is_contended(&error) => {
                    tries += 1;
                    attempt.is_repeated();
                }
                outcome => break outcome,
            }
        }
    }};
}
pub(in crate::service) use retry;

/// Returns `true` if an immediate retry may succeed.
pub(in crate::service) fn is_contended(error: &impl DomainError) -> bool {
    error.kind() == ErrorKind::Contended
}

/// One attempt at a use case. It opens at most one unit of work.
pub(in crate::service) struct Attempt<'a> {
    pub(in crate::service) setup: &'a Setup,
    expected: &'a Expected,
    /// The unit of work to write in if the use case is executed once for a claim.
    shared: Option<&'a SharedUnit>,
    /// The commit dependency of the unit of work, awaited if that ends without a commit, see [`UnitOfWork::settlement`].
    settlement: Mutex<Option<Settlement>>,
}

impl<'a> Attempt<'a> {
    /// Creates an attempt that changes a record only at an expected revision.
    pub(in crate::service) fn new(
        setup: &'a Setup,
        expected: &'a Expected,
        shared: Option<&'a SharedUnit>,
    ) -> Self {
        Self { setup, expected, shared, settlement: Mutex::new(None) }
    }

    /// Counts that the use case runs again.
    pub(in crate::service) fn is_repeated(&self) {
        self.setup.retries.count();
    }

    /// Returns the current time of the host's clock.
    pub(in crate::service) fn now(&self) -> Timestamp {
        self.setup.now()
    }

    /// Opens the unit of work of a use case of the operator, or of the host itself.
    pub(in crate::service) async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.begin_for(Authority::Operator).await
    }

    /// Opens the unit of work of a use case that runs under this authority.
    pub(in crate::service) async fn begin_for(
        &self,
        authority: impl Into<Authority<'_>>,
    ) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let store = &self.setup.ports.store;
        let uow = match (self.shared, authority.into()) {
            (Some(shared), _) => return shared.lend(),
            (None, Authority::Operator) => store.begin().await?,
            (None, Authority::Caller(caller)) => store.begin_for(caller, self.now()).await?,
        };
        Ok(self.opened(uow))
    }

    /// Ends the unit of work of a use case. A shared one is kept, to be committed together with the response.
    pub(in crate::service) async fn commit(&self, uow: Box<dyn UnitOfWork>) -> Result<(), StoreError> {
        match self.shared {
            Some(shared) => shared.give_back(uow),
            None => {
                uow.commit().await?;
                self.committed();
            }
        }
        Ok(())
    }

    /// Fails with [`Stale`] if this call may not change a record at this revision.
    pub(in crate::service) fn check_revision(&self, revision: u64) -> Result<(), Stale> {
        if self.expected.admits(revision) { Ok(()) } else { Err(Stale) }
    }

    /// Starts to record the events of the unit of work.
    pub(in crate::service) fn journal(&self, actor: Actor, scope: Scope, at: Timestamp) -> Journal<'a> {
        self.acts_in(Some(scope));
        Journal { ports: &self.setup.ports, actor, scope, at }
    }

    /// Records the scope in which the use case acts; `None` if the response concerns the caller only, whichever scopes they have access
    /// to.
    pub(in crate::service) fn acts_in(&self, scope: Option<Scope>) {
        if let Some(shared) = self.shared {
            shared.acts_in(scope);
        }
    }

    fn settlement(&self) -> MutexGuard<'_, Option<Settlement>> {
        // No code panics while it holds this lock.
        self.settlement.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the commit dependency of a unit of work that was opened.
    pub(in crate::service) fn opened(&self, uow: Box<dyn UnitOfWork>) -> Box<dyn UnitOfWork> {
        *self.settlement() = uow.settlement();
        uow
    }

    /// Records that the unit of work was committed; no earlier commit is pending.
    pub(in crate::service) fn committed(&self) {
        *self.settlement() = None;
    }

    /// Waits until no row that the attempt has read can be rolled back any more. Call it after the unit of work has ended.
    pub(in crate::service) async fn settled(&self) -> Result<(), StoreError> {
        let settlement = self.settlement().take();
        match settlement {
            Some(settlement) => settlement.await,
            None => Ok(()),
        }
    }
}
