//! Exclusive use of the writer's connection: by one unit of work, or for a commit.

use std::sync::Arc;
use std::time::Duration;

use loggia_domain::port::{Settlement, StoreError};
use loggia_observe::{Stage, Timer, carried};
use rusqlite::Connection;
use tokio::sync::OwnedSemaphorePermit;

use super::state::{SharedWriter, WriterState, locked};
use crate::error::{begin_error, store_error};
use crate::sessions::group::Group;
use crate::statement::run_plain;

/// Exclusive use of the connection, for one unit of work or for a commit. Dropping it returns the connection and rolls back what was not
/// committed.
pub(crate) struct WriterGuard {
    home: Arc<SharedWriter>,
    /// Present until this is dropped or the connection is lost.
    state: Option<WriterState>,
    /// Whether a unit of work is open, which is rolled back on drop.
    is_unit: bool,
    /// The reason that the unit of work cannot continue: SQLite has rolled back the whole transaction, or the connection is lost.
    failure: Option<&'static str>,
    _permit: OwnedSemaphorePermit,
}

/// The unit of work cannot continue.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ended(&'static str);

impl WriterGuard {
    /// Takes the connection for the holder of the permit.
    pub(super) fn take(home: Arc<SharedWriter>, permit: OwnedSemaphorePermit) -> Result<Self, StoreError> {
        let state = locked(&home.state).take();
        let state = match state {
            Some(state) => state,
            None => WriterState::new(home.options.writer().map_err(store_error)?),
        };
        Ok(Self { home, state: Some(state), is_unit: false, failure: None, _permit: permit })
    }

    pub(super) fn group(&self) -> Option<&Group> {
        self.state.as_ref()?.group.as_ref()
    }

    pub(super) fn state(&mut self) -> Result<&mut WriterState, StoreError> {
        self.state.as_mut().ok_or_else(|| StoreError::Failed(Ended("the connection was given back").into()))
    }

    /// Begins a unit of work in the open transaction.
    pub(super) fn join(&mut self) -> Result<(), rusqlite::Error> {
        let Some(state) = &self.state else { return Err(rusqlite::Error::InvalidQuery) };
        run_plain(&state.connection, "SAVEPOINT unit")?;
        self.is_unit = true;
        Ok(())
    }

    /// Runs `work` on a thread for blocking work: it may wait for the disk or for another process. It runs to its end even if the caller
    /// goes away.
    pub(super) async fn run_blocking(
        self,
        work: impl FnOnce(&mut Self) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (runtime, span) = (self.home.runtime.clone(), tracing::Span::current());
        let work = move || {
            let mut guard = self;
            span.in_scope(|| work(&mut guard)).map(|()| guard)
        };
        let outcome = runtime.spawn_blocking(carried(work)).await;
        outcome.unwrap_or_else(|error| Err(StoreError::Unavailable(Some(error.into()))))
    }

    pub(super) fn begin_blocking(&mut self) -> Result<(), StoreError> {
        self.begin_within(self.home.options.writer_timeout()).map_err(begin_error)
    }

    /// Begins a transaction. `BEGIN IMMEDIATE`, since `BEGIN` would take the write lock only with the first write, and fail at once if
    /// another connection had written since the first read.
    pub(super) fn begin_within(&mut self, timeout: Duration) -> Result<(), rusqlite::Error> {
        let usual = self.home.options.writer_timeout();
        let Some(state) = &mut self.state else { return Err(rusqlite::Error::InvalidQuery) };
        state.connection.busy_timeout(timeout)?;
        let begun = run_plain(&state.connection, "BEGIN IMMEDIATE");
        state.connection.busy_timeout(usual)?;
        begun?;
        state.log.begin(&state.connection);
        state.group = Some(Group::new());
        self.is_unit = true;
        Ok(())
    }

    /// Runs a statement of the unit of work.
    pub(crate) fn work<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(why) = self.failure {
            return Err(StoreError::Unavailable(Some(Ended(why).into())));
        }
        let state = self.state()?;
        let outcome = work(&state.connection);
        if outcome.is_err() && state.connection.is_autocommit() {
            // SQLite has ended the transaction, for example because the disk is full. Further statements would run outside of any
            // transaction.
            self.lose("SQLite has undone the transaction");
        }
        outcome
    }

    /// Marks the unit of work as failed, and notifies the earlier members of its group that nothing was written.
    fn lose(&mut self, why: &'static str) {
        self.failure = Some(why);
        if let Some(group) = self.state.as_mut().and_then(|state| state.group.take()) {
            group.lost();
        }
    }

    /// Returns the commit dependency of a unit of work that ends without a commit: the outcome of those before it in its group, whose
    /// writes it has seen.
    pub(crate) fn settlement(&self) -> Option<Settlement> {
        let group = self.group().filter(|group| group.units() > 0)?;
        let outcome = group.outcome();
        Some(Box::pin(outcome.settled()))
    }

    /// Ends the unit of work: what it wrote is committed with its group. Returns after that commit.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.state()?.connection.is_autocommit() {
            self.lose("SQLite has undone the transaction");
        }
        // Only a failed unit of work has no group.
        let Some(group) = &self.state()?.group else { return self.work(|_| Ok(())) };
        let is_first = group.units() == 0;
        if !is_first {
            self.work(|connection| run_plain(connection, "RELEASE unit").map_err(store_error))?;
        }
        self.is_unit = false;
        let home = self.home.clone();
        let Some(group) = &mut self.state()?.group else { return self.work(|_| Ok(())) };
        let (id, outcome) = (group.id(), group.join());
        if is_first {
            home.runtime.spawn(Self::commit_later(home.clone(), id));
        }
        // The next unit of work gets the connection.
        drop(self);
        let _store = Timer::begin(Stage::Store);
        outcome.committed().await
    }

    /// Commits a group when it gets the permit: after all units of work that were waiting when the first one ended.
    async fn commit_later(home: Arc<SharedWriter>, id: u64) {
        let Ok(permit) = home.permit.clone().acquire_owned().await else { return };
        let Ok(guard) = Self::take(home, permit) else { return };
        if guard.group().is_some_and(|group| group.id() == id) {
            // The members of the group are notified of the outcome.
            let _ = guard.run_blocking(Self::commit_group).await;
        }
    }

    /// Commits all units of work of the open transaction and notifies them.
    pub(super) fn commit_group(&mut self) -> Result<(), StoreError> {
        let Some(state) = &mut self.state else { return Ok(()) };
        let Some(group) = state.group.take() else { return Ok(()) };
        let committed = state.log.commit(&state.connection, || run_plain(&state.connection, "COMMIT"));
        if committed.is_err() && !state.connection.is_autocommit() {
            // A deferred constraint failed or there is no room: the transaction is still open.
            let undone = run_plain(&state.connection, "ROLLBACK");
            if undone.is_err() {
                self.state = None;
            }
        }
        if committed.is_ok() {
            self.home.groups.count(group.units());
            self.home.commits.send_modify(|commits| *commits += 1);
        }
        group.ended(committed.map_err(Into::into));
        Ok(())
    }

    /// Commits the open transaction, and copies the write-ahead log into the file.
    pub(super) fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.commit_group()?;
        let usual = self.home.options.writer_timeout();
        let Some(state) = &mut self.state else { return Ok(()) };
        state.log.checkpoint(&state.connection, usual).map_err(store_error)
    }

    /// Rolls back the uncommitted writes of a unit of work.
    fn undo(&mut self) {
        let Some(state) = &mut self.state else { return };
        let Some(group) = &state.group else { return };
        let undone = if group.units() == 0 {
            run_plain(&state.connection, "ROLLBACK")
        } else {
            run_plain(&state.connection, "ROLLBACK TO unit; RELEASE unit")
        };
        if group.units() == 0 {
            state.group = None;
        }
        if undone.is_err() {
            // The state of the transaction is unknown, so the connection is closed, and the whole transaction with it.
            self.lose("the transaction could not be undone");
            self.state = None;
        }
    }
}

impl Drop for WriterGuard {
    fn drop(&mut self) {
        if self.is_unit {
            self.undo();
        }
        if let Some(state) = self.state.take() {
            *locked(&self.home.state) = Some(state);
        }
    }
}
