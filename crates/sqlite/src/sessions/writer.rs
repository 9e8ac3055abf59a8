//! The one connection that writes, and how units of work share its commits (group commit).
//!
//! A commit waits for the disk, and no other transaction can write meanwhile. So units of work that wait for the connection are committed
//! together: they run one after the other in one transaction, each in a savepoint of its own, and the transaction is committed when all
//! have run that were waiting when the first of them ended. None of them is acknowledged before that. A unit of work that arrives later
//! waits for the next transaction. One that is alone waits only for its own commit.
//!
//! A unit of work sees what those before it in its group have written. That is sound, since they are committed together or not at all.
//! But one that ends without a commit may have read writes that are then rolled back. So its use case first waits for the outcome of
//! those before it, see [`Turn::settlement`].

mod turn;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use loggia_domain::port::StoreError;
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{begin_error, is_busy, store_error};
use crate::sessions::connection::SqliteOptions;
use crate::sessions::group::Group;

pub(crate) use self::turn::Turn;

/// Owns the connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Writer(Arc<Inner>);

struct Inner {
    options: SqliteOptions,
    /// A semaphore with one permit, which is granted in the order of requests.
    turn: Arc<Semaphore>,
    /// The connection; `None` while it is in use or not open.
    seat: Mutex<Option<Seat>>,
    /// The runtime on which commits run, independent of the tasks that wait for them.
    runtime: Handle,
}

/// The connection, and the transaction that is open on it.
struct Seat {
    connection: Box<Connection>,
    group: Option<Group>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.0.options).finish()
    }
}

/// The wait for other units of work took too long, or the store was closed.
#[derive(Debug, thiserror::Error)]
#[error("the writer was not available in time")]
struct NoWriter;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code panics while it holds one of these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// Creates a writer that commits on the current runtime.
    pub(crate) fn new(options: &SqliteOptions) -> Self {
        Self(Arc::new(Inner {
            options: options.clone(),
            turn: Arc::new(Semaphore::new(1)),
            seat: Mutex::default(),
            runtime: Handle::current(),
        }))
    }

    /// Opens the connection, so that an unusable file is reported now.
    pub(crate) fn open(&self) -> Result<(), rusqlite::Error> {
        let connection = self.0.options.writer()?;
        *locked(&self.0.seat) = Some(Seat { connection, group: None });
        Ok(())
    }

    /// Waits for the connection and begins a unit of work: in the open transaction, or in a new one.
    pub(crate) async fn begin(&self) -> Result<Turn, StoreError> {
        let waiting = self.0.turn.clone().acquire_owned();
        #[expect(clippy::disallowed_methods, reason = "nothing but the waiting for a turn is cancelled")]
        let permit = tokio::time::timeout(self.0.options.writer_timeout(), waiting).await;
        let permit = permit.ok().and_then(Result::ok);
        let permit = permit.ok_or_else(|| StoreError::Unavailable(Some(NoWriter.into())))?;
        let mut turn = self.turn(permit)?;
        if turn.seat()?.group.as_ref().is_some_and(Group::is_full) {
            turn = turn.aside(Turn::commit_group).await?;
        }
        if turn.seat()?.group.is_some() {
            turn.join().map_err(store_error)?;
            return Ok(turn);
        }
        match turn.begin_within(Duration::ZERO) {
            // Another process writes. The wait for it blocks, so it runs on a thread for blocking work.
            Err(error) if is_busy(&error) => turn.aside(Turn::begin_patiently).await,
            begun => begun.map(|()| turn).map_err(begin_error),
        }
    }

    /// Takes the connection for the holder of the permit.
    fn turn(&self, permit: OwnedSemaphorePermit) -> Result<Turn, StoreError> {
        let seat = locked(&self.0.seat).take();
        let seat = match seat {
            Some(seat) => seat,
            None => Seat { connection: self.0.options.writer().map_err(store_error)?, group: None },
        };
        Ok(Turn::new(self.clone(), seat, permit))
    }

    /// Waits for units of work in flight and closes the connection. Later calls fail as unavailable.
    pub(crate) async fn close(&self) {
        // A connection that was never opened is not opened now: that would make a database of an empty file.
        if let Ok(permit) = self.0.turn.clone().acquire_owned().await
            && locked(&self.0.seat).is_some()
            && let Ok(turn) = self.turn(permit)
        {
            // The units of work that wait for the commit are notified of its outcome.
            let _ = turn.aside(Turn::commit_group).await;
        }
        self.0.turn.close();
        let seat = locked(&self.0.seat).take();
        drop(seat);
    }

    /// Commits a group when it gets the permit: after all units of work that were waiting when the first one ended.
    async fn commit_in_turn(self, id: u64) {
        let Ok(permit) = self.0.turn.clone().acquire_owned().await else { return };
        let Ok(turn) = self.turn(permit) else { return };
        if turn.group().is_some_and(|group| group.id() == id) {
            // The members of the group are notified of the outcome.
            let _ = turn.aside(Turn::commit_group).await;
        }
    }

    #[cfg(test)]
    pub(crate) async fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let permit = self.0.turn.clone().acquire_owned().await.expect("an open store");
        let mut turn = self.turn(permit).expect("a connection");
        work(&turn.seat().expect("a connection").connection)
    }
}
