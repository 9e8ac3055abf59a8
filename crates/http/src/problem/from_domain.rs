//! The mapping of domain errors to problems. Each error is matched without a wildcard, so that a new one does not compile until it is
//! mapped.

use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use loggia_domain::key::Ability;
use loggia_domain::policy::{Denied, Forbidden};
use loggia_domain::port::StoreError;
use loggia_domain::roster::RemovalRefused;
use loggia_domain::service::{
    AuthenticationError, PermissionError, ProjectError, RosterError, SpaceError, TaskError,
};
use loggia_observe::StoreFailure;

use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{Code, FieldErrorCode, Problem};

/// Returns the problem of a request without a key.
pub(crate) fn unauthenticated() -> Problem {
    Problem::new(Code::UNAUTHENTICATED, "Send `Authorization: Bearer <key>`.")
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="loggia""#))
}

/// Returns the problem of an invalid key. The problem does not state why the key is invalid.
pub(crate) fn invalid_key() -> Problem {
    Problem::new(Code::INVALID_KEY, "The API key is malformed, unknown, expired or revoked.").with_header(
        WWW_AUTHENTICATE,
        HeaderValue::from_static(r#"Bearer realm="loggia", error="invalid_token""#),
    )
}

impl From<AuthenticationError> for Problem {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::InvalidKey => invalid_key(),
            AuthenticationError::Store(error) => error.into(),
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Hidden => Self::not_found(),
            Denied::Forbidden(forbidden) => forbidden.into(),
        }
    }
}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        match forbidden {
            Forbidden::NotInScope => no_access(),
            Forbidden::Role => Self::new(Code::FORBIDDEN, "Your role does not allow this."),
            Forbidden::Reach => Self::new(
                Code::KEY_IS_CONFINED,
                "The API key is confined to one organization; use a key that is not.",
            ),
            Forbidden::CreationClosed => Self::new(
                Code::ORGANIZATION_CREATION_CLOSED,
                "Only the operator of this instance creates organizations; ask the operator for one.",
            ),
            Forbidden::Ability(ability) => {
                let challenge = match ability {
                    Ability::Read => r#"Bearer realm="loggia", error="insufficient_scope", scope="read""#,
                    Ability::Write => r#"Bearer realm="loggia", error="insufficient_scope", scope="write""#,
                };
                Self::new(
                    Code::INSUFFICIENT_SCOPE,
                    format!("The request needs an API key with the ability `{ability}`."),
                )
                .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
            }
        }
    }
}

/// Returns the problem of an organization that does not exist, or of which the caller is not an active member.
pub(crate) fn no_access() -> Problem {
    Problem::new(
        Code::NO_ACCESS_TO_ORGANIZATION,
        "You are not an active member of this organization, or it does not exist.",
    )
}

impl From<PermissionError> for Problem {
    fn from(error: PermissionError) -> Self {
        match error {
            PermissionError::Denied(denied) => denied.into(),
            PermissionError::Store(error) => error.into(),
        }
    }
}

/// Returns the kind of a failure of the store, or `None` if the error is the caller's.
fn failure(error: &StoreError) -> Option<StoreFailure> {
    match error {
        StoreError::Contended(_) => Some(StoreFailure::Contended),
        StoreError::Unavailable(_) => Some(StoreFailure::Unavailable),
        StoreError::UnknownCaller => None,
        StoreError::OutcomeUnknown(_) => Some(StoreFailure::OutcomeUnknown),
        StoreError::Unsupported(_) => Some(StoreFailure::Unsupported),
        StoreError::Corrupt(_) => Some(StoreFailure::Corrupt),
        StoreError::Failed(_) => Some(StoreFailure::Failed),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let Some(failure) = failure(&error) {
            loggia_observe::store_failed(failure);
        }
        match error {
            StoreError::Contended(_) => {
                Self::new(Code::BUSY, "A concurrent transaction conflicted with this one; nothing was written. Try again.")
            }
            StoreError::Unavailable(_) => Self::new(
                Code::STORE_UNAVAILABLE,
                "The store is unavailable at the moment; nothing was written.",
            )
            .caused_by(Some(Box::new(error))),
            StoreError::UnknownCaller => invalid_key(),
            StoreError::OutcomeUnknown(_) => Self::new(
                Code::OUTCOME_UNKNOWN,
                "The change may or may not have been written. If an Idempotency-Key was sent, try again with the same one; the change is \
                 not made twice. Otherwise, check before you try again.",
            )
            .caused_by(Some(Box::new(error))),
            StoreError::Unsupported(capability) => {
                Self::new(Code::NOT_SUPPORTED, format!("This instance does not support {capability}."))
            }
            StoreError::Corrupt(_) | StoreError::Failed(_) => Self::internal(error),
        }
    }
}

/// Returns the problem of one invalid field.
pub(super) fn invalid_field(pointer: &str, code: FieldErrorCode, detail: &str) -> Problem {
    let mut errors = ValidationErrors::default();
    errors.body(pointer.to_owned(), ValueError::new(code, detail));
    errors.refuse()
}

impl From<SpaceError> for Problem {
    fn from(error: SpaceError) -> Self {
        match error {
            SpaceError::Denied(denied) => denied.into(),
            SpaceError::UnknownProject => {
                let detail = "must be the id of a project in the same scope that you can see";
                invalid_field("/projectId", FieldErrorCode::UNKNOWN_PROJECT, detail)
            }
            SpaceError::Stale(_) => stale(),
            SpaceError::Store(error) => error.into(),
        }
    }
}

/// Returns the problem of dates that would be out of order together, reported at `field`.
fn dates_out_of_order(field: &str) -> Problem {
    let mut errors = ValidationErrors::default();
    errors.body(format!("/{field}"), start_after_end());
    errors.refuse()
}

/// Returns the validation error of dates that are out of order.
pub(crate) fn start_after_end() -> ValueError {
    ValueError::new(FieldErrorCode::START_AFTER_END, "start_date must not be after end_date")
}

/// Maps an error about a project. `date` is the field to report if its dates are out of order together.
pub(crate) fn project_problem(error: ProjectError, date: &str) -> Problem {
    match error {
        ProjectError::Dates(_) => dates_out_of_order(date),
        error => error.into(),
    }
}

/// Maps an error about a task. `date` is the field to report if its dates are out of order together.
pub(crate) fn task_problem(error: TaskError, date: &str) -> Problem {
    match error {
        TaskError::Dates(_) => dates_out_of_order(date),
        error => error.into(),
    }
}

impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Denied(denied) => denied.into(),
            ProjectError::Dates(_) => dates_out_of_order("start_date"),
            ProjectError::Stale(_) => stale(),
            ProjectError::Store(error) => error.into(),
        }
    }
}

/// Maps an error about a roster. `pointer` gives the location in the body of the person with that index.
pub(crate) fn roster_problem(error: RosterError, pointer: impl Fn(usize) -> String) -> Problem {
    match error {
        RosterError::Denied(denied) => denied.into(),
        RosterError::UserNotFound { index } => {
            user_not_found().at_pointer(FieldErrorCode::USER_NOT_FOUND, pointer(index))
        }
        RosterError::AlreadyAMember { index } => {
            Problem::new(Code::ALREADY_A_MEMBER, "This person is already a member of the project.")
                .at_pointer(FieldErrorCode::ALREADY_A_MEMBER, pointer(index))
        }
        RosterError::NotOnRoster => user_not_found(),
        RosterError::Removal(refused) => match refused {
            RemovalRefused::Oneself => {
                Problem::new(Code::CANNOT_REMOVE_SELF, "Members cannot remove themselves.")
                    .at_pointer(FieldErrorCode::CANNOT_REMOVE_SELF, pointer(0))
            }
            RemovalRefused::NotAMember => {
                Problem::new(Code::NOT_A_MEMBER, "This person is not a member of the project.")
                    .at_pointer(FieldErrorCode::NOT_A_MEMBER, pointer(0))
            }
            RemovalRefused::RosterAdmin => cannot_remove_admin(
                "This person is an admin of the project. Change their role on its roster to `member` first.",
                pointer(0),
            ),
            RemovalRefused::ScopeAdmin => cannot_remove_admin(
                "This person is an admin of the organization, and so of the project. Change their role in the organization first.",
                pointer(0),
            ),
        },
        RosterError::LastAdmin(_) => last_admin(),
        RosterError::Store(error) => error.into(),
    }
}

fn cannot_remove_admin(detail: &'static str, pointer: String) -> Problem {
    Problem::new(Code::CANNOT_REMOVE_ADMIN, detail).at_pointer(FieldErrorCode::CANNOT_REMOVE_ADMIN, pointer)
}

/// Returns the problem of a record at another revision than those that were expected.
pub(crate) fn stale() -> Problem {
    let detail = "The record has changed since you read it, and nothing was written. Read it again.";
    Problem::new(Code::PRECONDITION_FAILED, detail)
}

pub(super) fn user_not_found() -> Problem {
    Problem::new(
        Code::USER_NOT_FOUND,
        "The user does not exist, or is not an active member of the scope or project.",
    )
}

pub(super) fn last_admin() -> Problem {
    Problem::new(Code::LAST_ADMIN, "At least one admin must remain; make someone else admin first.")
}

impl From<TaskError> for Problem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Denied(denied) => denied.into(),
            TaskError::UserNotFound => {
                user_not_found().at_pointer(FieldErrorCode::USER_NOT_FOUND, "/assignee_node_id")
            }
            TaskError::AssigneeNotOnRoster => invalid_field(
                "/assignee_node_id",
                FieldErrorCode::NOT_A_MEMBER,
                "must be a member of the project",
            ),
            TaskError::OutlineTaken => invalid_field(
                "/task_no",
                FieldErrorCode::TASK_NO_TAKEN,
                "is the number of another task of this project",
            ),
            TaskError::OutlineTooGreat(refused) => {
                invalid_field("/task_no", FieldErrorCode::OUT_OF_RANGE, &refused.to_string())
            }
            TaskError::OutlineExhausted => invalid_field(
                "/task_no",
                FieldErrorCode::REQUIRED,
                "is required: every top-level number was already assigned; choose one that is free",
            ),
            TaskError::Dates(_) => dates_out_of_order("start_date"),
            TaskError::Stale(_) => stale(),
            TaskError::Store(error) => error.into(),
        }
    }
}
