//! The lifecycle of a server between its start and its end, and its open connections and requests in flight.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The phase of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The server serves.
    Serving,
    /// The server still serves every request, closes each connection after its response, and reports that it is not ready.
    Draining,
    /// The server accepts no more connections, and finishes the requests in flight.
    Stopping,
}

/// A server's phase, its connections and its requests.
#[derive(Clone, Debug)]
pub(crate) struct Lifecycle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    phase: watch::Sender<Phase>,
    connections: watch::Sender<usize>,
    /// The connections that were closed at once, since no more were allowed.
    refused_connections: AtomicU64,
    requests: AtomicUsize,
    last_request: Mutex<Option<Instant>>,
}

/// An open connection. Dropping it ends the count.
#[derive(Debug)]
pub(crate) struct OpenConnection(Lifecycle);

/// A request in flight. Dropping it ends the count.
#[derive(Debug)]
pub(crate) struct OpenRequest(Lifecycle);

/// The time after the last request from which on a server without connections counts as unused.
const LONG_AGO: Duration = Duration::from_secs(60);

impl Default for Lifecycle {
    fn default() -> Self {
        Self(Arc::new(Inner {
            phase: watch::Sender::new(Phase::Serving),
            connections: watch::Sender::new(0),
            refused_connections: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            last_request: Mutex::new(None),
        }))
    }
}

impl Lifecycle {
    /// Enters a later phase. A call with an earlier phase has no effect.
    pub(crate) fn enter(&self, phase: Phase) {
        self.0.phase.send_if_modified(|now| {
            let later = phase > *now;
            *now = (*now).max(phase);
            later
        });
    }

    /// Returns the current phase.
    pub(crate) fn phase(&self) -> Phase {
        *self.0.phase.borrow()
    }

    /// Waits until the server has reached that phase or a later one.
    pub(crate) async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.phase.subscribe().wait_for(|now| *now >= phase).await;
    }

    pub(crate) fn connection(&self) -> OpenConnection {
        self.0.connections.send_modify(|number| *number += 1);
        OpenConnection(self.clone())
    }

    /// Counts a connection that was closed at once.
    pub(crate) fn refuse_connection(&self) {
        self.0.refused_connections.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of open connections.
    pub(crate) fn connections(&self) -> usize {
        *self.0.connections.borrow()
    }

    /// Returns the number of connections that were closed at once.
    pub(crate) fn refused_connections(&self) -> u64 {
        self.0.refused_connections.load(Ordering::Relaxed)
    }

    pub(crate) fn request(&self) -> OpenRequest {
        self.0.requests.fetch_add(1, Ordering::SeqCst);
        *self.0.last_request.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        OpenRequest(self.clone())
    }

    /// Returns the number of requests that have no response yet.
    pub(crate) fn requests(&self) -> usize {
        self.0.requests.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open.
    pub(crate) async fn nobody_is_connected(&self) {
        let _ = self.0.connections.subscribe().wait_for(|number| *number == 0).await;
    }

    /// Returns `true` if clients may rely on this server: one is connected, or has called within the last minute and may call again.
    pub(crate) fn is_used(&self) -> bool {
        let last = *self.0.last_request.lock().unwrap_or_else(PoisonError::into_inner);
        *self.0.connections.borrow() > 0 || last.is_some_and(|last| last.elapsed() < LONG_AGO)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.connections.send_modify(|number| *number -= 1);
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_lifecycle_never_returns_to_an_earlier_phase() {
        let lifecycle = Lifecycle::default();
        lifecycle.enter(Phase::Stopping);
        lifecycle.enter(Phase::Draining);
        assert_eq!(lifecycle.phase(), Phase::Stopping);
        lifecycle.reached(Phase::Draining).await;
    }

    #[test]
    fn a_server_is_used_while_a_client_is_connected_or_after_a_recent_request() {
        let lifecycle = Lifecycle::default();
        assert!(!lifecycle.is_used());
        let connection = lifecycle.connection();
        assert!(lifecycle.is_used());
        drop(connection);
        assert!(!lifecycle.is_used(), "it was opened and nothing was asked");
        let request = lifecycle.request();
        assert_eq!(lifecycle.requests(), 1);
        drop(request);
        assert_eq!(lifecycle.requests(), 0);
        assert!(lifecycle.is_used(), "they may call again");
    }
}
