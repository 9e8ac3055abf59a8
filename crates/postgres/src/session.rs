//! The sessions of the pools, as statements use them.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use loggia_domain::port::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::door::Door;
use crate::error::{is_broken, is_stale_plan, store_error};

/// Whether a session can be used again: it answers, and no transaction was left open.
///
/// sqlx 0.9.0 leaves one behind when its `begin` is cancelled, and does not know of it
/// (<https://github.com/launchbadge/sqlx/issues/4393>). [`Writers::begin`] cannot be cancelled; this is for the day when
/// something else can. In a transaction, `now()` is when that began. It must be the simple protocol, in which nothing is
/// prepared that could begin a transaction before the statement.
pub(crate) async fn is_clean(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    use sqlx::{Executor, Row};
    let row = connection.fetch_one(sqlx::raw_sql("SELECT now() = statement_timestamp()")).await?;
    row.try_get(0)
}

/// When the schema was last found to have changed. Sessions that are older may have statements prepared that do not fit any
/// more, each of them; they are closed instead of being used again, so that the next try meets a new one.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaChange(Arc<Mutex<Option<Instant>>>);

impl SchemaChange {
    /// It has changed before now.
    pub(crate) fn noticed(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a session of that age was opened since.
    pub(crate) fn fits(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| age < at.elapsed())
    }
}

/// The sessions that read: each statement is a transaction of its own, in which nothing can be written.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pub(crate) pool: PgPool,
    size: u32,
    schema: SchemaChange,
}

impl Readers {
    pub(crate) fn new(pool: PgPool, size: u32, schema: SchemaChange) -> Self {
        Self { pool, size, schema }
    }

    /// Takes a session and opens the door in it. Nothing was asked of it yet, so if it turns out to be dead, as all of them are
    /// after the server was started anew, the next one is taken.
    pub(crate) async fn enter(&self, door: &Door) -> Result<Session, StoreError> {
        let mut failures = 0;
        loop {
            let mut connection = self.pool.acquire().await.map_err(store_error)?;
            match door.enter(&mut connection, false).await {
                Ok(_) => return Ok(Session { connection, schema: self.schema.clone() }),
                Err(error) if (is_broken(&error) || is_stale_plan(&error)) && failures <= self.size => {
                    connection.close_on_drop();
                    failures += 1;
                }
                Err(error) => return Err(store_error(error)),
            }
        }
    }

    /// Closes them.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A session in which one statement is run.
pub(crate) struct Session {
    connection: PoolConnection<Postgres>,
    schema: SchemaChange,
}

impl Session {
    /// What a failed statement means to the domain. If the schema has changed under what the session had prepared, it is given
    /// up, and the statement may be tried again.
    pub(crate) fn failure(&mut self, error: sqlx::Error) -> StoreError {
        if is_stale_plan(&error) {
            self.connection.close_on_drop();
            self.schema.noticed();
            return StoreError::Contended(Some(error.into()));
        }
        store_error(error)
    }
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// The sessions that write.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    pub(crate) pool: PgPool,
    size: u32,
    pub(crate) schema: SchemaChange,
}

impl Writers {
    pub(crate) fn new(pool: PgPool, size: u32, schema: SchemaChange) -> Self {
        Self { pool, size, schema }
    }

    /// Takes a session and opens a transaction in it, of the next session if that one is dead.
    ///
    /// It runs in a task of its own: who drops this future drops only the wish to hear of it. The transaction is then
    /// opened all the same, and undone.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let (pool, size) = (self.pool.clone(), self.size);
        let begun = tokio::spawn(async move {
            let mut failures = 0;
            loop {
                // What the server or the login has as its default must not matter.
                match pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await {
                    Err(error) if is_broken(&error) && failures <= size => failures += 1,
                    outcome => return outcome,
                }
            }
        });
        begun.await.unwrap_or_else(|_| Err(sqlx::Error::WorkerCrashed))
    }

    /// Waits for what is under way and closes them.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
