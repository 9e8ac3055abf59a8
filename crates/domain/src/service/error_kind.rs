//! The kinds of the errors of use cases. Each error is matched without a wildcard, so that a new one does not compile until it has a kind.

use super::error::{
    AuthenticationError, InvitationError, KeyError, OrganizationError, PermissionError, ProjectError,
    RecognitionError, RosterError, SpaceError, TaskError,
};
use crate::error::{DomainError, ErrorKind};

impl DomainError for SpaceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UnknownProject => ErrorKind::Invalid,
            Self::Stale(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for ProjectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Dates(error) => error.kind(),
            Self::Stale(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for RosterError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UserNotFound { .. } | Self::NotOnRoster => ErrorKind::NotFound,
            Self::AlreadyAMember { .. } => ErrorKind::Conflict,
            Self::Removal(error) => error.kind(),
            Self::LastAdmin(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for TaskError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UserNotFound => ErrorKind::NotFound,
            Self::AssigneeNotOnRoster | Self::OutlineExhausted => ErrorKind::Invalid,
            Self::OutlineTaken => ErrorKind::Conflict,
            Self::OutlineTooGreat(error) => error.kind(),
            Self::Dates(error) => error.kind(),
            Self::Stale(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for OrganizationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UserNotFound => ErrorKind::NotFound,
            Self::AlreadyAMember { .. }
            | Self::InactiveMember { .. }
            | Self::UsernameTaken { .. }
            | Self::EmployeeNumberTaken { .. }
            | Self::AddressTaken
            | Self::InvitationRequired => ErrorKind::Conflict,
            Self::Refused(error) => error.kind(),
            Self::TooMany { .. } => ErrorKind::LimitReached,
            Self::Stale(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for PermissionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for InvitationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::NotFound | Self::UnknownToken => ErrorKind::NotFound,
            Self::AlreadyInvited { .. } | Self::AlreadyAMember => ErrorKind::Conflict,
            Self::UnknownProject { .. } => ErrorKind::Invalid,
            Self::KeyTooOld | Self::NotAnAccount => ErrorKind::Denied,
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for KeyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(error) => error.kind(),
            Self::UserNotFound | Self::KeyNotFound => ErrorKind::NotFound,
            Self::BelongsToAccount | Self::NotInScope => ErrorKind::Denied,
            Self::NotLive(error) => error.kind(),
            Self::AlreadyExpired => ErrorKind::Invalid,
            Self::Beyond(error) => error.kind(),
            Self::TooMany { .. } => ErrorKind::LimitReached,
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for AuthenticationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidKey => ErrorKind::Unauthenticated,
            Self::Store(error) => error.kind(),
        }
    }
}

impl DomainError for RecognitionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownUser => ErrorKind::Unauthenticated,
            Self::NotInScope | Self::Inactive => ErrorKind::Denied,
            Self::Store(error) => error.kind(),
        }
    }
}
