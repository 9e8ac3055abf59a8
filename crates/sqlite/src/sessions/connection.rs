//! Files and connections of SQLite, and their settings.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, QueryBuilder, Sqlite, SqliteConnection};

use crate::error::{OpenError, is_taken, open_error};
use crate::limits;
use crate::sessions::checkpoint;

/// The path of a store's file, and the settings of its connections.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    path: PathBuf,
    readers: u32,
    busy_timeout: Duration,
    reader_timeout: Duration,
}

impl SqliteOptions {
    /// Creates options for the file at `path`, with defaults that suit a server.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            readers: processors().saturating_mul(limits::READERS_PER_PROCESSOR).min(limits::MAX_READERS),
            busy_timeout: limits::BUSY_TIMEOUT,
            reader_timeout: limits::READER_TIMEOUT,
        }
    }

    /// Sets the number of connections that read, and so of reads at the same time; at least 1. Default: two for each processor, at most
    /// 32. Half of them (rounded down, at least one) may run long reads: searches and counts.
    #[must_use]
    pub fn readers(self, readers: u32) -> Self {
        Self { readers: readers.max(1), ..self }
    }

    /// Sets how long a unit of work waits for the writer, in this process and in others, before it fails with `StoreError::Unavailable`,
    /// and how long opening waits for another process that has locked the file. Default: 4 seconds.
    #[must_use]
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the options of a connection that only inspects the file.
    pub(crate) fn connect_options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .busy_timeout(self.busy_timeout)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .pragma("mmap_size", "0")
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF")
        // sqlx logs each statement's text at DEBUG, and at WARN if it took longer than a second, but never the values bound to it.
    }

    /// Returns the options of a connection that may write.
    fn writer_options(&self) -> SqliteConnectOptions {
        self.connect_options().journal_mode(SqliteJournalMode::Wal)
    }

    /// Opens a connection that may write, for setting the file up.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection, OpenError> {
        // Switching a new file to its write-ahead log needs an exclusive lock and does not wait for it, so two processes that open the
        // same new file at once would conflict.
        let connect = async |options: SqliteConnectOptions| options.connect().await;
        let mut connection = self.patiently(&self.writer_options(), connect).await?;
        // The attempts were made with a shorter timeout.
        let statement = format!("PRAGMA busy_timeout = {}", self.busy_timeout.as_millis());
        QueryBuilder::<Sqlite>::new(statement).build().execute(&mut connection).await.map_err(open_error)?;
        Ok(connection)
    }

    /// Repeats an attempt that fails because another connection holds a lock, for the busy timeout in all.
    pub(crate) async fn patiently<T, F>(
        &self,
        options: &SqliteConnectOptions,
        attempt: impl Fn(SqliteConnectOptions) -> F,
    ) -> Result<T, OpenError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        const PAUSE: Duration = Duration::from_millis(20);
        // Each statement of an attempt may wait this long, so it must be a small part of the busy timeout.
        const WAIT_OF_ONE: Duration = Duration::from_millis(100);
        let options = options.clone().busy_timeout(WAIT_OF_ONE.min(self.busy_timeout));
        let started = Instant::now();
        loop {
            match attempt(options.clone()).await {
                Err(error) if is_taken(&error) && started.elapsed() < self.busy_timeout => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome.map_err(open_error),
            }
        }
    }

    /// Opens one of the store's connections. It is boxed, since it is large and moves with each call.
    fn keep(&self, pragmas: &str) -> Result<Box<Connection>, rusqlite::Error> {
        self.keep_as("", pragmas)
    }

    /// Opens a connection with settings that are made before it reads the file, and others afterwards.
    fn keep_as(&self, first: &str, pragmas: &str) -> Result<Box<Connection>, rusqlite::Error> {
        // One thread at a time uses a connection, and the file exists already.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        connection.execute_batch(first)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Otherwise SQLite recompiles a statement whenever a new value is bound to a parameter that the planner could have used: each
        // page size, each cursor.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(PRAGMAS)?;
        connection.execute_batch(pragmas)?;
        Ok(Box::new(connection))
    }

    /// Opens the connection that writes.
    pub(crate) fn writer(&self) -> Result<Box<Connection>, rusqlite::Error> {
        let connection = self.keep("PRAGMA journal_mode = WAL")?;
        checkpoint::follow(&connection);
        Ok(connection)
    }

    /// Opens a connection that copies the store into another file, with `VACUUM INTO`.
    pub(crate) fn copier(&self) -> Result<Box<Connection>, rusqlite::Error> {
        self.keep("")
    }

    /// Opens a connection that writes, with further settings.
    pub(crate) fn writer_for(&self, pragmas: &str) -> Result<Box<Connection>, rusqlite::Error> {
        self.keep(&format!("PRAGMA journal_mode = WAL; {pragmas}"))
    }

    /// Opens the only connection to the file. With a write-ahead log, a connection that has this mode from the beginning locks the file as
    /// no other one can that is open at the same time (<https://www.sqlite.org/wal.html#noshm>).
    pub(crate) fn alone(&self, pragmas: &str) -> Result<Box<Connection>, rusqlite::Error> {
        self.keep_as("PRAGMA locking_mode = EXCLUSIVE", &format!("PRAGMA journal_mode = WAL; {pragmas}"))
    }

    /// Opens a connection that reads, and refuses to write.
    pub(crate) fn reader(&self) -> Result<Box<Connection>, rusqlite::Error> {
        self.keep("PRAGMA query_only = ON")
    }

    /// Returns the number of connections that read.
    pub fn reader_count(&self) -> u32 {
        self.readers
    }

    /// Returns how long a call waits for a connection to read on.
    pub(crate) fn reader_timeout(&self) -> Duration {
        self.reader_timeout
    }

    /// Returns how long a unit of work waits for other writers.
    pub(crate) fn writer_timeout(&self) -> Duration {
        self.busy_timeout
    }
}

/// Returns the number of processors that this process may use, or 1 if the system does not tell.
fn processors() -> u32 {
    std::thread::available_parallelism().ok().and_then(|number| u32::try_from(number.get()).ok()).unwrap_or(1)
}

/// More than the number of distinct statements, so that none is prepared twice on one connection.
const STATEMENTS: usize = 256;

/// The settings of every connection.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON;
    -- A commit has reached the disk when it returns; NORMAL would lose the last ones when power fails.
    PRAGMA synchronous = FULL;
    -- An I/O error behind a memory map would be a signal that kills the process.
    PRAGMA mmap_size = 0;
    -- A savepoint keeps what it may have to undo in a temporary place, and an image without a distribution has no folder for
    -- such files.
    PRAGMA temp_store = MEMORY;
    -- The schema's own text is not to be trusted with functions that have side effects.
    PRAGMA trusted_schema = OFF";
