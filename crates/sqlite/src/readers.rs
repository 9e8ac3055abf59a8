//! The connections that read.
//!
//! A statement with a bound (see [`Bound`](crate::statement::Bound)) is run in place, on the caller's thread: it takes microseconds, which is less than it would take
//! to hand it to another thread and to wake up for its answer. What may run long goes to a thread for such work, so that
//! it holds up nobody else, and is stopped when it runs too long or when nobody waits for it any more. It has half of the connections at
//! most, as many as there are processors (16 at most): more at once would only each take longer, and what is read by keys finds a connection.
//!
//! A call that reads several times holds a connection with a transaction for all of them: beginning and ending one takes locks on the
//! file that all threads take turns at, and that is a large part of a statement by key.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loggia_domain::port::StoreError;
use rusqlite::{Connection, InterruptHandle, Row};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::columns::{Column, Columns, Record};
use crate::connection::SqliteOptions;
use crate::error::store_error;
use crate::limits;
use crate::statement::Statement;

/// A pool of connections, opened when they are needed. Clones share them.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Inner>,
    /// The connection that is held for the reads of one call, until a statement takes it along that may run long.
    held: Option<Arc<Mutex<Option<Reader>>>>,
}

struct Inner {
    options: SqliteOptions,
    turns: Arc<Semaphore>,
    /// Of those, what statements may have that may run long.
    long_turns: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

/// Connections that nobody has just now.
type Idle = Vec<Box<Connection>>;

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readers").field(&self.pool.options).finish()
    }
}

/// All connections were at work for as long as one is waited for, or the store was closed.
#[derive(Debug, thiserror::Error)]
#[error("no connection to read on was to be had")]
struct NoReader;

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Readers {
    pub(crate) fn new(options: &SqliteOptions) -> Self {
        let turns = usize::try_from(options.reader_count()).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let long_turns = Arc::new(Semaphore::new((turns / 2).max(1)));
        let turns = Arc::new(Semaphore::new(turns));
        let pool = Inner { options: options.clone(), turns, long_turns, idle: Mutex::default() };
        Self { pool: Arc::new(pool), held: None }
    }

    /// How many there are at most.
    pub(crate) fn count(&self) -> u32 {
        self.pool.options.reader_count()
    }

    /// Takes a connection for the reads of one call, which see one state of the store until one of them may run long, and begins that.
    ///
    /// It must not be held while something else is waited for.
    pub(crate) async fn hold(&self) -> Result<Self, StoreError> {
        let reader = self.take().await?;
        reader.turn("BEGIN").map_err(store_error)?;
        Ok(Self { pool: self.pool.clone(), held: Some(Arc::new(Mutex::new(Some(reader)))) })
    }

    /// Opens one, so that what is wrong with the file is told.
    pub(crate) fn open_one(&self) -> Result<(), rusqlite::Error> {
        let connection = self.pool.options.reader()?;
        self.pool.idle().push(connection);
        Ok(())
    }

    /// Waits for a connection.
    pub(crate) async fn take(&self) -> Result<Reader, StoreError> {
        match self.pool.turns.clone().try_acquire_owned() {
            Ok(turn) => self.opened(turn),
            Err(_) => self.in_time(self.next()).await,
        }
    }

    async fn next(&self) -> Result<Reader, StoreError> {
        self.opened(turn(&self.pool.turns).await?)
    }

    fn opened(&self, turn: OwnedSemaphorePermit) -> Result<Reader, StoreError> {
        let idle = self.pool.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.pool.options.reader().map_err(store_error)?,
        };
        Ok(Reader { connection: Some(connection), home: self.pool.clone(), _turn: turn })
    }

    /// Runs a statement and gives what `read` makes of each row.
    pub(crate) async fn all<T: Send + 'static>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.run(statement, move |statement, reader| statement.all(reader, &mut read)).await
    }

    /// Runs a statement that finds one row or none.
    pub(crate) async fn optional<T: Send + 'static>(
        &self,
        statement: Statement,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        self.run(statement, |statement, reader| statement.optional(reader, read)).await
    }

    /// Runs a statement that finds records of one table.
    pub(crate) async fn records<R: Record + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<Vec<R>, StoreError> {
        self.all(statement, |row| Columns::of(row).record().map_err(store_error)).await
    }

    /// Runs a statement that finds one record of a table or none.
    pub(crate) async fn record<R: Record + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<Option<R>, StoreError> {
        self.optional(statement, |row| Columns::of(row).record().map_err(store_error)).await
    }

    /// Runs a statement that always gives one row of one column.
    pub(crate) async fn value<T: Column + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<T, StoreError> {
        let found = self.optional(statement, |row| Columns::of(row).next().map_err(store_error)).await?;
        found.ok_or_else(|| store_error(rusqlite::Error::QueryReturnedNoRows))
    }

    async fn run<T: Send + 'static>(
        &self,
        statement: Statement,
        work: impl FnOnce(&Statement, &Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut reader = None;
        if let Some(held) = &self.held {
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            match (&*held, statement.runs_in_place()) {
                (Some(reader), true) => return work(&statement, reader),
                // It goes along, since a call that waits for another one might wait for those who wait for its own.
                _ => reader = held.take(),
            }
        }
        if statement.runs_in_place() {
            let reader = match reader {
                Some(reader) => reader,
                None => self.take().await?,
            };
            return work(&statement, &reader);
        }
        let (reader, turn) = self.in_time(self.next_long(reader)).await?;
        aside(reader, turn, move |reader| work(&statement, reader)).await
    }

    /// Waits for a connection, and for leave to have something run long on it. That one may be at hand already.
    async fn next_long(
        &self,
        mut reader: Option<Reader>,
    ) -> Result<(Reader, OwnedSemaphorePermit), StoreError> {
        let turn = match self.pool.long_turns.clone().try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => {
                // Others shall not lack it meanwhile.
                reader = None;
                turn(&self.pool.long_turns).await?
            }
        };
        match reader {
            Some(reader) => Ok((reader, turn)),
            None => Ok((self.next().await?, turn)),
        }
    }

    /// Waits no longer than a connection is waited for.
    async fn in_time<T>(&self, wait: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "nothing but the waiting for a turn is cancelled")]
        let in_time = tokio::time::timeout(self.pool.options.reader_timeout(), wait).await;
        in_time.unwrap_or_else(|_| Err(no_reader()))
    }

    /// Waits for what is under way and closes them. Who asks afterwards finds none.
    pub(crate) async fn close(&self) {
        // It fails where they were closed before.
        let _all_are_here = self.pool.turns.acquire_many(self.count()).await;
        self.pool.turns.close();
        self.pool.long_turns.close();
        self.pool.idle().clear();
    }
}

/// Waits for one of those.
async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    turns.clone().acquire_owned().await.map_err(|_| no_reader())
}

fn no_reader() -> StoreError {
    StoreError::Unavailable(Some(NoReader.into()))
}

/// Runs what may take long on a thread for such work.
async fn aside<T: Send + 'static>(
    reader: Reader,
    turn: OwnedSemaphorePermit,
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let stop = Stop::of(&reader);
    let running = stop.running.clone();
    let span = tracing::Span::current();
    let work = move || {
        let outcome = span.in_scope(|| work(&reader));
        // Before the connection is given back, for the next statement on it must not be the one that is stopped.
        *running.lock().unwrap_or_else(PoisonError::into_inner) = false;
        drop((reader, turn));
        outcome
    };
    let mut work = tokio::task::spawn_blocking(work);
    #[expect(clippy::disallowed_methods, reason = "nothing is written by what is stopped")]
    let in_time = tokio::time::timeout(limits::LONGEST_READ, &mut work).await;
    let outcome = match in_time {
        Ok(outcome) => outcome,
        Err(_) => {
            stop.now();
            work.await
        }
    };
    outcome.unwrap_or_else(|error| Err(StoreError::Failed(error.into())))
}

/// Stops a statement that is running: when told to, or when nobody waits for it any more.
struct Stop {
    handle: InterruptHandle,
    running: Arc<Mutex<bool>>,
}

impl Stop {
    fn of(reader: &Reader) -> Self {
        Self { handle: reader.get_interrupt_handle(), running: Arc::new(Mutex::new(true)) }
    }

    fn now(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if *running {
            self.handle.interrupt();
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.now();
    }
}

/// A connection that is used; it goes back when this is dropped.
pub(crate) struct Reader {
    connection: Option<Box<Connection>>,
    home: Arc<Inner>,
    _turn: OwnedSemaphorePermit,
}

impl Deref for Reader {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "it is taken out where this is dropped, and nowhere else")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a connection until it is given back")
    }
}

impl Reader {
    /// Begins a transaction, or ends it. These are no statements of their own to whoever counts them: each statement does as much.
    fn turn(&self, text: &'static str) -> Result<(), rusqlite::Error> {
        self.prepare_cached(text)?.execute(()).map(drop)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Nothing was written. A connection that cannot end its transaction would show the same state for ever, and is closed.
        let is_clean = self.connection.as_ref().is_some_and(|connection| connection.is_autocommit())
            || self.turn("COMMIT").is_ok();
        if let (Some(connection), true) = (self.connection.take(), is_clean) {
            self.home.idle().push(connection);
        }
    }
}
