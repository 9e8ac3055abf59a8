//! Timeouts and sizes of a store. [`PostgresOptions`](crate::PostgresOptions) changes some of them; `docs/limits.md` lists them all.

use std::time::Duration;

/// The number of statements that may read at once, each in its own session.
pub const READERS: u32 = 8;
/// The number of units of work that may be open at once, each in its own session.
pub const WRITERS: u32 = 8;
/// The longest time that a call waits for a session.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
/// The longest time that a statement waits for a lock. Longer than the server's `deadlock_timeout` (1 second), see
/// [`crate::PostgresOptions::lock_timeout`].
pub const LOCK_TIMEOUT: Duration = Duration::from_millis(1_500);
/// The longest time that a statement may take, including its wait for locks.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(2);
/// The time that the client allows beyond the statement timeout, for request and response to travel. A later response is given up.
pub const ON_THE_WAY: Duration = Duration::from_secs(1);
/// The longest time that a transaction may be idle: a unit of work does nothing outside the store, so an idle one was forgotten.
pub const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);
