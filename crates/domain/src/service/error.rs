//! What can come of a use case instead of success: one enum for each family, each variant a different answer.

use crate::id::{OrganizationId, UserId};
use crate::instant::StartAfterEnd;
use crate::key::{BeyondMaker, KeyNotLive};
use crate::organization::LastAdmin;
use crate::policy::{Denied, Forbidden};
use crate::port::StoreError;
use crate::revision::Stale;
use crate::roster::RemovalRefused;
use crate::task::OutlineTooGreat;

/// Of a use case about spaces.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The project to point at is in no way there for the caller in the space's scope.
    #[error("there is no such project in this scope")]
    UnknownProject,
    /// The record is at another revision than those that were expected, see [`super::Loggia::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a use case about projects.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The dates, as they would be together, are out of order.
    #[error(transparent)]
    Dates(#[from] StartAfterEnd),
    /// The record is at another revision than those that were expected, see [`super::Loggia::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a use case about rosters.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person is no member of the scope, or no active one where one is needed.
    #[error("there is no such person in this scope")]
    UserNotFound {
        /// The person's place in the list of the call, from 0.
        index: usize,
    },
    /// The person is on the roster already.
    #[error("the person is already a member of this project")]
    AlreadyAMember {
        /// The person's place in the list of the call, from 0.
        index: usize,
    },
    /// The person is not on the roster whose place shall change.
    #[error("the person is not a member of this project")]
    NotOnRoster,
    /// The person may not be removed.
    #[error(transparent)]
    Removal(#[from] RemovalRefused),
    /// The roster would be left without an admin.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a use case about tasks.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The assignee is no member of the scope.
    #[error("there is no such person in this scope")]
    UserNotFound,
    /// The assignee is a member of the scope and not on the roster.
    #[error("the assignee must be a member of the project")]
    AssigneeNotOnRoster,
    /// Another task of the project has that place in the outline.
    #[error("another task of this project has this number")]
    OutlineTaken,
    /// The place that was chosen has too great a number.
    #[error(transparent)]
    OutlineTooGreat(#[from] OutlineTooGreat),
    /// Every number at the top level was given or chosen before.
    #[error("this project has no further top-level number; choose one that is free")]
    OutlineExhausted,
    /// The dates, as they would be together, are out of order.
    #[error(transparent)]
    Dates(#[from] StartAfterEnd),
    /// The record is at another revision than those that were expected, see [`super::Loggia::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a use case about organizations and their members.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person is no member of the organization.
    #[error("there is no such person in this organization")]
    UserNotFound,
    /// The person has a place in the organization already, and access to it.
    #[error("the person is already a member of this organization")]
    AlreadyAMember {
        /// The person's place in the list of the call, from 0; 0 where the call is about one person.
        index: usize,
    },
    /// The person has a place in the organization already, without access: it is given back by changing that place.
    #[error(
        "the person is already a member of this organization, and inactive; set them active to give access again"
    )]
    InactiveMember {
        /// The person's place in the list of the call, from 0; 0 where the call is about one person.
        index: usize,
        /// The organization.
        organization: OrganizationId,
        /// The person.
        user: UserId,
    },
    /// Another member has that username.
    #[error("another member of this organization has this username")]
    UsernameTaken {
        /// The person's place in the list of the call, from 0; 0 where the call is about one person.
        index: usize,
    },
    /// Another member has that employee number.
    #[error("another member of this organization has this employee number")]
    EmployeeNumberTaken {
        /// The person's place in the list of the call, from 0; 0 where the call is about one person.
        index: usize,
    },
    /// The organization would be left without an active admin.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The user has made as many organizations as the instance allows.
    #[error("the user has made {limit} organizations, which is the limit")]
    TooMany {
        /// The maximum.
        limit: u32,
    },
    /// The record is at another revision than those that were expected, see [`super::Loggia::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of asking what may be done somewhere.
#[derive(Debug, thiserror::Error)]
pub enum PermissionError {
    /// The policy said no to the question itself: the place is not there for the caller, or not open.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a use case about API keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person whose keys they are is no member of the organization.
    #[error("there is no such person in this organization")]
    UserNotFound,
    /// The user has no active place in the key's default scope, or there is no such scope.
    #[error("the key's owner has no access to that scope")]
    NotInScope,
    /// There is no such key.
    #[error("there is no such key")]
    KeyNotFound,
    /// Only a key that still opens something can be replaced.
    #[error(transparent)]
    NotLive(#[from] KeyNotLive),
    /// The end lies in the past.
    #[error("the key would have expired already")]
    AlreadyExpired,
    /// The key would have more than the key of the call.
    #[error(transparent)]
    Beyond(#[from] BeyondMaker),
    /// The user has as many live keys as the instance allows.
    #[error("the user has {limit} live API keys, which is the limit")]
    TooMany {
        /// The maximum.
        limit: u32,
    },
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of authenticating.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// No such key, or one that was revoked or has expired: which of them is nobody's business.
    #[error("the API key is not valid")]
    InvalidKey,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

macro_rules! retried_when_contended {
    ($($name:ident),+) => {$(
        impl $name {
            /// Whether trying again at once may help.
            pub(crate) fn is_contended(&self) -> bool {
                matches!(self, Self::Store(StoreError::Contended(_)))
            }
        }
    )+};
}
retried_when_contended!(
    AuthenticationError,
    SpaceError,
    ProjectError,
    RosterError,
    TaskError,
    OrganizationError,
    KeyError
);

macro_rules! forbidden_is_denied {
    ($($name:ident),+) => {$(
        impl From<Forbidden> for $name {
            fn from(forbidden: Forbidden) -> Self {
                Self::Denied(forbidden.into())
            }
        }
    )+};
}
forbidden_is_denied!(
    SpaceError,
    ProjectError,
    RosterError,
    TaskError,
    OrganizationError,
    PermissionError,
    KeyError
);
