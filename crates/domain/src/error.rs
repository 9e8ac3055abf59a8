//! The kinds of all errors of this crate, by which a host decides what to do.
//!
//! Each error type says precisely what was refused. A host that needs no such detail implements one conversion for all of them:
//!
//! ```
//! use loggia_domain::error::{DomainError, ErrorKind};
//!
//! /// The error of a handler: a status of HTTP and a message.
//! struct Problem(u16, String);
//!
//! impl<E: DomainError> From<E> for Problem {
//!     fn from(error: E) -> Self {
//!         let status = match error.kind() {
//!             ErrorKind::Invalid => 400,
//!             ErrorKind::Unauthenticated => 401,
//!             ErrorKind::Denied => 403,
//!             ErrorKind::NotFound => 404,
//!             ErrorKind::Conflict | ErrorKind::LimitReached => 409,
//!             ErrorKind::Stale => 412,
//!             ErrorKind::Contended | ErrorKind::Unavailable | ErrorKind::OutcomeUnknown => 503,
//!             ErrorKind::Unsupported => 501,
//!             // The cause is for the log and not for the client.
//!             ErrorKind::Broken => return Self(500, "internal error".to_owned()),
//!         };
//!         Self(status, error.to_string())
//!     }
//! }
//!
//! # use loggia_domain::{id::ProjectId, service::Acting, text::ProjectName};
//! async fn rename(ada: Acting, id: &str, name: &str) -> Result<(), Problem> {
//!     let name = Some(ProjectName::parse(name)?);
//!     let patch = loggia_domain::project::ProjectPatch { name, ..Default::default() };
//!     ada.update_project(ProjectId::parse(id)?, patch).await?;
//!     Ok(())
//! }
//! ```

use crate::id::InvalidId;
use crate::instant::{InvalidTimestamp, StartAfterEnd};
use crate::invitation::{InvitedProjectsError, MalformedToken};
use crate::key::{BeyondMaker, KeyNotLive, MalformedKey};
use crate::literal::{UnknownLiteral, literals};
use crate::once::MalformedIdempotencyKey;
use crate::organization::LastAdmin;
use crate::policy::{Denied, Forbidden};
use crate::port::StoreError;
use crate::range::OutOfRange;
use crate::revision::Stale;
use crate::roster::{BatchError, RemovalRefused};
use crate::space::InvalidStrength;
use crate::task::{InvalidOutlineNumber, OutlineTooGreat};
use crate::text::TextError;
use crate::user::MemberRefused;

literals! {
    /// The kind of an error, by which a host decides what to do about it.
    ///
    /// The set is closed, so that a host matches all of it: a further kind needs a decision of every host. Except for
    /// [`OutcomeUnknown`](Self::OutcomeUnknown), nothing was written.
    ErrorKind {
        /// A value of the call breaks a rule by itself, or does not fit the record that the call is about. HTTP: 400 or 422. The caller
        /// corrects the call; repeating it does not help.
        Invalid = "invalid",
        /// The caller is nobody that the instance knows, or not any more: a key that is wrong, revoked or expired, or an unknown user.
        /// HTTP: 401. The caller signs in again.
        Unauthenticated = "unauthenticated",
        /// The caller may not do this. HTTP: 403. Repeating the call does not help until someone grants a role or issues another key.
        Denied = "denied",
        /// The record does not exist, or the caller may not see it; a host must not let a caller distinguish the two. HTTP: 404. Repeating
        /// the call does not help.
        NotFound = "not_found",
        /// The call does not fit the present state of other records: a name that is taken, the last admin, a member who is one already.
        /// HTTP: 409. The caller looks at the state and decides anew.
        Conflict = "conflict",
        /// The user has as many records of a kind as the instance allows, see [`UserLimits`](crate::service::UserLimits). HTTP: 409. The
        /// caller removes one first, or asks the operator.
        LimitReached = "limit_reached",
        /// The record has changed since the caller read it, see [`Acting::expecting`](crate::service::Acting::expecting). HTTP: 412. The
        /// caller reads the record again, applies the change to what it is now, and repeats the call with the new revision.
        Stale = "stale",
        /// Concurrent transactions conflicted with each of the attempts at this call, which the use case has repeated by itself. HTTP:
        /// 503 with `Retry-After`. The same call may succeed after a short and random wait.
        Contended = "contended",
        /// The store cannot be reached or has no room. HTTP: 503 with `Retry-After`. The same call may succeed once the store is back, so
        /// wait longer from one attempt to the next.
        Unavailable = "unavailable",
        /// The connection to the store broke during the commit, so the change may or may not have been written. HTTP: 503. Under a claim,
        /// see [`Loggia::once`](crate::service::Loggia::once), the same call is repeated safely; without one, look first.
        OutcomeUnknown = "outcome_unknown",
        /// The store lacks a [capability](crate::port#core-and-capabilities) that the call needs. HTTP: 501. Repeating the call does not
        /// help; the host does not offer it on this store.
        Unsupported = "unsupported",
        /// A bug, a corrupt row, or a store that is not set up correctly. HTTP: 500, without the cause. Log the error with its
        /// [sources](std::error::Error::source) and call someone; repeating the call does not help.
        Broken = "broken",
    }
}

impl ErrorKind {
    /// Returns `true` if the same call may succeed later without anyone having changed anything.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Contended | Self::Unavailable)
    }
}

/// An error of this crate.
///
/// Every error of a use case implements it, and so does every error of parsing a value. A host may implement it for errors of its own.
pub trait DomainError: std::error::Error + Send + Sync + 'static {
    /// Returns the kind of the error.
    fn kind(&self) -> ErrorKind;
}

macro_rules! kinds {
    ($($error:ty => $kind:ident),+ $(,)?) => {$(
        impl DomainError for $error {
            fn kind(&self) -> ErrorKind {
                ErrorKind::$kind
            }
        }
    )+};
}

kinds! {
    InvalidId => Invalid,
    InvalidTimestamp => Invalid,
    StartAfterEnd => Invalid,
    UnknownLiteral => Invalid,
    OutOfRange => Invalid,
    TextError => Invalid,
    InvalidStrength => Invalid,
    InvalidOutlineNumber => Invalid,
    OutlineTooGreat => Invalid,
    BatchError => Invalid,
    InvitedProjectsError => Invalid,
    MalformedIdempotencyKey => Invalid,
    // A malformed secret gets the response of one that opens nothing.
    MalformedKey => Unauthenticated,
    MalformedToken => NotFound,
    Forbidden => Denied,
    LastAdmin => Conflict,
    KeyNotLive => Conflict,
    Stale => Stale,
}

impl DomainError for Denied {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Hidden => ErrorKind::NotFound,
            Self::Forbidden(forbidden) => forbidden.kind(),
        }
    }
}

impl DomainError for RemovalRefused {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAMember => ErrorKind::NotFound,
            Self::Oneself | Self::RosterAdmin | Self::ScopeAdmin => ErrorKind::Conflict,
        }
    }
}

impl DomainError for MemberRefused {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::LastAdmin(last) => last.kind(),
            Self::BelongsToAccount => ErrorKind::Denied,
            Self::NoAddress => ErrorKind::Invalid,
            Self::Erased => ErrorKind::Conflict,
        }
    }
}

impl DomainError for BeyondMaker {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::End(_) => ErrorKind::Invalid,
            Self::Ancestor => ErrorKind::Denied,
        }
    }
}

impl DomainError for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Contended(_) => ErrorKind::Contended,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::OutcomeUnknown(_) => ErrorKind::OutcomeUnknown,
            Self::UnknownCaller => ErrorKind::Unauthenticated,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::Corrupt(_) | Self::Failed(_) => ErrorKind::Broken,
        }
    }
}
