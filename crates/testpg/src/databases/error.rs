//! Why a database could not be had.

/// Why a database could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The server could not be reached, or refused.
    #[error("{during}: {source}")]
    Server {
        /// What was tried.
        during: &'static str,
        /// What it said.
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
