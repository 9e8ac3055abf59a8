//! Maps SQLSTATEs to the port's errors.

use loggia_domain::port::StoreError;

/// The SQLSTATEs that are handled here (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
mod code {
    pub(super) const UNIQUE_VIOLATION: &str = "23505";
    pub(super) const SERIALIZATION_FAILURE: &str = "40001";
    pub(super) const DEADLOCK_DETECTED: &str = "40P01";
    pub(super) const FEATURE_NOT_SUPPORTED: &str = "0A000";
    pub(super) const READ_ONLY_TRANSACTION: &str = "25006";
    pub(super) const IDLE_IN_TRANSACTION: &str = "25P03";
    pub(super) const INSUFFICIENT_PRIVILEGE: &str = "42501";
    pub(super) const TOO_MANY_CONNECTIONS: &str = "53300";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    pub(super) const QUERY_CANCELED: &str = "57014";
    pub(super) const CANNOT_CONNECT_NOW: &str = "57P03";
    /// The database was dropped while the session was open.
    pub(super) const DATABASE_DROPPED: &str = "57P04";
    /// Raised by `loggia_recognize`: the caller's key is not live.
    pub(super) const UNKNOWN_KEY: &str = "LG001";
    /// Raised by `loggia_recognize`: the caller has lost a membership since that was looked up.
    pub(super) const LOST_MEMBERSHIP: &str = "LG002";
}

/// Returns the SQLSTATE, or `None` if the error is not the server's.
fn sql_state(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

fn has_state(error: &sqlx::Error, state: &str) -> bool {
    sql_state(error).as_deref() == Some(state)
}

/// Returns `true` if the wait for a lock timed out.
pub(crate) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    has_state(error, code::LOCK_NOT_AVAILABLE)
}

/// Returns `true` if the wait for a lock timed out or was a deadlock.
pub(crate) fn is_lock_conflict(error: &sqlx::Error) -> bool {
    is_lock_timeout(error) || has_state(error, code::DEADLOCK_DETECTED)
}

/// Returns `true` if the role lacks a privilege.
pub(crate) fn is_denied(error: &sqlx::Error) -> bool {
    has_state(error, code::INSUFFICIENT_PRIVILEGE)
}

/// Returns `true` if the schema has changed under a prepared statement of the session.
pub(crate) fn is_stale_plan(error: &sqlx::Error) -> bool {
    has_state(error, code::FEATURE_NOT_SUPPORTED)
}

/// Returns `true` if the session is dead, or the server ends it.
pub(crate) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        other => sql_state(other).is_some_and(|state| {
            // Class 08: connection exception. 57P01, 57P02, 57P03, 57P05: shut down, crashed, starting up, idle for too long.
            state.starts_with("08")
                || (state.starts_with("57P") && state != code::DATABASE_DROPPED)
                || state == code::IDLE_IN_TRANSACTION
        }),
    }
}

/// Returns `true` if the server does not accept sessions yet, or has none free at the moment.
pub(crate) fn is_starting(error: &sqlx::Error) -> bool {
    has_state(error, code::CANNOT_CONNECT_NOW) || has_state(error, code::TOO_MANY_CONNECTIONS)
}

/// Maps the error of a failed statement to the port's.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    if is_broken(&error) {
        return StoreError::Unavailable(Some(error.into()));
    }
    match sql_state(&error).as_deref() {
        // UNIQUE_VIOLATION: the key was free when it was looked up, and a retry finds the concurrent row that took it.
        Some(
            code::SERIALIZATION_FAILURE
            | code::DEADLOCK_DETECTED
            | code::UNIQUE_VIOLATION
            | code::LOST_MEMBERSHIP,
        ) => {
            return StoreError::Contended(Some(error.into()));
        }
        Some(code::UNKNOWN_KEY) => return StoreError::UnknownCaller,
        // The first two are timeouts: an immediate retry would only wait as long again.
        Some(
            code::LOCK_NOT_AVAILABLE
            | code::QUERY_CANCELED
            | code::READ_ONLY_TRANSACTION
            | code::DATABASE_DROPPED,
        ) => {
            return StoreError::Unavailable(Some(error.into()));
        }
        // Class 53: out of disk, memory or connections. Class 58: an error of the server's system or files.
        Some(state) if state.starts_with("53") || state.starts_with("58") => {
            return StoreError::Unavailable(Some(error.into()));
        }
        // XX001 and XX002: a damaged page or index.
        Some("XX001" | "XX002") => return StoreError::Corrupt(error.to_string()),
        _ => {}
    }
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::BeginFailed => {
            StoreError::Unavailable(Some(error.into()))
        }
        // The columns' types are those of the migrations, so another program has changed the schema.
        sqlx::Error::ColumnDecode { .. } => StoreError::Corrupt(error.to_string()),
        other => StoreError::Failed(other.into()),
    }
}

/// Maps the error of a failed commit. Only errors other than [`StoreError::OutcomeUnknown`] mean that nothing was written.
pub(crate) fn commit_error(error: sqlx::Error) -> StoreError {
    // An error of the server means that it refused the commit: a deferred constraint, or a serialization failure. A session that ended
    // may have ended before or after the commit record was written.
    let refused =
        error.as_database_error().is_some() && !is_broken(&error) && !has_state(&error, code::QUERY_CANCELED);
    if refused { store_error(error) } else { StoreError::OutcomeUnknown(Some(error.into())) }
}
