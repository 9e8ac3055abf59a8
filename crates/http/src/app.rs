//! What every request shares.

use std::sync::Arc;

use loggia_domain::port::Ids;
use loggia_domain::service::Loggia;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::cursor::CursorKey;
use crate::failures::Failures;
use crate::uses::Noting;

/// How much is read, and how much is done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest body, in bytes; a larger one is refused (413).
    pub body_bytes: usize,
    /// How long a body may take to arrive, in seconds; a slower one is refused (408).
    pub body_seconds: u64,
    /// How many units of work may be under way; beyond that requests are refused (503) rather than queued.
    pub writes_at_once: usize,
    /// How many invalid keys one address may send within a minute before it is told to wait (429). Valid ones pass nevertheless.
    pub failed_authentications: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 256 * 1024, body_seconds: 10, writes_at_once: 64, failed_authentications: 20 }
    }
}

/// The HTTP side of the service: hand it to [`crate::serve`], or take it as one actix `App` from [`crate::application`].
#[derive(Clone)]
pub struct HttpApp {
    pub(crate) loggia: Loggia,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) cursors: CursorKey,
    pub(crate) limits: Limits,
    /// Units of work that may begin now.
    pub(crate) admission: Arc<Semaphore>,
    /// Recent calls with invalid keys.
    pub(crate) failures: Arc<Failures>,
    /// Keys whose use is being written down.
    pub(crate) noting: Noting,
    /// Units of work that run detached from their connections.
    pub(crate) tasks: TaskTracker,
    /// Where they run: not on an actix worker, which drops its tasks when it ends.
    pub(crate) runtime: Handle,
}

impl HttpApp {
    /// Joins the use cases with what requests need; `instance_secret` authenticates cursors and must be the same in every
    /// replica ([`loggia_domain::port::Views::instance_secret`]).
    ///
    /// # Panics
    /// Outside a tokio runtime: units of work run on the one that is current here.
    pub fn new(loggia: Loggia, ids: Arc<dyn Ids>, instance_secret: [u8; 32], limits: Limits) -> Self {
        Self {
            loggia,
            ids,
            cursors: CursorKey::new(instance_secret),
            limits,
            admission: Arc::new(Semaphore::new(limits.writes_at_once)),
            failures: Arc::new(Failures::new(limits.failed_authentications)),
            noting: Noting::default(),
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
        }
    }
}
