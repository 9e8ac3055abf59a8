//! Tests of the mapping from SQLSTATEs to the port's errors.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use loggia_domain::port::StoreError;
use sqlx::error::{DatabaseError, ErrorKind};

use crate::error::{commit_error, store_error};

/// A server error with this SQLSTATE.
#[derive(Debug, thiserror::Error)]
#[error("SQLSTATE {0}")]
struct State(&'static str);

impl DatabaseError for State {
    fn message(&self) -> &str {
        "it failed"
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.0.into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

fn failure(state: &'static str) -> sqlx::Error {
    sqlx::Error::Database(Box::new(State(state)))
}

fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Contended(_) => "contended",
        StoreError::Unavailable(_) => "unavailable",
        StoreError::OutcomeUnknown(_) => "unknown",
        StoreError::UnknownCaller => "unknown caller",
        StoreError::Unsupported(_) => "unsupported",
        StoreError::Corrupt(_) => "corrupt",
        StoreError::Failed(_) => "failed",
    }
}

#[test]
fn each_sqlstate_maps_to_a_store_error_for_statements_and_commits() {
    for (state, statement, commit, what) in [
        ("LG001", "unknown caller", "unknown caller", "the caller's key is not live"),
        ("LG002", "contended", "contended", "the caller has lost a membership"),
        ("40001", "contended", "contended", "could not be put in an order"),
        ("40P01", "contended", "contended", "a deadlock"),
        ("23505", "contended", "contended", "a key that was taken meanwhile"),
        ("23503", "failed", "failed", "a foreign key"),
        ("23514", "failed", "failed", "a check"),
        ("22021", "failed", "failed", "no text"),
        ("42501", "failed", "failed", "no right to it, or row-level security"),
        ("42P01", "failed", "failed", "no such table"),
        ("25P02", "failed", "failed", "after a statement that failed"),
        ("55P03", "unavailable", "unavailable", "a lock timeout"),
        ("57014", "unavailable", "unknown", "it took too long"),
        ("25006", "unavailable", "unavailable", "a standby, or a disk that became read-only"),
        ("25P03", "unavailable", "unknown", "idle in a transaction for too long, so the session was ended"),
        ("53100", "unavailable", "unavailable", "a full disk"),
        ("53200", "unavailable", "unavailable", "no memory"),
        ("53300", "unavailable", "unavailable", "no connection left"),
        ("58030", "unavailable", "unavailable", "its files fail it"),
        ("08006", "unavailable", "unknown", "the connection broke"),
        ("57P01", "unavailable", "unknown", "the server stops"),
        ("57P02", "unavailable", "unknown", "the server crashed"),
        ("57P03", "unavailable", "unknown", "the server starts"),
        ("57P05", "unavailable", "unknown", "idle for too long"),
        ("57P04", "unavailable", "unavailable", "the database was dropped"),
        ("XX001", "corrupt", "corrupt", "a damaged page"),
        ("XX002", "corrupt", "corrupt", "a damaged index"),
        ("XX000", "failed", "failed", "a bug of the server"),
    ] {
        assert_eq!(kind(&store_error(failure(state))), statement, "{state} of a statement: {what}");
        assert_eq!(kind(&commit_error(failure(state))), commit, "{state} of a commit: {what}");
    }
}

#[test]
fn errors_without_a_sqlstate_map_to_store_errors() {
    let broken: [fn() -> sqlx::Error; 3] = [
        || sqlx::Error::Io(io::Error::other("reset")),
        || sqlx::Error::Protocol("half a message".into()),
        || sqlx::Error::WorkerCrashed,
    ];
    for error in broken {
        assert_eq!(kind(&store_error(error())), "unavailable", "{}", error());
        assert_eq!(kind(&commit_error(error())), "unknown", "{}", error());
    }
    for error in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed, sqlx::Error::BeginFailed] {
        assert_eq!(kind(&store_error(error)), "unavailable");
    }
    assert_eq!(kind(&store_error(sqlx::Error::RowNotFound)), "failed");
}
