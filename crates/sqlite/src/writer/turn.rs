//! The connection while somebody has it: one unit of work, or whoever commits.

use std::time::Duration;

use loggia_domain::port::{Settlement, StoreError};
use rusqlite::Connection;
use tokio::sync::OwnedSemaphorePermit;

use super::{Seat, Writer, locked};
use crate::error::{begin_error, store_error};
use crate::group::Group;
use crate::statement::run_plain;

/// The connection, for as long as one unit of work has it, or whoever commits. It goes back when this is dropped, and what was not
/// committed is undone.
pub(crate) struct Turn {
    home: Writer,
    /// There until this is dropped.
    seat: Option<Seat>,
    /// Whether there is something to undo when this is dropped.
    is_unit: bool,
    /// Why nothing more can be done: SQLite has undone the whole transaction, or the connection is lost.
    failure: Option<&'static str>,
    _permit: OwnedSemaphorePermit,
}

/// Nothing more can be done with a unit of work.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ended(&'static str);

impl Turn {
    pub(super) fn new(home: Writer, seat: Seat, permit: OwnedSemaphorePermit) -> Self {
        Self { home, seat: Some(seat), is_unit: false, failure: None, _permit: permit }
    }

    pub(super) fn group(&self) -> Option<&Group> {
        self.seat.as_ref()?.group.as_ref()
    }

    pub(super) fn seat(&mut self) -> Result<&mut Seat, StoreError> {
        self.seat.as_mut().ok_or_else(|| StoreError::Failed(Ended("the connection was given back").into()))
    }

    /// Begins a unit of work in the transaction that is open.
    pub(super) fn join(&mut self) -> Result<(), rusqlite::Error> {
        let Some(seat) = &self.seat else { return Err(rusqlite::Error::InvalidQuery) };
        run_plain(&seat.connection, "SAVEPOINT unit")?;
        self.is_unit = true;
        Ok(())
    }

    /// Runs something on a thread that may wait: for the disk, or for another process. It is done to its end, whoever waits for it.
    pub(super) async fn aside(
        self,
        work: impl FnOnce(&mut Self) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (runtime, span) = (self.home.0.runtime.clone(), tracing::Span::current());
        let work = move || {
            let mut turn = self;
            span.in_scope(|| work(&mut turn)).map(|()| turn)
        };
        let outcome = runtime.spawn_blocking(work).await;
        outcome.unwrap_or_else(|error| Err(StoreError::Unavailable(Some(error.into()))))
    }

    pub(super) fn begin_patiently(&mut self) -> Result<(), StoreError> {
        self.begin_within(self.home.0.options.writer_timeout()).map_err(begin_error)
    }

    /// Not BEGIN: that would take the write lock only with the first write, and fail at once if anybody had written since the
    /// first read.
    pub(super) fn begin_within(&mut self, patience: Duration) -> Result<(), rusqlite::Error> {
        let usual = self.home.0.options.writer_timeout();
        let Some(seat) = &mut self.seat else { return Err(rusqlite::Error::InvalidQuery) };
        seat.connection.busy_timeout(patience)?;
        let begun = run_plain(&seat.connection, "BEGIN IMMEDIATE");
        seat.connection.busy_timeout(usual)?;
        begun?;
        seat.group = Some(Group::new());
        self.is_unit = true;
        Ok(())
    }

    /// Runs a statement of a unit of work.
    pub(crate) fn work<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(why) = self.failure {
            return Err(StoreError::Unavailable(Some(Ended(why).into())));
        }
        let seat = self.seat()?;
        let outcome = work(&seat.connection);
        if outcome.is_err() && seat.connection.is_autocommit() {
            // The disk is full, say. What comes would else be written outside of any transaction.
            self.lose("SQLite has undone the transaction");
        }
        outcome
    }

    /// Whoever ran in the transaction before is told that nothing was written.
    fn lose(&mut self, why: &'static str) {
        self.failure = Some(why);
        if let Some(group) = self.seat.as_mut().and_then(|seat| seat.group.take()) {
            group.lost();
        }
    }

    /// What a unit of work waits for that ends without committing: those before it in its group, whose work it has seen.
    pub(crate) fn settlement(&self) -> Option<Settlement> {
        let group = self.group().filter(|group| group.units() > 0)?;
        let outcome = group.outcome();
        Some(Box::pin(outcome.settled()))
    }

    /// Ends a unit of work: what it wrote will be committed with the group, which is waited for.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.seat()?.connection.is_autocommit() {
            self.lose("SQLite has undone the transaction");
        }
        // Only what is lost has no group.
        let Some(group) = &self.seat()?.group else { return self.work(|_| Ok(())) };
        let is_first = group.units() == 0;
        if !is_first {
            self.work(|connection| run_plain(connection, "RELEASE unit").map_err(store_error))?;
        }
        self.is_unit = false;
        let home = self.home.clone();
        let Some(group) = &mut self.seat()?.group else { return self.work(|_| Ok(())) };
        let (id, outcome) = (group.id(), group.join());
        if is_first {
            home.0.runtime.spawn(home.clone().commit_in_turn(id));
        }
        // Whoever waits goes on.
        drop(self);
        outcome.committed().await
    }

    /// Commits all units of work of the open transaction, and tells them.
    pub(super) fn commit_group(&mut self) -> Result<(), StoreError> {
        let Some(seat) = &mut self.seat else { return Ok(()) };
        let Some(group) = seat.group.take() else { return Ok(()) };
        let committed = run_plain(&seat.connection, "COMMIT");
        if committed.is_err() && !seat.connection.is_autocommit() {
            // A deferred constraint, or no room: the transaction is still there.
            let undone = run_plain(&seat.connection, "ROLLBACK");
            if undone.is_err() {
                self.seat = None;
            }
        }
        group.ended(committed.map_err(Into::into));
        Ok(())
    }

    /// Undoes what a unit of work has written that was not committed.
    fn undo(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        let Some(group) = &seat.group else { return };
        let undone = if group.units() == 0 {
            run_plain(&seat.connection, "ROLLBACK")
        } else {
            run_plain(&seat.connection, "ROLLBACK TO unit; RELEASE unit")
        };
        if group.units() == 0 {
            seat.group = None;
        }
        if undone.is_err() {
            // It cannot be told what is left of the transaction, so the connection is given up, and with it all of that.
            self.lose("the transaction could not be undone");
            self.seat = None;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_unit {
            self.undo();
        }
        if let Some(seat) = self.seat.take() {
            *locked(&self.home.0.seat) = Some(seat);
        }
    }
}
