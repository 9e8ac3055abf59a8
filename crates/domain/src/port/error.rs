//! The failures of stores.

use std::error::Error;

use crate::literal::literals;

literals! {
    /// A part of a store that only some hosts use, see [the list](super#core-and-capabilities).
    Capability {
        /// API keys.
        Keys = "API keys",
        /// Stored responses, by which a request is executed once.
        StoredResponses = "idempotency keys",
        /// Invitations.
        Invitations = "invitations",
        /// The operator's deletion of an organization.
        Deletion = "deletion of organizations",
        /// The secret and the first start of an instance.
        Instance = "an instance's secret and first start",
    }
}

/// The reason why the store did not do an operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A concurrent transaction conflicted with this one; nothing was written. A retry may succeed at once or a little later.
    #[error("the store is contended")]
    Contended(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The store cannot be reached, has no room, or did not become free in time; nothing was written. An immediate retry will not help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The connection broke during the commit: the work may or may not have been written.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// The caller's key was revoked or has expired since it was authenticated, or the caller's user does not exist or not any more; nothing
    /// was written.
    #[error("the caller is no longer valid")]
    UnknownCaller,
    /// A stored row breaks a rule of the domain; the text names the row.
    #[error("the store holds a corrupt row: {0}")]
    Corrupt(String),
    /// The store lacks a capability that the operation needs; nothing was written.
    #[error("the store does not support {0}")]
    Unsupported(Capability),
    /// Any other failure: a bug, or a store that is not set up correctly.
    #[error("the store failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}
