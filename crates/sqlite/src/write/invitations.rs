//! Invitations, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::KeyHash;
use loggia_domain::port::{Inserted, InvitationRows, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{one_row, scope_key};
use uuid::Uuid;

use crate::rows::invitations::{InvitationKeyRow, StoredInvitation, encode_projects, select_invitation};
use crate::statement::fixed;
use crate::write::unit_of_work::{SqliteUnitOfWork, id_list};

#[async_trait]
impl InvitationRows for SqliteUnitOfWork {
    async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &KeyHash,
    ) -> Result<Inserted, StoreError> {
        let (scope_id, id) = (invitation.organization.as_uuid(), invitation.id.as_uuid());
        let (email, key) = (invitation.email.as_str(), invitation.email.key());
        let (role, hash) = (invitation.role.as_str(), hash.as_bytes().as_slice());
        let invited_by = invitation.invited_by.map(UserId::as_uuid);
        let (created_at, expires_at) = (invitation.created_at.micros(), invitation.expires_at.micros());
        let result = self.execute(&fixed!(
            Key,
            "INSERT INTO invitations (scope_id, id, email, email_key, role, token_hash, invited_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (scope_id, email_key) DO NOTHING",
            scope_id,
            id,
            email,
            key,
            role,
            hash,
            invited_by,
            created_at,
            expires_at
        ))?;
        if result == 0 {
            return Ok(Inserted::KeyTaken);
        }
        if !invitation.projects.is_empty() {
            let projects = encode_projects(&invitation.projects)?;
            self.execute(&fixed!(
                Key,
                "INSERT INTO invitation_projects (scope_id, invitation_id, project_id, role)
                 SELECT ?1, ?2, unhex(value ->> 0), value ->> 1 FROM json_each(?3)",
                scope_id,
                id,
                projects
            ))?;
        }
        Ok(Inserted::Yes)
    }

    async fn invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let (scope_id, id) = (organization.as_uuid(), id.as_uuid());
        let row = self.record::<StoredInvitation>(&select_invitation!(
            Key,
            "WHERE i.scope_id = ?1 AND i.id = ?2",
            scope_id,
            id
        ))?;
        row.map(|row| row.decode(organization)).transpose()
    }

    async fn invitation_by_token(
        &mut self,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError> {
        let (hash, now) = (hash.as_bytes().as_slice(), now.micros());
        let found = self.record::<InvitationKeyRow>(&fixed!(
            Key,
            "SELECT scope_id, id FROM invitations WHERE token_hash = ?1 AND expires_at > ?2",
            hash,
            now
        ))?;
        Ok(found.map(|row| (OrganizationId::from_uuid(row.scope_id), InvitationId::from_uuid(row.id))))
    }

    async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError> {
        let (scope_id, id) = (invitation.organization.as_uuid(), invitation.id.as_uuid());
        let invited_by = invitation.invited_by.map(UserId::as_uuid);
        let (hash, expires_at) = (hash.as_bytes().as_slice(), invitation.expires_at.micros());
        let result = self.execute(&fixed!(
            Key,
            "UPDATE invitations SET token_hash = ?3, invited_by = ?4, expires_at = ?5 WHERE scope_id = ?1 AND id = ?2",
            scope_id,
            id,
            hash,
            invited_by,
            expires_at
        ))?;
        one_row("renew_invitation", result)
    }

    async fn delete_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), StoreError> {
        let (scope_id, id) = (organization.as_uuid(), id.as_uuid());
        // The foreign key cascades to the projects.
        let result = self.execute(&fixed!(
            None,
            "DELETE FROM invitations WHERE scope_id = ?1 AND id = ?2",
            scope_id,
            id
        ))?;
        one_row("delete_invitation", result)
    }

    async fn hold_projects(
        &mut self,
        scope: Scope,
        projects: &[ProjectId],
    ) -> Result<Vec<ProjectId>, StoreError> {
        let scope_id = scope_key(scope);
        let ids = id_list(projects.iter().map(|project| project.as_uuid()));
        let held = self.values::<Uuid>(&fixed!(
            Key,
            "SELECT id FROM projects WHERE scope_id = ?1 AND id IN (SELECT unhex(value) FROM json_each(?2)) ORDER BY id",
            scope_id,
            ids
        ))?;
        Ok(held.into_iter().map(ProjectId::from_uuid).collect())
    }
}
