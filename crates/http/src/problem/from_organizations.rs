//! The mapping of errors about organizations, members and API keys.

use loggia_domain::key::BeyondMaker;
use loggia_domain::policy::{Denied, Forbidden};
use loggia_domain::service::{KeyError, OrganizationError};
use loggia_domain::user::MemberRefused;

use super::from_domain::{invalid_field, last_admin, no_access, stale, user_not_found};
use crate::problem::{Code, FieldErrorCode, Problem};

impl From<OrganizationError> for Problem {
    fn from(error: OrganizationError) -> Self {
        member_problem(error, |_, field| format!("/{field}"))
    }
}

/// Maps an error about members. `pointer` gives the location in the body of a field of the person with that index.
pub(crate) fn member_problem(error: OrganizationError, pointer: impl Fn(usize, &str) -> String) -> Problem {
    let taken = |code, field_error, detail, index, field| {
        Problem::new(code, detail).at_pointer(field_error, pointer(index, field))
    };
    match error {
        OrganizationError::Denied(denied) => denied.into(),
        OrganizationError::UserNotFound => user_not_found(),
        OrganizationError::AlreadyAMember { index } => {
            let detail = "This person is already a member of the organization; change that membership.";
            taken(Code::ALREADY_A_MEMBER, FieldErrorCode::ALREADY_A_MEMBER, detail, index, "email")
        }
        OrganizationError::InactiveMember { index, organization, user } => {
            let detail = format!(
                "This person is an inactive member of the organization. To reactivate the membership, send `PATCH \
                 /api/v1/organizations/{organization}/members/{user}` with `{{\"active\": true}}`."
            );
            Problem::new(Code::ALREADY_A_MEMBER, detail)
                .at_pointer(FieldErrorCode::MEMBER_INACTIVE, pointer(index, "email"))
        }
        OrganizationError::UsernameTaken { index } => taken(
            Code::USERNAME_TAKEN,
            FieldErrorCode::USERNAME_TAKEN,
            "Another member has this username.",
            index,
            "username",
        ),
        OrganizationError::EmployeeNumberTaken { index } => {
            let detail = "Another member has this employee number.";
            taken(
                Code::EMPLOYEE_NUMBER_TAKEN,
                FieldErrorCode::EMPLOYEE_NUMBER_TAKEN,
                detail,
                index,
                "employeeNumber",
            )
        }
        OrganizationError::AddressTaken => {
            let detail = "Another of the organization's own people has this address.";
            taken(Code::EMAIL_TAKEN, FieldErrorCode::EMAIL_TAKEN, detail, 0, "email")
        }
        OrganizationError::InvitationRequired => {
            Problem::new(Code::INVITATION_REQUIRED, "An account joins again by accepting an invitation only.")
        }
        OrganizationError::Refused(refused) => member_refused(refused),
        OrganizationError::TooMany { limit } => Problem::new(
            Code::TOO_MANY_ORGANIZATIONS,
            format!("You have created {limit} organizations, which is the limit of this instance."),
        ),
        OrganizationError::Stale(_) => stale(),
        OrganizationError::Store(error) => error.into(),
    }
}

fn member_refused(refused: MemberRefused) -> Problem {
    match refused {
        MemberRefused::LastAdmin(_) => last_admin(),
        MemberRefused::BelongsToAccount => Problem::new(
            Code::BELONGS_TO_ACCOUNT,
            "The names, the picture and the address belong to the account; an organization cannot change or erase them.",
        ),
        MemberRefused::NoAddress => {
            invalid_field("/email", FieldErrorCode::NOT_ALLOWED, "must be absent: a machine has none")
        }
        MemberRefused::Erased => Problem::new(
            Code::MEMBER_ERASED,
            "The user was erased and stays so; add the person again to give them access.",
        ),
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Denied(denied) => denied.into(),
            KeyError::UserNotFound => user_not_found(),
            KeyError::BelongsToAccount => Self::new(
                Code::BELONGS_TO_ACCOUNT,
                "The member is an account; only the account itself and the operator create its API keys.",
            ),
            KeyError::NotInScope => no_access(),
            KeyError::KeyNotFound => Self::not_found(),
            KeyError::NotLive(_) => {
                Self::new(Code::KEY_NOT_LIVE, "The API key was revoked or has expired; create a new one.")
            }
            KeyError::AlreadyExpired => {
                invalid_field("/expiresAt", FieldErrorCode::NOT_IN_THE_FUTURE, "must be a time in the future")
            }
            KeyError::Beyond(BeyondMaker::End(end)) => {
                let detail =
                    format!("must not be after {}, when the key of the request expires", end.to_rfc3339());
                invalid_field("/expiresAt", FieldErrorCode::BEYOND_YOUR_KEY, &detail)
            }
            KeyError::Beyond(beyond @ BeyondMaker::Ancestor) => key_is_beyond(beyond),
            KeyError::TooMany { limit } => Self::new(
                Code::TOO_MANY_API_KEYS,
                format!(
                    "The user has {limit} live API keys, which is the limit of this instance. Revoke one first."
                ),
            ),
            KeyError::Store(error) => error.into(),
        }
    }
}

/// Returns the problem of a key that the key of the call may not replace or create.
fn key_is_beyond(beyond: BeyondMaker) -> Problem {
    let detail = match beyond {
        BeyondMaker::End(end) => {
            format!("The API key outlives the key of the request, which expires at {}.", end.to_rfc3339())
        }
        BeyondMaker::Ancestor => "The key of the request descends from the API key.".to_owned(),
    };
    Problem::new(Code::KEY_IS_BEYOND_YOURS, detail)
}

/// Maps an error about a new key of the current user. A key that reaches too far is reported at its field.
pub(crate) fn new_key_problem(error: KeyError) -> Problem {
    let reach = matches!(&error, KeyError::Denied(Denied::Forbidden(Forbidden::Reach)));
    let problem = Problem::from(error);
    if reach {
        problem.at_pointer(FieldErrorCode::BEYOND_YOUR_KEY, "/confinedToOrganization")
    } else {
        problem
    }
}

/// Maps an error about the replacement of a key. No field of the body contains its expiry, so none is reported.
pub(crate) fn rotation_problem(error: KeyError) -> Problem {
    match error {
        KeyError::Beyond(beyond) => key_is_beyond(beyond),
        error => error.into(),
    }
}

/// Maps an error about a key that an admin creates for a member. If the scope is closed, it is closed to the member, so the user is not
/// found.
pub(crate) fn member_key_problem(error: KeyError) -> Problem {
    match error {
        KeyError::NotInScope => user_not_found(),
        error => error.into(),
    }
}
