//! The sessions of the pool that writes, and the transactions in them.

use loggia_domain::port::StoreError;
use sqlx::raw_sql;

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
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move {
            let mut failures = 0;
            loop {
                let mut pooled = pool.take().await?;
                pooled.opens_transaction();
                // What the server or the login has as its default must not matter.
                let begin = raw_sql("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
                match begin.execute(pooled.connection()).await {
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

/// A session in which a transaction is open. Where it is dropped, the transaction is undone before the session is used again.
pub(crate) struct Transaction {
    pooled: Pooled,
}

impl Transaction {
    /// Commits it. Where that goes through nothing is open any more, and the session needs no second look.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        raw_sql("COMMIT").execute(self.pooled.connection()).await?;
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
