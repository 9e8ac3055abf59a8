//! Addresses, settings and pools: how Postgres is reached.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::error::OpenError;
use crate::pool::Pool;
use crate::role::{self, SERVICE_ROLE};
use crate::session::Readers;
use crate::transaction::Writers;
use crate::{in_time, limits};

/// Where a store's database is and how it is used. Its `Debug` shows no more than the place, for the address may hold a
/// password.
#[derive(Clone)]
pub struct PostgresOptions {
    server: PgConnectOptions,
    readers: u32,
    writers: u32,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    lock_timeout: Duration,
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresOptions").field(&self.place()).finish()
    }
}

/// The address of a database is none. It may hold a password, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("must be such as postgres://user:password@host:5432/database?sslmode=require")]
pub struct InvalidUrl(#[source] sqlx::Error);

impl FromStr for PostgresOptions {
    type Err = InvalidUrl;

    /// From an address such as `postgres://user:password@host:5432/database`, with the parameters that libpq knows
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
        })
    }
}

impl PostgresOptions {
    /// How many statements may read at once, each in its own session; 8 unless told otherwise.
    #[must_use]
    pub fn readers(self, readers: u32) -> Self {
        Self { readers: readers.max(1), ..self }
    }

    /// How many units of work may be open at once, each in its own session; 8 unless told otherwise.
    #[must_use]
    pub fn writers(self, writers: u32) -> Self {
        Self { writers: writers.max(1), ..self }
    }

    /// How long a session is waited for before the store counts as unavailable; half a second unless told otherwise.
    #[must_use]
    pub fn acquire_timeout(self, acquire_timeout: Duration) -> Self {
        Self { acquire_timeout, ..self }
    }

    /// How long one statement may take, waiting for locks included; 2 seconds unless told otherwise.
    #[must_use]
    pub fn statement_timeout(self, statement_timeout: Duration) -> Self {
        Self { statement_timeout, ..self }
    }

    /// How long one lock is waited for; 1.5 seconds unless told otherwise. Less than the server's `deadlock_timeout` (1 second)
    /// would make a timeout of what would else be found to be a deadlock, and tried again.
    #[must_use]
    pub fn lock_timeout(self, lock_timeout: Duration) -> Self {
        Self { lock_timeout, ..self }
    }

    /// How many statements may read at once.
    pub fn reader_count(&self) -> u32 {
        self.readers
    }

    /// How many units of work may be open at once.
    pub fn writer_count(&self) -> u32 {
        self.writers
    }

    /// The server's name or its socket, its port and the database, for messages: without user and password.
    pub fn place(&self) -> String {
        let host = self
            .server
            .get_socket()
            .map_or_else(|| self.server.get_host().to_owned(), |socket| socket.display().to_string());
        let database = self.server.get_database().unwrap_or_else(|| self.server.get_username());
        format!("{host}:{}/{database}", self.server.get_port())
    }

    /// The login's name.
    pub(crate) fn login(&self) -> &str {
        self.server.get_username()
    }

    /// Connects as the login itself, for setting the database up.
    pub(crate) async fn connect(&self) -> Result<PgConnection, OpenError> {
        // Creating an index may take as long as it takes, and an empty value of the server's must not stop it.
        let options = self.server.clone().application_name("loggia").options([("statement_timeout", "0")]);
        options.connect().await.map_err(OpenError::Unreachable)
    }

    /// Connects as the service does.
    pub(crate) async fn connect_as_service(&self) -> Result<PgConnection, OpenError> {
        let refused = |error| role::cannot_be_taken(error, self);
        let mut session = self.service().connect().await.map_err(refused)?;
        role::check_taken(&mut session).await.map_err(refused)?;
        Ok(session)
    }

    /// What all sessions of the service have in common. It is said while connecting, which costs no round trip.
    fn service(&self) -> PgConnectOptions {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        self.server.clone().application_name("loggia").options([
            ("role", SERVICE_ROLE),
            ("row_security", "on"),
            // A statement that reads alone is a transaction too, which must not fail for what others do.
            ("default_transaction_isolation", "read committed"),
            ("statement_timeout", &milliseconds(self.statement_timeout)),
            ("lock_timeout", &milliseconds(self.lock_timeout)),
            ("idle_in_transaction_session_timeout", &milliseconds(limits::IDLE_IN_TRANSACTION_TIMEOUT)),
            // A commit has reached the disk when it returns, whatever the server's own setting.
            ("synchronous_commit", "on"),
            // Statements here are short: compiling one would take longer than running it, and so would planning it anew for each
            // value. Every one of them is made to go by an index whatever the values are.
            ("jit", "off"),
            ("plan_cache_mode", "force_generic_plan"),
        ])
    }

    /// How long an answer of these sessions is waited for.
    fn longest_silence(&self) -> Option<Duration> {
        in_time::longest_silence(self.statement_timeout)
    }

    /// The sessions that read.
    pub(crate) fn reader_pool(&self) -> Readers {
        let options = self.service().options([("default_transaction_read_only", "on")]);
        Readers::new(Pool::new(options, self.readers, self.acquire_timeout, self.longest_silence()))
    }

    /// The sessions that write.
    pub(crate) fn writer_pool(&self) -> Writers {
        Writers::new(Pool::new(self.service(), self.writers, self.acquire_timeout, self.longest_silence()))
    }
}
