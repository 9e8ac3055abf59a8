//! Addresses, settings and pools of the connections to Postgres.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::limits;
use crate::sessions::in_time;
use crate::sessions::open_error::{OpenError, service_error};
use crate::sessions::pool::Pool;
use crate::sessions::role::{self, SERVICE_ROLE};

/// The address of a store's database, and the settings of its sessions. Its `Debug` shows host, port and database only, since the address
/// may hold a password.
#[derive(Clone)]
pub struct PostgresOptions {
    server: PgConnectOptions,
    readers: u32,
    writers: u32,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    lock_timeout: Duration,
    idle_timeout: Duration,
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresOptions").field(&self.location()).finish()
    }
}

/// The URL is malformed. It may hold a password, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("must be such as postgres://user:password@host:5432/database?sslmode=require")]
pub struct InvalidUrl(#[source] sqlx::Error);

impl FromStr for PostgresOptions {
    type Err = InvalidUrl;

    /// Parses a URL such as `postgres://user:password@host:5432/database`, with the parameters that libpq knows
    /// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING>), `sslmode` among them.
    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        let server = PgConnectOptions::from_str(url).map_err(InvalidUrl)?;
        Ok(Self {
            server,
            readers: limits::READERS,
            writers: limits::WRITERS,
            acquire_timeout: limits::ACQUIRE_TIMEOUT,
            statement_timeout: limits::STATEMENT_TIMEOUT,
            lock_timeout: limits::LOCK_TIMEOUT,
            idle_timeout: limits::IDLE_IN_TRANSACTION_TIMEOUT,
        })
    }
}

impl PostgresOptions {
    /// Sets the number of statements that may read at once, each in its own session; at least 1. Default: 8.
    #[must_use]
    pub fn readers(self, readers: u32) -> Self {
        Self { readers: readers.max(1), ..self }
    }

    /// Sets the number of units of work that may be open at once, each in its own session; at least 1. Default: 8.
    #[must_use]
    pub fn writers(self, writers: u32) -> Self {
        Self { writers: writers.max(1), ..self }
    }

    /// Sets how long a call waits for a session before it fails as unavailable. Default: half a second.
    #[must_use]
    pub fn acquire_timeout(self, acquire_timeout: Duration) -> Self {
        Self { acquire_timeout, ..self }
    }

    /// Sets how long one statement may take, including its wait for locks. Default: 2 seconds.
    #[must_use]
    pub fn statement_timeout(self, statement_timeout: Duration) -> Self {
        Self { statement_timeout, ..self }
    }

    /// Sets how long a statement waits for one lock. Default: 1.5 seconds. With less than the server's `deadlock_timeout` (1 second), a
    /// deadlock would be reported as a timeout, and not be retried.
    #[must_use]
    pub fn lock_timeout(self, lock_timeout: Duration) -> Self {
        Self { lock_timeout, ..self }
    }

    /// Sets how long a unit of work may be idle between two statements, after which the server ends its session. Default: 5 seconds.
    #[must_use]
    pub fn idle_timeout(self, idle_timeout: Duration) -> Self {
        Self { idle_timeout, ..self }
    }

    /// Returns the number of statements that may read at once.
    pub fn reader_count(&self) -> u32 {
        self.readers
    }

    /// Returns the number of units of work that may be open at once.
    pub fn writer_count(&self) -> u32 {
        self.writers
    }

    /// Returns the host name, or the folder of the socket.
    pub fn host(&self) -> String {
        let socket = self.server.get_socket();
        socket.map_or_else(|| self.server.get_host().to_owned(), |socket| socket.display().to_string())
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.server.get_port()
    }

    /// Returns the name of the database.
    pub fn database(&self) -> &str {
        self.server.get_database().unwrap_or_else(|| self.server.get_username())
    }

    /// Returns host name or socket, port and database, for messages: without user and password.
    pub fn location(&self) -> String {
        format!("{}:{}/{}", self.host(), self.port(), self.database())
    }

    /// Returns the name of the login.
    pub fn login(&self) -> &str {
        self.server.get_username()
    }

    /// Returns the same login at another database of the server.
    pub(crate) fn at(&self, database: &str) -> Self {
        Self { server: self.server.clone().database(database), ..self.clone() }
    }

    /// Connects as the login itself, to set the database up.
    pub(crate) async fn connect(&self) -> Result<PgConnection, OpenError> {
        // Creating an index may take any time, so the server's own default for the timeout must not stop it.
        let options = self.server.clone().application_name("loggia").options([("statement_timeout", "0")]);
        options.connect().await.map_err(OpenError::Unreachable)
    }

    /// Connects as the service does, and checks that the session has taken its role.
    pub(crate) async fn connect_as_service(&self) -> Result<PgConnection, OpenError> {
        let refused = |error| service_error(error, self.login());
        let mut session = self.service().connect().await.map_err(refused)?;
        role::check_taken(&mut session).await.map_err(refused)?;
        Ok(session)
    }

    /// Returns the options of all sessions of the service. They are startup options, which take no round trip.
    fn service(&self) -> PgConnectOptions {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        self.server.clone().application_name("loggia").options([
            ("role", SERVICE_ROLE),
            ("row_security", "on"),
            // A single reading statement is a transaction too, and must not fail because of concurrent writes.
            ("default_transaction_isolation", "read committed"),
            ("statement_timeout", &milliseconds(self.statement_timeout)),
            ("lock_timeout", &milliseconds(self.lock_timeout)),
            ("idle_in_transaction_session_timeout", &milliseconds(self.idle_timeout)),
            // A commit returns after it has reached the disk, whatever the server's own setting.
            ("synchronous_commit", "on"),
            // The statements are short: JIT compilation would take longer than running them, and so would a new plan for each value.
            // Every statement is written so that it uses an index whatever the values are.
            ("jit", "off"),
            ("plan_cache_mode", "force_generic_plan"),
        ])
    }

    /// Returns how long a response of these sessions is waited for.
    fn longest_silence(&self) -> Option<Duration> {
        in_time::longest_silence(self.statement_timeout)
    }

    /// Creates the pool of the sessions that read.
    pub(crate) fn reader_pool(&self) -> Pool {
        let options = self.service().options([("default_transaction_read_only", "on")]);
        Pool::new(options, self.readers, self.acquire_timeout, self.longest_silence())
    }

    /// Creates the pool of the sessions that write.
    pub(crate) fn writer_pool(&self) -> Pool {
        Pool::new(self.service(), self.writers, self.acquire_timeout, self.longest_silence())
    }
}
