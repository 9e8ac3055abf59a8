//! Why a server could not be had.

use std::io;

use crate::NotFound;

/// Why a server could not be started, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// There is no Postgres to start.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The machine refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What it said.
        source: io::Error,
    },
    /// The data directory could not be made.
    #[error("initdb failed:\n{output}")]
    Initdb {
        /// What it printed.
        output: String,
    },
    /// The server did not come to accept connections.
    #[error("postgres did not start:\n{log}")]
    DidNotStart {
        /// The end of its log.
        log: String,
    },
    /// The server did not go, and was killed.
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
