//! The state that a server shares with the application that it serves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::client::Networks;
use crate::lifecycle::{Lifecycle, Phase};
use crate::limits::ServerLimits;
use crate::response::Cors;

/// The work that was still in flight when a stopping server ran out of time. The work ends with the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// Requests without a response.
    pub requests: usize,
    /// Units of work that had not ended.
    pub writes: usize,
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests and {} writes were cut off: they did not end in time",
            self.requests, self.writes
        )
    }
}

impl std::error::Error for CutOff {}

/// The connections of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionUsage {
    /// The connections that are open, spare ones included.
    pub open: usize,
    /// The greatest number of connections that serve every request.
    pub max: usize,
    /// The connections that were closed at once, since there were too many.
    pub refused: u64,
}

/// The state that a server shares with the application that it serves. A clone shares the same counts.
#[derive(Clone, Debug)]
pub struct Server {
    /// The phase of the server, its open connections and its requests.
    pub(crate) lifecycle: Lifecycle,
    /// The limits of the server.
    pub(crate) limits: ServerLimits,
    /// The proxies that are trusted to report where a call comes from and how it was made.
    pub proxies: Arc<Networks>,
    /// The CORS settings: which other origins may call, and with which headers.
    pub cors: Arc<Cors>,
    /// Units of work that run detached from their connections. A stopping server waits for them.
    pub tasks: TaskTracker,
}

impl Server {
    /// Creates the state of a server that trusts no proxy.
    pub fn new(limits: ServerLimits, cors: Cors) -> Self {
        Self {
            lifecycle: Lifecycle::default(),
            limits,
            proxies: Arc::default(),
            cors: Arc::new(cors),
            tasks: TaskTracker::new(),
        }
    }

    /// Reports from now on that the server is not ready, and makes each response the last one of its connection.
    pub fn drain(&self) {
        self.lifecycle.enter(Phase::Draining);
    }

    /// Waits until every unit of work that runs detached from its connection has ended, for an application that another server serves.
    /// Units of work that begin afterwards are not waited for, so that server must have ended before.
    ///
    /// # Errors
    /// Fails with [`CutOff`] if they have not ended after `timeout`. They still run then, until the process ends.
    pub async fn finish(&self, timeout: Duration) -> Result<(), CutOff> {
        self.tasks.close();
        #[expect(
            clippy::disallowed_methods,
            reason = "only the wait is cancelled: units of work are tasks of their own"
        )]
        let ended = tokio::time::timeout(timeout, self.tasks.wait()).await;
        ended.map_err(|_| self.cut_off())
    }

    /// Returns the use of the server's connections.
    pub fn connections(&self) -> ConnectionUsage {
        ConnectionUsage {
            open: self.lifecycle.connections(),
            max: self.limits.connections,
            refused: self.lifecycle.refused_connections(),
        }
    }

    /// Counts the work in flight.
    pub(crate) fn cut_off(&self) -> CutOff {
        CutOff { requests: self.lifecycle.requests(), writes: self.tasks.len() }
    }

    /// Returns `true` if the server was asked to stop. It may still serve requests for a while.
    pub fn is_stopping(&self) -> bool {
        self.lifecycle.phase() > Phase::Serving
    }
}
