//! The mapping of errors about invitations.

use loggia_domain::policy::{Denied, Forbidden};
use loggia_domain::service::InvitationError;

use super::from_domain::invalid_field;
use crate::problem::{Code, FieldErrorCode, Problem};

impl From<InvitationError> for Problem {
    fn from(error: InvitationError) -> Self {
        invitation_problem(error, |_, field| format!("/{field}"))
    }
}

/// Maps an error about invitations. `pointer` gives the location in the body of a field of the person with that index.
pub(crate) fn invitation_problem(error: InvitationError, pointer: impl Fn(usize, &str) -> String) -> Problem {
    match error {
        InvitationError::Denied(denied) => denied.into(),
        InvitationError::NotFound => Problem::not_found(),
        InvitationError::UnknownToken => {
            Problem::new(Code::INVITATION_NOT_FOUND, "No pending invitation has this token.")
        }
        InvitationError::AlreadyInvited { index } => Problem::new(
            Code::ALREADY_INVITED,
            "The organization has an invitation for this address; send it again, or withdraw it first.",
        )
        .at_pointer(FieldErrorCode::ALREADY_INVITED, pointer(index, "email")),
        InvitationError::UnknownProject { index, project_index } => invalid_field(
            &pointer(index, &format!("projects/{project_index}/node_id")),
            FieldErrorCode::UNKNOWN_PROJECT,
            "must be the id of a project of the organization",
        ),
        InvitationError::AlreadyAMember => {
            Problem::new(Code::ALREADY_A_MEMBER, "You are already an active member of the organization.")
        }
        InvitationError::KeyTooOld => Problem::new(
            Code::KEY_TOO_OLD,
            "The API key was made before you were readmitted to an organization; use a newer one.",
        ),
        // Every key of such a user is confined to its organization.
        InvitationError::NotAnAccount => Denied::Forbidden(Forbidden::Reach).into(),
        InvitationError::Store(error) => error.into(),
    }
}
