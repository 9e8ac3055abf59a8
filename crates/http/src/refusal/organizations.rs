//! What is refused about organizations, their members, and API keys.

use loggia_domain::service::{KeyError, OrganizationError};

use super::{invalid_field, last_admin, no_access, stale, user_not_found};
use crate::problem::{Code, FaultCode, Problem};

impl From<OrganizationError> for Problem {
    fn from(error: OrganizationError) -> Self {
        member_problem(error, |_, field| format!("/{field}"))
    }
}

/// A refusal about members; `pointer` says where in the body that field of the person with that index stands.
pub(crate) fn member_problem(error: OrganizationError, pointer: impl Fn(usize, &str) -> String) -> Problem {
    let taken = |code, fault, detail, index, field| {
        Problem::new(code, detail).at_pointer(fault, pointer(index, field))
    };
    match error {
        OrganizationError::Denied(denied) => denied.into(),
        OrganizationError::UserNotFound => user_not_found(),
        OrganizationError::AlreadyAMember { index } => {
            let detail = "This person has a place in the organization already; change that one.";
            taken(Code::ALREADY_A_MEMBER, FaultCode::ALREADY_A_MEMBER, detail, index, "email")
        }
        OrganizationError::InactiveMember { index, organization, user } => {
            let detail = format!(
                "This person is a member of the organization already, and inactive. To let them in again, send \
                 `PATCH /api/v1/organizations/{organization}/members/{user}` with `{{\"active\": true}}`."
            );
            Problem::new(Code::ALREADY_A_MEMBER, detail)
                .at_pointer(FaultCode::MEMBER_INACTIVE, pointer(index, "email"))
        }
        OrganizationError::UsernameTaken { index } => taken(
            Code::USERNAME_TAKEN,
            FaultCode::USERNAME_TAKEN,
            "Another member has this username.",
            index,
            "username",
        ),
        OrganizationError::EmployeeNumberTaken { index } => {
            let detail = "Another member has this employee number.";
            taken(
                Code::EMPLOYEE_NUMBER_TAKEN,
                FaultCode::EMPLOYEE_NUMBER_TAKEN,
                detail,
                index,
                "employeeNumber",
            )
        }
        OrganizationError::LastAdmin(_) => last_admin(),
        OrganizationError::Stale(_) => stale(),
        OrganizationError::Store(error) => error.into(),
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Denied(denied) => denied.into(),
            KeyError::UserNotFound => user_not_found(),
            KeyError::NotInScope => no_access(),
            KeyError::KeyNotFound => Self::not_found(),
            KeyError::NotLive(_) => {
                Self::new(Code::KEY_NOT_LIVE, "The key was revoked or has expired; make a new one.")
            }
            KeyError::AlreadyExpired => {
                invalid_field("/expiresAt", FaultCode::NOT_IN_THE_FUTURE, "must be a time in the future")
            }
            KeyError::Store(error) => error.into(),
        }
    }
}

/// A refusal about a key that an admin makes for a member: there the scope is the member's, who has no access to it.
pub(crate) fn member_key_problem(error: KeyError) -> Problem {
    match error {
        KeyError::NotInScope => user_not_found(),
        error => error.into(),
    }
}
