//! The state of the writer: the one connection, and the permit to use it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loggia_observe::usage::{Sizes, Waiting};
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

use crate::sessions::checkpoint::Watch;
use crate::sessions::connection::SqliteOptions;
use crate::sessions::group::Group;

/// The connection, and what it takes to get it.
pub(crate) struct SharedWriter {
    pub(crate) options: SqliteOptions,
    /// A semaphore with one permit, which is granted in the order of requests.
    pub(crate) permit: Arc<Semaphore>,
    /// The connection; `None` while it is in use or not open.
    pub(crate) state: Mutex<Option<WriterState>>,
    /// The runtime on which commits run, independent of the tasks that wait for them.
    pub(crate) runtime: Handle,
    /// The units of work that wait for the connection.
    pub(crate) waiting: Waiting,
    /// The sizes of the groups that were committed.
    pub(crate) groups: Sizes,
    /// The number of commits that this process has made.
    pub(crate) commits: watch::Sender<u64>,
}

/// The connection, and the transaction that is open on it.
pub(crate) struct WriterState {
    pub(crate) connection: Box<Connection>,
    pub(crate) group: Option<Group>,
    pub(crate) log: Watch,
}

impl WriterState {
    /// Returns the state of a connection that was just opened.
    pub(crate) fn new(connection: Box<Connection>) -> Self {
        Self { connection, group: None, log: Watch::new() }
    }
}

/// Locks a mutex.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code panics while it holds one of these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
