//! Locks during a migration: the one that excludes other migrating processes, and attempts at those that the service holds.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::sessions::open_error::OpenError;

/// The number of the advisory lock that a migrating process holds in the database: the bytes of "loggia".
pub(crate) const LOCK: i64 = 0x6c6f_6767_6961;

/// The longest time that a process waits for others that migrate.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The pause between two attempts.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The number of attempts at a migration if its locks time out because the service is in use.
pub(crate) const TRIES: u32 = 5;

/// Waits until no other process migrates.
///
/// sqlx would call `pg_advisory_lock`, but a statement that waits holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for the end of
/// all snapshots: the two would deadlock.
pub(crate) async fn exclude_others(connection: &mut PgConnection) -> Result<(), OpenError> {
    let started = Instant::now();
    loop {
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await
            .map_err(OpenError::Unreachable)?;
        if taken {
            return Ok(());
        }
        if started.elapsed() > TIMEOUT {
            return Err(OpenError::Busy);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
