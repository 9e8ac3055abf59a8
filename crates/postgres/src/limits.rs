//! What a store does not wait for longer than, unless told otherwise; `docs/limits.md` tells all of it.

use std::time::Duration;

/// Statements that read at once, each in its own session.
pub const READERS: u32 = 8;
/// Units of work at once, each in its own session.
pub const WRITERS: u32 = 8;
/// The wait for a session.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
/// The wait for a lock. Longer than the server's `deadlock_timeout` (1 second), see [`crate::PostgresOptions::lock_timeout`].
pub const LOCK_TIMEOUT: Duration = Duration::from_millis(1_500);
/// A statement, its waiting for locks included.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(2);
/// How much longer than that an answer is waited for, for it and the question have to travel. What is not there by then will never be.
pub const ON_THE_WAY: Duration = Duration::from_secs(1);
/// A transaction in which nothing happens: nothing outside the store is done within a unit of work, so it was forgotten.
pub const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);
