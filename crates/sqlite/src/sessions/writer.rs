//! The one connection that writes, and how units of work share its commits (group commit).
//!
//! A commit waits for the disk, and no other transaction can write meanwhile. So units of work that wait for the connection are committed
//! together: they run one after the other in one transaction, each in a savepoint of its own, and the transaction is committed when all
//! have run that were waiting when the first of them ended. None of them is acknowledged before that. A unit of work that arrives later
//! waits for the next transaction. One that is alone waits only for its own commit.
//!
//! A unit of work sees what those before it in its group have written. That is sound, since they are committed together or not at all.
//! But one that ends without a commit may have read writes that are then rolled back. So its use case first waits for the outcome of
//! those before it, see [`WriterGuard::settlement`].

mod guard;
mod quiet;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loggia_domain::port::StoreError;
use loggia_observe::usage::{PoolUsage, SizeCounts, Sizes, Waiting};
use loggia_observe::{Stage, Timer};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::{begin_error, is_busy, store_error};
use crate::sessions::connection::SqliteOptions;
use crate::sessions::group::Group;

pub(crate) use self::guard::WriterGuard;
use self::state::{SharedWriter, WriterState, locked};

/// Owns the connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Writer(Arc<SharedWriter>);

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.0.options).finish()
    }
}

/// The wait for other units of work took too long, or the store was closed.
#[derive(Debug, thiserror::Error)]
#[error("the writer was not available in time")]
struct NoWriter;

impl Writer {
    /// Creates a writer that commits on the current runtime.
    pub(crate) fn new(options: &SqliteOptions) -> Self {
        Self(Arc::new(SharedWriter {
            options: options.clone(),
            permit: Arc::new(Semaphore::new(1)),
            state: Mutex::default(),
            runtime: Handle::current(),
            waiting: Waiting::default(),
            groups: Sizes::default(),
            commits: watch::Sender::new(0),
        }))
    }

    /// Returns whether the connection is in use, and how many units of work wait for it.
    pub(crate) fn usage(&self) -> PoolUsage {
        let used = 1_usize.saturating_sub(self.0.permit.available_permits());
        let idle = usize::from(locked(&self.0.state).is_some());
        PoolUsage { name: "sqlite_writer", max: 1, used, idle, waiting: self.0.waiting.number() }
    }

    /// Returns the sizes of the commit groups until now.
    pub(crate) fn groups(&self) -> SizeCounts {
        self.0.groups.counts()
    }

    /// Opens the connection, so that an unusable file is reported now.
    pub(crate) fn open(&self) -> Result<(), rusqlite::Error> {
        let connection = self.0.options.writer()?;
        *locked(&self.0.state) = Some(WriterState::new(connection));
        self.0.runtime.spawn(quiet::checkpoints(Arc::downgrade(&self.0), self.0.commits.subscribe()));
        Ok(())
    }

    /// Waits for the connection and begins a unit of work: in the open transaction, or in a new one.
    pub(crate) async fn begin(&self) -> Result<WriterGuard, StoreError> {
        // A permit that is free has no call waiting for it, so none is overtaken.
        let permit = match self.0.permit.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.next_permit().await?,
        };
        let mut guard = WriterGuard::take(self.0.clone(), permit)?;
        if guard.state()?.group.as_ref().is_some_and(Group::is_full) {
            guard = guard.run_blocking(WriterGuard::commit_group).await?;
        }
        if guard.state()?.group.is_some() {
            guard.join().map_err(store_error)?;
            return Ok(guard);
        }
        match guard.begin_within(Duration::ZERO) {
            // Another process writes. The wait for it blocks, so it runs on a thread for blocking work.
            Err(error) if is_busy(&error) => guard.run_blocking(WriterGuard::begin_blocking).await,
            begun => begun.map(|()| guard).map_err(begin_error),
        }
    }

    /// Waits for the permit.
    async fn next_permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let _queue = (self.0.waiting.begin(), Timer::begin(Stage::Queue));
        let waiting = self.0.permit.clone().acquire_owned();
        #[expect(clippy::disallowed_methods, reason = "nothing but the waiting for a permit is cancelled")]
        let permit = tokio::time::timeout(self.0.options.writer_timeout(), waiting).await;
        let permit = permit.ok().and_then(Result::ok);
        permit.ok_or_else(|| StoreError::Unavailable(Some(NoWriter.into())))
    }

    /// Waits for the permit and copies the write-ahead log into the file. Returns `true` if the file then has all that was committed, which
    /// another process that reads or writes can prevent.
    pub(crate) async fn checkpoint(&self) -> Result<bool, StoreError> {
        let permit = self.0.permit.clone().acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Unavailable(Some(NoWriter.into())))?;
        // A connection that was never opened is not opened now: that would make a database of an empty file.
        if locked(&self.0.state).is_none() {
            return Ok(false);
        }
        let mut guard =
            WriterGuard::take(self.0.clone(), permit)?.run_blocking(WriterGuard::checkpoint).await?;
        Ok(!guard.state()?.log.is_behind())
    }

    /// Waits for units of work in flight, copies the write-ahead log into the file if this process has written, and closes the connection.
    /// Later calls fail as unavailable.
    pub(crate) async fn close(&self) {
        // As in `checkpoint`, a connection that was never opened is not opened now.
        if let Ok(permit) = self.0.permit.clone().acquire_owned().await
            && locked(&self.0.state).is_some()
            && let Ok(guard) = WriterGuard::take(self.0.clone(), permit)
        {
            // The units of work that wait for the commit are notified of its outcome. What a failed checkpoint leaves in the log is safe there.
            let has_written = *self.0.commits.borrow() > 0 || guard.group().is_some();
            let _ = guard
                .run_blocking(if has_written { WriterGuard::checkpoint } else { WriterGuard::commit_group })
                .await;
        }
        self.0.permit.close();
        let state = locked(&self.0.state).take();
        drop(state);
    }

    #[cfg(test)]
    pub(crate) async fn with<T>(&self, work: impl FnOnce(&rusqlite::Connection) -> T) -> T {
        let permit = self.0.permit.clone().acquire_owned().await.expect("an open store");
        let mut guard = WriterGuard::take(self.0.clone(), permit).expect("a connection");
        work(&guard.state().expect("a connection").connection)
    }
}
