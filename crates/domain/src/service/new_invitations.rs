//! Invitations to be made, and their tokens.

use crate::invitation::{Invitation, InvitationToken, InvitedProjects};
use crate::role::ScopeRole;
use crate::roster::{BatchError, MAX_BATCH, repeated};
use crate::text::EmailAddress;

/// An invitation to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// The address that the token is meant for.
    pub email: EmailAddress,
    /// The role in the organization that the account gets.
    pub role: ScopeRole,
    /// The projects whose rosters the account joins.
    pub projects: InvitedProjects,
}

/// One to [`MAX_BATCH`] invitations to be made together, all or none. No address occurs twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitations(Vec<NewInvitation>);

impl NewInvitations {
    /// Checks that the list has 1 to [`MAX_BATCH`] invitations and that no address occurs twice; [`repeated`] lists all that do.
    ///
    /// # Errors
    /// Fails with [`BatchError`] otherwise; the length is checked first.
    pub fn new(invitations: Vec<NewInvitation>) -> Result<Self, BatchError> {
        if invitations.is_empty() {
            return Err(BatchError::Empty);
        }
        if invitations.len() > MAX_BATCH {
            return Err(BatchError::TooMany);
        }
        match repeated(invitations.iter().map(|new| Some(new.email.key()))).first() {
            Some(index) => Err(BatchError::Duplicate(*index)),
            None => Ok(Self(invitations)),
        }
    }

    /// Returns the invitations, in the order in which they were given.
    pub fn as_slice(&self) -> &[NewInvitation] {
        &self.0
    }
}

impl From<NewInvitation> for NewInvitations {
    fn from(one: NewInvitation) -> Self {
        Self(vec![one])
    }
}

/// An invitation and its token. The token is shown this once and not stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The token.
    pub token: InvitationToken,
}
