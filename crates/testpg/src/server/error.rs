//! Errors of starting and stopping servers.

use std::io;

use crate::NotFound;

/// A server could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No usable Postgres was found.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// An operation of the system failed.
    #[error("{what}: {source}")]
    Io {
        /// The operation that failed.
        what: String,
        /// The error of the system.
        source: io::Error,
    },
    /// The data directory could not be created.
    #[error("initdb failed:\n{output}")]
    Initdb {
        /// The output of `initdb`.
        output: String,
    },
    /// The server did not start to accept connections.
    #[error("postgres did not start:\n{log}")]
    DidNotStart {
        /// The end of its log.
        log: String,
    },
    /// The server did not end in time, and was killed.
    #[error("postgres {pid} did not stop in time")]
    DidNotStop {
        /// The postmaster's process id.
        pid: u32,
    },
}

impl ServerError {
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
