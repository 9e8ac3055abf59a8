//! Errors of creating databases.

/// A database could not be created.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The server could not be reached, or returned an error.
    #[error("{during}: {source}")]
    Server {
        /// The operation that failed.
        during: &'static str,
        /// The error of the connection or the server.
        source: sqlx::Error,
    },
    /// The caller's preparation of the template failed.
    #[error("preparing the template database: {0}")]
    Prepare(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The janitor's thread could not be started.
    #[error("starting a thread: {0}")]
    Thread(#[source] std::io::Error),
}

impl DatabaseError {
    pub(super) fn during(during: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Server { during, source }
    }
}
