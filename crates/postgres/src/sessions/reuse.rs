//! Checks whether a used session can be used again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgExecutor;
use sqlx::raw_sql;

/// Returns `true` if a session can be used again: it responds, and has no open transaction.
///
/// sqlx 0.9.0 leaves a transaction open, without noticing, if its `begin` is cancelled
/// (<https://github.com/launchbadge/sqlx/issues/4393>). `Writers::begin` cannot be cancelled; this check is for other operations that were
/// dropped half-way. In a transaction, `now()` is the time when it began. The check needs the simple protocol, which prepares nothing that
/// could begin a transaction before the statement.
pub(crate) async fn is_clean(connection: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    use sqlx::Row;
    let row = connection.fetch_one(raw_sql("SELECT now() = statement_timestamp()")).await?;
    row.try_get(0)
}

/// The time of the last known change of the schema. Older sessions may have prepared statements that do not fit the schema any more. They
/// are closed instead of used again, so that a retry gets a new one.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaChange(Arc<Mutex<Option<Instant>>>);

impl SchemaChange {
    /// Records that the schema has changed before now.
    pub(crate) fn noticed(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Returns `true` if a session of this age was opened after the last change.
    pub(crate) fn fits(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| age < at.elapsed())
    }
}
