//! The errors of calls.

use std::time::Duration;

use crate::problem::{Problem, ProblemCode};
use crate::value::{ETag, IdempotencyKey};

/// The error of a call.
///
/// | error | what to do |
/// |---|---|
/// | [`Problem`](Self::Problem) | match on [`code`](Self::code); the request had no effect |
/// | [`Stale`](Self::Stale) | read the record again, decide again |
/// | [`OutcomeUnknown`](Self::OutcomeUnknown) | find out whether the change was made, or send it again with the same key |
/// | [`Unreachable`](Self::Unreachable), [`Interrupted`](Self::Interrupted), [`TimedOut`](Self::TimedOut) | try later; the request had no effect |
/// | all others | correct the settings of the client or of the network |
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service refused the request, and nothing was changed.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The record has another version than the one that the change was made for (412). Nothing was changed.
    #[error("the record has changed: {problem}")]
    Stale {
        /// The current version, if the service revealed it.
        current: Option<ETag>,
        /// The refusal.
        problem: Box<Problem>,
    },
    /// The change may have been made, or not: an attempt got no clear response, and no later one settled it.
    #[error("it is unknown whether the change was made: {last}")]
    OutcomeUnknown {
        /// The key of the request. [`Client::with_idempotency_key`](crate::Client::with_idempotency_key) sends the same request again
        /// without a second effect. `None` for a deletion, which needs no key.
        idempotency_key: Option<IdempotencyKey>,
        /// The error of the last attempt.
        #[source]
        last: Box<Error>,
    },
    /// No connection to the server.
    #[error("the server cannot be reached")]
    Unreachable(#[source] Cause),
    /// The connection broke before the whole response had arrived.
    #[error("the connection was interrupted")]
    Interrupted(#[source] Cause),
    /// The response did not arrive in time.
    #[error("no response arrived in time")]
    TimedOut,
    /// The response is not one of Loggia's: of a proxy, or of another server.
    #[error("not a response of Loggia: status {status}, {reason}; it begins with {excerpt:?}")]
    UnexpectedResponse {
        /// The HTTP status.
        status: u16,
        /// The part of the response that is unexpected.
        reason: String,
        /// The beginning of the body: at most 200 characters, none of a response that has a secret.
        excerpt: String,
        /// The time to wait before another request, if the response has `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The server redirects. The client follows no redirect, since it would carry the API key elsewhere.
    #[error(
        "the server redirects to {location:?} (status {status}); use that as the base URL if you trust it"
    )]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The `Location` of the response.
        location: String,
    },
    /// The body of the response is larger than the client reads.
    #[error("the response has more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A link to another page leads to another origin, to which the client sends nothing.
    #[error("the link to the next page leads to another origin: {link}")]
    ForeignLink {
        /// The link.
        link: String,
    },
    /// A setting of the client is not valid.
    #[error("{0}")]
    Settings(String),
}

/// The cause of an error, whose type belongs to the HTTP library and may change.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Returns the problem that the service described, also one behind an unknown outcome.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) | Self::Stale { problem, .. } => Some(problem),
            Self::OutcomeUnknown { last, .. } => last.problem(),
            _ => None,
        }
    }

    /// Returns the code of that problem.
    pub fn code(&self) -> Option<&ProblemCode> {
        self.problem().map(|problem| &problem.code)
    }

    /// Returns how long the server asked to wait before another request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::UnexpectedResponse { retry_after, .. } => *retry_after,
            _ => self.problem().and_then(|problem| problem.retry_after),
        }
    }
}
