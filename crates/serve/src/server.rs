//! The state that a server shares with the application that it serves.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::client::Networks;
use crate::lifecycle::{Lifecycle, Phase};
use crate::limits::ServerLimits;
use crate::response::Cors;

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

    /// Returns `true` if the server has been told to stop. It may still serve requests for a while.
    pub fn is_stopping(&self) -> bool {
        self.lifecycle.phase() > Phase::Serving
    }
}
