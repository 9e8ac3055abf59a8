//! The errors of the use cases: one enum for each family of use cases, one variant for each kind of failure.

use crate::id::{OrganizationId, UserId};
use crate::instant::StartAfterEnd;
use crate::key::{BeyondMaker, KeyNotLive};
use crate::organization::LastAdmin;
use crate::policy::{Denied, Forbidden};
use crate::port::StoreError;
use crate::revision::Stale;
use crate::roster::RemovalRefused;
use crate::task::OutlineTooGreat;
use crate::user::MemberRefused;

/// The error of a use case about spaces.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The project to link does not exist in the space's scope, or the caller does not see it.
    #[error("there is no such project in this scope")]
    UnknownProject,
    /// The record's revision is not an expected one, see [`super::Acting::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about projects.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The start would be later than the end.
    #[error(transparent)]
    Dates(#[from] StartAfterEnd),
    /// The record's revision is not an expected one, see [`super::Acting::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about rosters.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person is not a member of the scope, or is inactive where an active member is required.
    #[error("the user is not an active member of this scope")]
    UserNotFound {
        /// The person's index in the list of the call, from 0.
        index: usize,
    },
    /// The person is on the roster already.
    #[error("the person is already a member of this project")]
    AlreadyAMember {
        /// The person's index in the list of the call, from 0.
        index: usize,
    },
    /// The person whose role is to be changed is not on the roster.
    #[error("the person is not a member of this project")]
    NotOnRoster,
    /// The person may not be removed.
    #[error(transparent)]
    Removal(#[from] RemovalRefused),
    /// The roster would be left without an admin.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about tasks.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The assignee is not a member of the scope.
    #[error("the user is not an active member of this scope")]
    UserNotFound,
    /// The assignee is a member of the scope but not on the project's roster.
    #[error("the assignee must be a member of the project")]
    AssigneeNotOnRoster,
    /// Another task of the project has this position in the outline.
    #[error("another task of this project has this number")]
    OutlineTaken,
    /// The client chose a position whose top-level number is reserved for the server.
    #[error(transparent)]
    OutlineTooGreat(#[from] OutlineTooGreat),
    /// No number at the top level is left: each was assigned or chosen before.
    #[error("this project has no further top-level number; choose one that is free")]
    OutlineExhausted,
    /// The start would be later than the end.
    #[error(transparent)]
    Dates(#[from] StartAfterEnd),
    /// The record's revision is not an expected one, see [`super::Acting::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about organizations and their members.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The person is not a member of the organization.
    #[error("the user is not a member of this organization")]
    UserNotFound,
    /// The person is an active member of the organization already.
    #[error("the person is already a member of this organization")]
    AlreadyAMember {
        /// The person's index in the list of the call, from 0; 0 if the call is about one person.
        index: usize,
    },
    /// The person is an inactive member of the organization already. Access is restored by setting that membership active.
    #[error("the person is an inactive member of this organization; reactivate the membership instead")]
    InactiveMember {
        /// The person's index in the list of the call, from 0; 0 if the call is about one person.
        index: usize,
        /// The organization.
        organization: OrganizationId,
        /// The person.
        user: UserId,
    },
    /// Another member of the organization has this username.
    #[error("another member of this organization has this username")]
    UsernameTaken {
        /// The person's index in the list of the call, from 0; 0 if the call is about one person.
        index: usize,
    },
    /// Another member of the organization has this employee number.
    #[error("another member of this organization has this employee number")]
    EmployeeNumberTaken {
        /// The person's index in the list of the call, from 0; 0 if the call is about one person.
        index: usize,
    },
    /// The operator creates an account with the address of another account, or an own person of the organization is given the address of
    /// another one.
    #[error("another person has this e-mail address")]
    AddressTaken,
    /// An account that is no longer a member joins again only by accepting an invitation.
    #[error("the account must accept an invitation to join this organization again")]
    InvitationRequired,
    /// The change is refused by the membership, see [`MemberRefused`].
    #[error(transparent)]
    Refused(#[from] MemberRefused),
    /// The user has created as many organizations as the instance allows.
    #[error("the user has created {limit} organizations, which is the limit")]
    TooMany {
        /// The maximum number of organizations.
        limit: u32,
    },
    /// The record's revision is not an expected one, see [`super::Acting::expecting`].
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of reading permissions.
#[derive(Debug, thiserror::Error)]
pub enum PermissionError {
    /// The policy denies the question itself: the resource is hidden from the caller, or the caller has no access to the scope.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about invitations.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The organization has no invitation with this id.
    #[error("there is no such invitation")]
    NotFound,
    /// The token is wrong, used, withdrawn, replaced or expired. The error does not say which.
    #[error("there is no open invitation with this token")]
    UnknownToken,
    /// The organization has an invitation for the address, which may have expired. It can be sent again.
    #[error("the organization has invited this address already")]
    AlreadyInvited {
        /// The invitation's index in the list of the call, from 0.
        index: usize,
    },
    /// The project is not in the organization's scope.
    #[error("there is no such project in this organization")]
    UnknownProject {
        /// The invitation's index in the list of the call, from 0.
        index: usize,
        /// The project's index in the list of the invitation, from 0.
        project_index: usize,
    },
    /// The account is an active member of the organization already.
    #[error("the account is already a member of this organization")]
    AlreadyAMember,
    /// The account would be readmitted, and an earlier readmission has closed another organization to the key of the call.
    #[error("the API key was made before the user was readmitted to an organization; use a newer one")]
    KeyTooOld,
    /// The user belongs to an organization, and only accounts join others.
    #[error("only an account can accept an invitation")]
    NotAnAccount,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a use case about API keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The policy denies the action.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The key's user is not a member of the organization.
    #[error("the user is not a member of this organization")]
    UserNotFound,
    /// The keys of an account are issued by the account itself, or by the operator.
    #[error("the user is an account, which creates its own API keys")]
    BelongsToAccount,
    /// The key's default scope does not exist, or the user has no access to it.
    #[error("the key's owner has no access to that scope")]
    NotInScope,
    /// The key does not exist, or the caller may not see it.
    #[error("there is no such key")]
    KeyNotFound,
    /// The key to be replaced is revoked or expired.
    #[error(transparent)]
    NotLive(#[from] KeyNotLive),
    /// The expiry is not in the future.
    #[error("the key would have expired already")]
    AlreadyExpired,
    /// The key would exceed the key of the call.
    #[error(transparent)]
    Beyond(#[from] BeyondMaker),
    /// The user has as many live keys as the instance allows.
    #[error("the user has {limit} live API keys, which is the limit")]
    TooMany {
        /// The maximum number of live keys.
        limit: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of authentication.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The key does not exist, was revoked, or has expired. The error does not say which.
    #[error("the API key is not valid")]
    InvalidKey,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of recognising a user whom the host has authenticated itself.
#[derive(Debug, thiserror::Error)]
pub enum RecognitionError {
    /// There is no user with this id.
    #[error("there is no such user")]
    UnknownUser,
    /// The user is not a member of the default scope.
    #[error("the user is not a member of that scope")]
    NotInScope,
    /// The user is a member of the default scope and was deactivated or erased there.
    #[error("the user's membership of that scope is inactive")]
    Inactive,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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
    InvitationError,
    KeyError
);
