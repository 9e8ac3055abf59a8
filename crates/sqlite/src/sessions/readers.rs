//! The connections that read.
//!
//! A statement with a bound (see [`Bound`](crate::statement::Bound)) runs in place, on the caller's thread: it takes microseconds, less
//! than a switch to another thread and back. A statement that may run long runs on a thread for blocking work, where it delays no other
//! task, and is interrupted when it takes too long or its caller goes away. Long reads have at most half of the connections (as many as
//! there are processors by default, and at most 16), since more at once would only slow each other down, and reads by key always find a
//! connection.
//!
//! A call that reads several times holds one connection with a transaction for all its reads: beginning and ending a transaction takes
//! locks on the file that all threads contend for, and that is a large part of the cost of a statement by key.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loggia_domain::port::StoreError;
use loggia_observe::usage::{PoolUsage, Waiting};
use loggia_observe::{Stage, Timer, carried};
use rusqlite::{Connection, InterruptHandle, Row};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::columns::{Column, Columns, FromRow};
use crate::error::store_error;
use crate::limits;
use crate::sessions::connection::SqliteOptions;
use crate::statement::Statement;

/// A pool of connections, which are opened on demand. Clones share them.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Inner>,
    /// The connection that is held for the reads of one call, until a statement that may run long takes it.
    held: Option<Arc<Mutex<Option<Reader>>>>,
}

struct Inner {
    options: SqliteOptions,
    permits: Arc<Semaphore>,
    /// The permits of long reads: half as many as in `permits`, at least one.
    long_permits: Arc<Semaphore>,
    idle: Mutex<Idle>,
    /// The calls that wait for a connection or for a long-read permit.
    waiting: Waiting,
}

/// Connections that no call has.
type Idle = Vec<Box<Connection>>;

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readers").field(&self.pool.options).finish()
    }
}

/// No connection became free in time, or the store was closed.
#[derive(Debug, thiserror::Error)]
#[error("no read connection was available in time")]
struct NoReader;

impl Inner {
    /// Acquires a permit. Only a call that has to wait is in the stage of the queue.
    async fn acquire(&self, permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(permit) = permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _queue = (self.waiting.begin(), Timer::begin(Stage::Queue));
        permits.clone().acquire_owned().await.map_err(|_| no_reader())
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Readers {
    pub(crate) fn new(options: &SqliteOptions) -> Self {
        let permits =
            usize::try_from(options.reader_count()).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let long_permits = Arc::new(Semaphore::new((permits / 2).max(1)));
        let permits = Arc::new(Semaphore::new(permits));
        let (idle, waiting) = (Mutex::default(), Waiting::default());
        let pool = Inner { options: options.clone(), permits, long_permits, idle, waiting };
        Self { pool: Arc::new(pool), held: None }
    }

    /// Returns the maximum number of connections.
    pub(crate) fn count(&self) -> u32 {
        self.pool.options.reader_count()
    }

    /// Returns how many connections are in use, idle and waited for.
    pub(crate) fn usage(&self) -> PoolUsage {
        let max = usize::try_from(self.count()).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let used = max.saturating_sub(self.pool.permits.available_permits());
        let idle = self.pool.idle().len();
        PoolUsage { name: "sqlite_readers", max, used, idle, waiting: self.pool.waiting.number() }
    }

    /// Takes a connection for the reads of one call and begins a transaction on it. These reads see one snapshot of the store, until one
    /// of them may run long.
    ///
    /// A call must not hold the connection while it waits for anything else.
    pub(crate) async fn hold(&self) -> Result<Self, StoreError> {
        let reader = self.take().await?;
        reader.run_control("BEGIN").map_err(store_error)?;
        Ok(Self { pool: self.pool.clone(), held: Some(Arc::new(Mutex::new(Some(reader)))) })
    }

    /// Opens one connection, so that an unusable file is reported now.
    pub(crate) fn open_one(&self) -> Result<(), rusqlite::Error> {
        let connection = self.pool.options.reader()?;
        self.pool.idle().push(connection);
        Ok(())
    }

    /// Takes a connection, waiting for one if necessary.
    ///
    /// Fails with [`StoreError::Unavailable`] if none becomes free in time.
    pub(crate) async fn take(&self) -> Result<Reader, StoreError> {
        match self.pool.permits.clone().try_acquire_owned() {
            Ok(permit) => self.opened(permit),
            Err(_) => self.in_time(self.next()).await,
        }
    }

    async fn next(&self) -> Result<Reader, StoreError> {
        self.opened(self.pool.acquire(&self.pool.permits).await?)
    }

    fn opened(&self, permit: OwnedSemaphorePermit) -> Result<Reader, StoreError> {
        let idle = self.pool.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.pool.options.reader().map_err(store_error)?,
        };
        Ok(Reader { connection: Some(connection), home: self.pool.clone(), _permit: permit })
    }

    /// Runs a statement and returns what `read` makes of each row.
    pub(crate) async fn all<T: Send + 'static>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.run(statement, move |statement, reader| statement.all(reader, &mut read)).await
    }

    /// Runs a statement and returns what `read` makes of its first row, if there is one.
    pub(crate) async fn optional<T: Send + 'static>(
        &self,
        statement: Statement,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        self.run(statement, |statement, reader| statement.optional(reader, read)).await
    }

    /// Runs a statement and returns its rows as records.
    pub(crate) async fn records<R: FromRow + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<Vec<R>, StoreError> {
        self.all(statement, |row| Columns::new(row).record()).await
    }

    /// Runs a statement and returns its first row as a record, if there is one.
    pub(crate) async fn record<R: FromRow + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<Option<R>, StoreError> {
        self.optional(statement, |row| Columns::new(row).record()).await
    }

    /// Runs a statement that always returns one row of one column, and returns that value.
    pub(crate) async fn value<T: Column + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<T, StoreError> {
        let found = self.optional(statement, |row| Columns::new(row).value()).await?;
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
                // The statement takes the held connection along: a call that held one while it waited for a second could deadlock with
                // others that do so.
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
        let (reader, permit) = self.in_time(self.next_long(reader)).await?;
        run_blocking(reader, permit, move |reader| work(&statement, reader)).await
    }

    /// Takes a long-read permit, and a connection unless `reader` is one already.
    async fn next_long(
        &self,
        mut reader: Option<Reader>,
    ) -> Result<(Reader, OwnedSemaphorePermit), StoreError> {
        let permit = match self.pool.long_permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                // Other calls may use the connection while this one waits for a permit.
                reader = None;
                self.pool.acquire(&self.pool.long_permits).await?
            }
        };
        match reader {
            Some(reader) => Ok((reader, permit)),
            None => Ok((self.next().await?, permit)),
        }
    }

    /// Fails with [`StoreError::Unavailable`] if `wait` takes longer than a call may wait for a connection.
    async fn in_time<T>(&self, wait: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        #[expect(clippy::disallowed_methods, reason = "nothing but the waiting for a permit is cancelled")]
        let in_time = tokio::time::timeout(self.pool.options.reader_timeout(), wait).await;
        in_time.unwrap_or_else(|_| Err(no_reader()))
    }

    /// Waits for reads in flight and closes the connections. Later calls fail as unavailable.
    pub(crate) async fn close(&self) {
        // Acquiring fails if the pool was closed before.
        let _all_are_here = self.pool.permits.acquire_many(self.count()).await;
        self.pool.permits.close();
        self.pool.long_permits.close();
        self.pool.idle().clear();
    }
}

fn no_reader() -> StoreError {
    StoreError::Unavailable(Some(NoReader.into()))
}

/// Runs a statement that may take long on a thread for blocking work. Interrupts it after [`limits::LONGEST_READ`], or when the caller
/// goes away.
async fn run_blocking<T: Send + 'static>(
    reader: Reader,
    permit: OwnedSemaphorePermit,
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let stop = Stop::new(&reader);
    let running = stop.running.clone();
    let span = tracing::Span::current();
    let work = move || {
        let work = || work(&reader);
        let outcome = span.in_scope(work);
        // Cleared before the connection is given back, so that the next statement on it cannot be interrupted instead.
        *running.lock().unwrap_or_else(PoisonError::into_inner) = false;
        drop((reader, permit));
        outcome
    };
    let mut work = tokio::task::spawn_blocking(carried(work));
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

/// Interrupts a running statement, on request or when dropped.
struct Stop {
    handle: InterruptHandle,
    running: Arc<Mutex<bool>>,
}

impl Stop {
    fn new(reader: &Reader) -> Self {
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

/// A connection in use. Dropping it returns the connection to the pool.
pub(crate) struct Reader {
    connection: Option<Box<Connection>>,
    home: Arc<Inner>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Reader {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "it is taken out where this is dropped, and nowhere else")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a connection until it is given back")
    }
}

impl Reader {
    /// Begins or ends a transaction. It is not logged as a statement: a statement outside of a transaction does as much implicitly.
    fn run_control(&self, text: &'static str) -> Result<(), rusqlite::Error> {
        self.prepare_cached(text)?.execute(()).map(drop)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Nothing was written. A connection that cannot end its transaction would show the same snapshot for ever, so it is closed.
        let is_clean = self.connection.as_ref().is_some_and(|connection| connection.is_autocommit())
            || self.run_control("COMMIT").is_ok();
        if let (Some(connection), true) = (self.connection.take(), is_clean) {
            self.home.idle().push(connection);
        }
    }
}
