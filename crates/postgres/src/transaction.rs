//! The sessions of the pool that writes, and the transactions in them.

use loggia_domain::id::{KeyId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::key::Caller;
use loggia_domain::port::StoreError;
use sqlx::{AssertSqlSafe, raw_sql};
use uuid::Uuid;

use crate::error::{is_broken, store_error};
use crate::in_time::InTime;
use crate::pool::{Pool, Pooled};
use crate::session::SchemaChange;

/// The sessions that write.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    pub(crate) pool: Pool,
}

impl Writers {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Takes a session and opens a transaction in it, of the next session if that one is dead.
    ///
    /// It runs in a task of its own: who drops this future drops only the wish to hear of it. The transaction is then
    /// opened all the same, and undone.
    ///
    /// With a caller, it is judged in the same round trip whether they are known.
    pub(crate) async fn begin(&self, caller: Option<Recognition>) -> Result<Transaction, StoreError> {
        // What the server or the login has as its default must not matter.
        let mut begin = String::from("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        if let Some(caller) = &caller {
            begin = format!("{begin}; {}", caller.statement(&[], false));
        }
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move {
            let mut failures = 0;
            loop {
                let mut pooled = pool.take().await?;
                pooled.opens_transaction();
                match raw_sql(AssertSqlSafe(begin.as_str())).execute(pooled.connection()).await {
                    Ok(_) => return Ok(Transaction { pooled }),
                    Err(error) if is_broken(&error) && failures <= pool.size() => {
                        pooled.is_lost();
                        failures += 1;
                    }
                    Err(error) => return Err(store_error(error)),
                }
            }
        });
        begun.await.unwrap_or_else(|_| Err(store_error(sqlx::Error::WorkerCrashed)))
    }

    /// Waits for what is under way and closes them.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whom a transaction is for, as it is judged at its beginning and at its end.
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

    /// Returns `true` if it is for that user.
    pub(crate) fn is_of(&self, user: UserId) -> bool {
        self.caller == user
    }

    /// The statement that fails if the caller is not known, see `loggia_recognize` in migration 0014. It is sent together with another
    /// one, so it has no parameters; ids and numbers need no quoting.
    fn statement(&self, scopes: &[Uuid], is_last: bool) -> String {
        let Self { caller, key, now } = self;
        let caller = caller.as_uuid();
        let key = key.map_or_else(|| "NULL".to_owned(), |key| format!("'{}'", key.as_uuid()));
        let scopes: Vec<String> = scopes.iter().map(Uuid::to_string).collect();
        let (scopes, moment) = (scopes.join(","), now.micros());
        format!("SELECT loggia_recognize('{caller}', {key}, {moment}, '{{{scopes}}}', {is_last})")
    }
}

/// A session in which a transaction is open. Where it is dropped, the transaction is undone before the session is used again.
pub(crate) struct Transaction {
    pooled: Pooled,
}

impl Transaction {
    /// Commits it, if the caller is still known and an active member of these scopes: in one round trip, so that what was judged
    /// holds. Where that goes through nothing is open any more, and the session needs no second look.
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
        self.pooled.rests();
        Ok(())
    }

    /// The connection, for the next statement.
    pub(crate) fn connection(&mut self) -> InTime<'_> {
        self.pooled.connection()
    }

    /// When the schema was found to have changed.
    pub(crate) fn schema(&self) -> &SchemaChange {
        self.pooled.schema()
    }
}
