//! The time limit of a call.

use std::time::{Duration, Instant};

use super::fair_semaphore::{FairSemaphore, Permit};
use super::tenant::Tenant;

/// The time that is left for a call. Only waiting in [`Deadline::within`] and [`Deadline::acquire`] counts. The arrival of a body does not;
/// it has a limit of its own.
#[derive(Debug)]
pub struct Deadline {
    left: Duration,
    /// The part of `left` that is reserved for the work of the call: with no more than this left, the call stops waiting for a permit.
    reserved: Duration,
}

impl Deadline {
    /// Starts the time of a call, which may wait for permits for at most `max_wait` of it.
    pub fn new(time: Duration, max_wait: Duration) -> Self {
        Self { left: time, reserved: time.saturating_sub(max_wait) }
    }

    /// Acquires that many permits. Returns `None` if the admission queue refuses the call, or if the call has no time left to wait.
    pub async fn acquire(
        &mut self,
        semaphore: &FairSemaphore,
        tenant: Tenant,
        number: usize,
    ) -> Option<Permit> {
        if let Some(permit) = semaphore.try_acquire(tenant, number) {
            return Some(permit);
        }
        let begun = Instant::now();
        let permit = semaphore.acquire(tenant, number, self.left.saturating_sub(self.reserved)).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        permit
    }

    /// Waits until the tenant could acquire a permit, and takes none. Returns `false` if [`Self::acquire`] would return `None`.
    pub async fn would_acquire(&mut self, semaphore: &FairSemaphore, tenant: Tenant) -> bool {
        self.acquire(semaphore, tenant, 1).await.is_some()
    }

    /// Awaits a future. Returns `None` if the time runs out first. The future is dropped then, so it must be a read, or must wait for a
    /// task that runs on by itself.
    pub async fn within<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let begun = Instant::now();
        #[expect(
            clippy::disallowed_methods,
            reason = "writes run in tasks of their own, which this only waits for"
        )]
        let outcome = tokio::time::timeout(self.left, future).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        outcome.ok()
    }
}
