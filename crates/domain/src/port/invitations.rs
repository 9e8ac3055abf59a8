//! The capability [`Capability::Invitations`]: invitations of accounts to organizations.
//!
//! A store without it has no invitation; an organization admits its own people, who need none.

use async_trait::async_trait;

use super::error::{Capability, StoreError};
use super::organizations::Inserted;
use crate::id::{InvitationId, OrganizationId, ProjectId};
use crate::instant::Timestamp;
use crate::invitation::Invitation;
use crate::key::KeyHash;
use crate::page::Window;
use crate::scope::{Scope, Viewer};

/// The write side of invitations. The scope of the organization must be locked to write one, which excludes every other change of the
/// organization's invitations, except that a project is removed from them when it is deleted.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait InvitationRows: Send {
    /// Inserts an invitation with its projects, under the digest of its token. Returns [`Inserted::KeyTaken`] if the organization has an
    /// invitation for the address. The inviting user must be a member of the organization, and the projects must be in its scope.
    async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &KeyHash,
    ) -> Result<Inserted, StoreError> {
        Err(StoreError::Unsupported(Capability::Invitations))
    }

    /// Loads an invitation, expired or not, with those of its projects that still exist. The scope must be locked.
    async fn invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        Ok(None)
    }

    /// Returns the organization and the id of the invitation whose token has this digest, unless it has expired at `now`. Locks nothing.
    async fn invitation_by_token(
        &mut self,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError> {
        Ok(None)
    }

    /// Writes the expiry of an invitation and replaces the digest of its token.
    async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Invitations))
    }

    /// Deletes an invitation with its projects.
    async fn delete_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), StoreError> {
        Err(StoreError::Unsupported(Capability::Invitations))
    }

    /// Returns which of these projects exist in the scope, by ascending id, and keeps them from being changed or deleted.
    async fn hold_projects(
        &mut self,
        scope: Scope,
        projects: &[ProjectId],
    ) -> Result<Vec<ProjectId>, StoreError> {
        Err(StoreError::Unsupported(Capability::Invitations))
    }
}

/// The read side of invitations.
#[expect(
    unused_variables,
    reason = "the default implementations give the same result whatever they are asked for"
)]
#[async_trait]
pub trait InvitationViews: Send + Sync {
    /// Returns the organization's invitations, expired or not, with their projects, by id ([`crate::page::invitation_position`]); none if
    /// the viewer is not an active member of it.
    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(Vec::new())
    }

    /// Returns the organization's invitations like [`Self::invitations`], for the operator, who needs no membership.
    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(Vec::new())
    }
}
