//! The sessions of the pool that writes, and the transactions in them.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;
use loggia_domain::port::StoreError;
use loggia_observe::Observed;
use sqlx::{AssertSqlSafe, raw_sql};
use uuid::Uuid;

use crate::error::{is_broken, store_error};
use crate::sessions::in_time::InTime;
use crate::sessions::pool::{Pool, Pooled};
use crate::sessions::reuse::SchemaChange;

/// The sessions that write.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    pub(crate) pool: Pool,
}

impl Writers {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Takes a session and opens a transaction in it. If the session is dead, the next one is taken.
    ///
    /// A task of its own does this, so that dropping this future does not cancel it: the transaction is opened all the same, and rolled
    /// back.
    ///
    /// The round trip also checks the caller, if there is one.
    pub(crate) async fn begin(&self, caller: Option<Recognition>) -> Result<Transaction, StoreError> {
        // The defaults of the server and of the login must not matter.
        let mut begin = String::from("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if let Some(caller) = &caller {
            begin = format!("{begin}; {}", caller.statement(&[], false));
        }
        let pool = self.pool.clone();
        let begun = tokio::spawn(Observed::current(async move {
            let mut failures = 0;
            loop {
                let mut pooled = pool.take().await?;
                pooled.mark_in_transaction();
                match raw_sql(AssertSqlSafe(begin.as_str())).execute(pooled.connection()).await {
                    Ok(_) => return Ok(Transaction { pooled }),
                    Err(error) if is_broken(&error) && failures <= pool.size() => {
                        pooled.mark_broken();
                        failures += 1;
                    }
                    Err(error) => return Err(store_error(error)),
                }
            }
        }));
        begun.await.unwrap_or_else(|_| Err(store_error(sqlx::Error::WorkerCrashed)))
    }

    /// Waits for transactions in flight and closes the sessions.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The caller of a transaction, who is checked at its beginning and at its commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recognition {
    caller: UserId,
    key: Option<KeyId>,
    now: Timestamp,
}

impl Recognition {
    pub(crate) fn new(caller: &Caller, now: Timestamp) -> Self {
        Self { caller: caller.user, key: caller.key, now }
    }

    /// Returns `true` if the caller is `user`.
    pub(crate) fn is_of(&self, user: UserId) -> bool {
        self.caller == user
    }

    /// Returns the statement that fails if the caller's key is not live, or if a membership in one of the scopes was lost; see
    /// `loggia_recognize` in migration `api_keys`. It is sent together with another statement, so it has no parameters; ids and numbers
    /// need no quoting.
    fn statement(&self, scopes: &[Uuid], is_last: bool) -> String {
        let Self { caller, key, now } = self;
        let caller = caller.as_uuid();
        let key = key.map_or_else(|| "NULL".to_owned(), |key| format!("'{}'", key.as_uuid()));
        let scopes: Vec<String> = scopes.iter().map(Uuid::to_string).collect();
        let (scopes, moment) = (scopes.join(","), now.micros());
        format!("SELECT loggia_recognize('{caller}', {key}, {moment}, '{{{scopes}}}', {is_last})")
    }
}

/// A session with an open transaction. If this is dropped, the transaction is rolled back before the session is used again.
pub(crate) struct Transaction {
    pooled: Pooled,
}

impl Transaction {
    /// Commits, if the caller's key is still live and the caller an active member of these scopes. One round trip does both, so that the
    /// result of the check still holds. After success no transaction is open, and the session needs no check.
    pub(crate) async fn commit(
        mut self,
        caller: Option<Recognition>,
        scopes: &[Uuid],
    ) -> Result<(), sqlx::Error> {
        let commit = match caller {
            None => String::from("COMMIT"),
            Some(caller) => format!("{}; COMMIT", caller.statement(scopes, true)),
        };
        raw_sql(AssertSqlSafe(commit)).execute(self.pooled.connection()).await?;
        self.pooled.mark_idle();
        Ok(())
    }

    /// Returns the connection, for the next statement.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        self.pooled.connection()
    }

    /// Returns what is known of changes of the schema.
    pub(crate) fn schema(&self) -> &SchemaChange {
        self.pooled.schema()
    }
}
