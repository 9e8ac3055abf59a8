//! A semaphore that no single tenant can exhaust.
//!
//! [`FairSemaphore`] guards a limited resource, such as permits to query the store. One organization holds at most three quarters of the
//! permits, and one user at most three quarters of those, so another tenant always finds a permit that is free or soon to be freed.
//!
//! A call that finds no permit waits in the queue of its user. A permit that becomes free goes to the users with waiting calls in turn.
//! Within one user's queue the oldest call is first, until it has waited for [`NEWEST_FIRST_MILLISECONDS`]; from then on the newest is
//! first, so that under overload some calls are served at once rather than all of them late.
//!
//! There are twice as many permits as store sessions: a session that becomes idle then has a waiting call at once.

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod sizes;
mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use self::state::State;
use super::tenant::Tenant;

/// Limits how many calls run at the same time, in total, for each organization and for each user.
#[derive(Clone, Debug)]
pub struct FairSemaphore(Arc<Mutex<State>>);

/// Permits of one tenant. Dropping them returns them to the tenant and to the pool.
#[derive(Debug)]
pub struct Permit {
    semaphore: FairSemaphore,
    tenant: Tenant,
    number: usize,
}

/// The permits of a semaphore, and what it did with the calls until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemaphoreUsage {
    /// All permits.
    pub permits: usize,
    /// The permits that nobody holds.
    pub free: usize,
    /// The calls that wait.
    pub waiting: usize,
    /// The calls that got their permits at once.
    pub admitted: u64,
    /// The calls that had to wait.
    pub queued: u64,
    /// The calls that got no permits: those that waited in vain, and those that could not wait.
    pub refused: u64,
}

impl FairSemaphore {
    /// Creates a semaphore with that many permits.
    pub fn new(permits: usize) -> Self {
        Self(Arc::new(Mutex::new(State::new(permits))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn permit(&self, tenant: Tenant, number: usize) -> Permit {
        Permit { semaphore: self.clone(), tenant, number }
    }

    /// Acquires that many permits if the tenant may hold them and they are free.
    pub fn try_acquire(&self, tenant: Tenant, number: usize) -> Option<Permit> {
        let mut state = self.state();
        let is_taken = state.take(tenant, number);
        state.counts.admitted += u64::from(is_taken);
        drop(state);
        is_taken.then(|| self.permit(tenant, number))
    }

    /// Acquires that many permits together, waiting for as long as the admission queue allows, at most for `max_wait`.
    ///
    /// Returns `None` if the permits did not become free in that time; nothing is held then. A call that is dropped leaves the queue. Calls
    /// for fewer permits may pass a call for more.
    pub async fn acquire(&self, tenant: Tenant, number: usize, max_wait: Duration) -> Option<Permit> {
        let (ticket, wait) = {
            let mut state = self.state();
            if state.take(tenant, number) {
                state.counts.admitted += 1;
                return Some(self.permit(tenant, number));
            }
            state.enqueue(tenant, number, Instant::now())
        };
        let _position = QueuePosition { semaphore: self, tenant, id: ticket.id };
        #[expect(clippy::disallowed_methods, reason = "only the wait for a permit is cancelled")]
        let granted = tokio::time::timeout(wait.min(max_wait), ticket.permit).await;
        let granted = granted.ok().and_then(Result::ok);
        if granted.is_none() {
            self.count_refusal();
        }
        granted
    }

    /// Counts a call that was refused since [`Self::try_acquire`] or [`Permit::try_grow`] failed and it cannot wait.
    pub fn count_refusal(&self) {
        self.state().counts.refused += 1;
    }

    /// Returns what is used and waited for.
    pub fn usage(&self) -> SemaphoreUsage {
        self.state().usage()
    }

    /// Returns the greatest number of permits that one user may hold.
    pub fn max_per_user(&self) -> usize {
        self.state().max_per_user()
    }

    /// Returns whether a call of the tenant would wait in an overloaded queue.
    pub fn is_overloaded(&self, tenant: Tenant) -> bool {
        self.state().is_overloaded(tenant, Instant::now())
    }

    /// Gives free permits to waiting calls.
    fn grant(&self, mut state: MutexGuard<'_, State>) {
        let granted = state.grant();
        drop(state);
        for (tenant, number, call) in granted {
            // A call that has gone away returns its permits by dropping them.
            let _ = call.send(self.permit(tenant, number));
        }
    }
}

impl Permit {
    /// Acquires more permits, up to `number` in all. Fails, and holds what it held before, if they are not free.
    pub fn try_grow(&mut self, number: usize) -> bool {
        let more = number.saturating_sub(self.number);
        let grows = self.semaphore.state().take(self.tenant, more);
        if grows {
            self.number += more;
        }
        grows
    }

    /// Returns permits, so that `number` are left; does nothing if it has no more than that.
    pub fn shrink(&mut self, number: usize) {
        let fewer = self.number.saturating_sub(number);
        if fewer > 0 {
            self.number -= fewer;
            let mut state = self.semaphore.state();
            state.give_back(self.tenant, fewer);
            self.semaphore.grant(state);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.semaphore.state();
        state.give_back(self.tenant, self.number);
        self.semaphore.grant(state);
    }
}

/// The position of a call in the queue. Dropping it removes the call, even if the call itself is dropped.
struct QueuePosition<'a> {
    semaphore: &'a FairSemaphore,
    tenant: Tenant,
    id: u64,
}

impl Drop for QueuePosition<'_> {
    fn drop(&mut self) {
        self.semaphore.state().leave(self.tenant, self.id, Instant::now());
    }
}
