//! The rows of invitations.

use async_trait::async_trait;

use super::error::StoreError;
use super::rows::Inserted;
use crate::id::{InvitationId, OrganizationId, ProjectId};
use crate::instant::Timestamp;
use crate::invitation::Invitation;
use crate::key::KeyHash;
use crate::scope::Scope;

/// The rows of invitations. The scope of the organization must be locked to write one, which excludes every other change of the
/// organization's invitations, except that a project is removed from them when it is deleted.
#[async_trait]
pub trait InvitationRows {
    /// Inserts an invitation with its projects, under the digest of its token. Returns [`Inserted::KeyTaken`] if the organization has an
    /// invitation for the address. The inviting user must be a member of the organization, and the projects must be in its scope.
    async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &KeyHash,
    ) -> Result<Inserted, StoreError>;

    /// Loads an invitation, expired or not, with those of its projects that still exist. The scope must be locked.
    async fn invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError>;

    /// Returns the organization and the id of the invitation whose token has this digest, unless it has expired at `now`. Locks nothing.
    async fn invitation_by_token(
        &mut self,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError>;

    /// Writes the expiry of an invitation and replaces the digest of its token.
    async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError>;

    /// Deletes an invitation with its projects.
    async fn delete_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), StoreError>;

    /// Returns which of these projects exist in the scope, by ascending id, and keeps them from being changed or deleted.
    async fn hold_projects(
        &mut self,
        scope: Scope,
        projects: &[ProjectId],
    ) -> Result<Vec<ProjectId>, StoreError>;
}
