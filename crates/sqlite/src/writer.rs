//! The one connection that writes, and how units of work share its commits.
//!
//! A commit waits for the disk, and while it waits nobody else can write. So units of work that wait for the connection are committed
//! together: they run one after the other in one transaction, each in a savepoint of its own, and the transaction is committed
//! when all have run that were waiting when the first of them ended. None of them is acknowledged before that. Whoever comes
//! meanwhile waits for the next transaction. A unit of work that is alone waits for nothing but its own commit.
//!
//! A unit of work sees what those before it in its group have written. That is sound, for they are committed together or not at all;
//! but one that ends without committing could tell its caller of what is then undone. So a use case that ends so waits for what
//! those before it come to, see [`Turn::settlement`].

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loggia_domain::port::{Settlement, StoreError};
use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connection::SqliteOptions;
use crate::error::{begin_error, is_busy, store_error};
use crate::group::Group;
use crate::limits;
use crate::statement::run_plain;

/// The connection's keeper. Clones share it.
#[derive(Clone)]
pub(crate) struct Writer(Arc<Inner>);

struct Inner {
    options: SqliteOptions,
    /// One, which goes round in the order in which it is asked for.
    turn: Arc<Semaphore>,
    /// The connection while nobody has it; `None` before it is opened.
    seat: Mutex<Option<Seat>>,
    /// Where commits run, whoever waits for them.
    runtime: Handle,
}

/// The connection, and the transaction that is open on it.
struct Seat {
    connection: Connection,
    group: Option<Group>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.0.options).finish()
    }
}

/// Other units of work took too long, or the store was closed.
#[derive(Debug, thiserror::Error)]
#[error("the one writer was not to be had")]
struct NoWriter;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// For the runtime that is current here.
    pub(crate) fn new(options: &SqliteOptions) -> Self {
        Self(Arc::new(Inner {
            options: options.clone(),
            turn: Arc::new(Semaphore::new(1)),
            seat: Mutex::default(),
            runtime: Handle::current(),
        }))
    }

    /// Opens the connection, so that what is wrong with the file is told.
    pub(crate) fn open(&self) -> Result<(), rusqlite::Error> {
        let connection = self.0.options.writer()?;
        *locked(&self.0.seat) = Some(Seat { connection, group: None });
        Ok(())
    }

    /// Waits for the connection, and begins: in the transaction that is open, or with one.
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
            turn.run("SAVEPOINT unit").map_err(store_error)?;
            turn.is_unit = true;
            return Ok(turn);
        }
        match turn.begin_within(Duration::ZERO) {
            // Another process writes. It is waited for where that holds up nobody else.
            Err(error) if is_busy(&error) => turn.aside(Turn::begin_patiently).await,
            begun => begun.map(|()| turn).map_err(begin_error),
        }
    }

    /// Takes the connection for whoever has the turn.
    fn turn(&self, permit: OwnedSemaphorePermit) -> Result<Turn, StoreError> {
        let seat = locked(&self.0.seat).take();
        let seat = match seat {
            Some(seat) => seat,
            None => Seat { connection: self.0.options.writer().map_err(store_error)?, group: None },
        };
        Ok(Turn { home: self.clone(), seat: Some(seat), is_unit: false, failure: None, _permit: permit })
    }

    /// Waits for what is under way and closes the connection. Who asks afterwards finds none.
    pub(crate) async fn close(&self) {
        // One that was never opened is not opened for this, which would make a database of an empty file.
        if let Ok(permit) = self.0.turn.clone().acquire_owned().await
            && locked(&self.0.seat).is_some()
            && let Ok(turn) = self.turn(permit)
        {
            // Whoever waits for the commit of a group is told what comes of it.
            let _ = turn.aside(Turn::commit_group).await;
        }
        self.0.turn.close();
        let seat = locked(&self.0.seat).take();
        drop(seat);
    }

    /// Commits a group when its turn comes: behind all who were waiting when the first unit of work ended.
    async fn commit_in_turn(self, id: u64) {
        let Ok(permit) = self.0.turn.clone().acquire_owned().await else { return };
        let Ok(turn) = self.turn(permit) else { return };
        if turn.seat.as_ref().and_then(|seat| seat.group.as_ref()).is_some_and(|group| group.id() == id) {
            // What came of it, the group's members are told.
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
    fn seat(&mut self) -> Result<&mut Seat, StoreError> {
        self.seat.as_mut().ok_or_else(|| StoreError::Failed(Ended("the connection was given back").into()))
    }

    fn run(&mut self, text: &'static str) -> Result<(), rusqlite::Error> {
        self.seat
            .as_ref()
            .map_or(Err(rusqlite::Error::InvalidQuery), |seat| run_plain(&seat.connection, text))
    }

    /// Runs something on a thread that may wait: for the disk, or for another process. It is done to its end, whoever waits for it.
    async fn aside(
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

    fn begin_patiently(&mut self) -> Result<(), StoreError> {
        self.begin_within(self.home.0.options.writer_timeout()).map_err(begin_error)
    }

    /// Not BEGIN: that would take the write lock only with the first write, and fail at once if anybody had written since the
    /// first read.
    fn begin_within(&mut self, patience: Duration) -> Result<(), rusqlite::Error> {
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
        let group = self.seat.as_ref()?.group.as_ref().filter(|group| group.units() > 0)?;
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
    fn commit_group(&mut self) -> Result<(), StoreError> {
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

/// How long a group has been open, and whether it takes no more.
pub(crate) fn is_ripe(begun: Instant, units: u32) -> bool {
    units >= limits::GROUP_UNITS || begun.elapsed() >= limits::GROUP_AGE
}
