//! Invitations, as a unit of work reads and writes them.

use async_trait::async_trait;
use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::KeyHash;
use loggia_domain::port::{Inserted, InvitationRows, StoreError};
use loggia_domain::scope::Scope;
use loggia_sql::{InvitationRow, one_row, scope_key};
use uuid::Uuid;

use crate::write::unit_of_work::PostgresUnitOfWork;

#[async_trait]
impl InvitationRows for PostgresUnitOfWork {
    async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &KeyHash,
    ) -> Result<Inserted, StoreError> {
        self.enter(Scope::Organization(invitation.organization)).await?;
        let (scope_id, id) = (invitation.organization.as_uuid(), invitation.id.as_uuid());
        let (email, key) = (invitation.email.as_str(), invitation.email.key());
        let (role, hash) = (invitation.role.as_str(), hash.as_bytes().as_slice());
        let invited_by = invitation.invited_by.map(UserId::as_uuid);
        let (created_at, expires_at) = (invitation.created_at.micros(), invitation.expires_at.micros());
        let result = sqlx::query!(
            "INSERT INTO invitations (scope_id, id, email, email_key, role, token_hash, invited_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
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
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        if result.rows_affected() == 0 {
            return Ok(Inserted::KeyTaken);
        }
        if !invitation.projects.is_empty() {
            self.insert_projects(invitation).await?;
        }
        Ok(Inserted::Yes)
    }

    async fn invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        self.enter(Scope::Organization(organization)).await?;
        let (scope_id, id) = (organization.as_uuid(), id.as_uuid());
        let row = sqlx::query!(
            r#"SELECT i.id, i.email, i.role, i.invited_by, i.created_at, i.expires_at,
                   p.project_ids AS "project_ids!", p.project_roles AS "project_roles!"
               FROM invitations i CROSS JOIN LATERAL (
                   SELECT coalesce(array_agg(ip.project_id), '{}') AS project_ids,
                       coalesce(array_agg(ip.role), '{}') AS project_roles
                   FROM invitation_projects ip WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id) AS p
               WHERE i.scope_id = $1 AND i.id = $2"#,
            scope_id,
            id
        )
        .fetch_optional(self.connection())
        .await;
        let row = self.check(row).await?;
        let Some(row) = row else { return Ok(None) };
        let projects = row.project_ids.into_iter().zip(row.project_roles);
        let invitation = InvitationRow {
            id: row.id,
            email: row.email,
            role: row.role,
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
        };
        invitation.decode(organization, projects).map(Some)
    }

    async fn invitation_by_token(
        &mut self,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let word: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.open_row(None, &word).await?;
        let found = sqlx::query!(
            "SELECT scope_id, id FROM invitations WHERE token_hash = $1 AND expires_at > $2",
            hash,
            now.micros()
        )
        .fetch_optional(self.connection())
        .await;
        let found = self.check(found).await?;
        Ok(found.map(|row| (OrganizationId::from_uuid(row.scope_id), InvitationId::from_uuid(row.id))))
    }

    async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError> {
        self.enter(Scope::Organization(invitation.organization)).await?;
        let (scope_id, id) = (invitation.organization.as_uuid(), invitation.id.as_uuid());
        let invited_by = invitation.invited_by.map(UserId::as_uuid);
        let (hash, expires_at) = (hash.as_bytes().as_slice(), invitation.expires_at.micros());
        let result = sqlx::query!(
            "UPDATE invitations SET token_hash = $3, invited_by = $4, expires_at = $5 WHERE scope_id = $1 AND id = $2",
            scope_id,
            id,
            hash,
            invited_by,
            expires_at
        )
        .execute(self.connection())
        .await;
        let result = self.check(result).await?;
        one_row("renew_invitation", result.rows_affected())
    }

    async fn delete_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), StoreError> {
        self.enter(Scope::Organization(organization)).await?;
        let (scope_id, id) = (organization.as_uuid(), id.as_uuid());
        // The foreign key cascades to the projects.
        let result = sqlx::query!("DELETE FROM invitations WHERE scope_id = $1 AND id = $2", scope_id, id)
            .execute(self.connection())
            .await;
        let result = self.check(result).await?;
        one_row("delete_invitation", result.rows_affected())
    }

    async fn hold_projects(
        &mut self,
        scope: Scope,
        projects: &[ProjectId],
    ) -> Result<Vec<ProjectId>, StoreError> {
        self.enter(scope).await?;
        let scope_id = scope_key(scope);
        let ids: Vec<Uuid> = projects.iter().map(|project| project.as_uuid()).collect();
        let held = sqlx::query_scalar!(
            "SELECT id FROM projects WHERE scope_id = $1 AND id = ANY($2) ORDER BY id FOR SHARE",
            scope_id,
            &ids
        )
        .fetch_all(self.connection())
        .await;
        let held = self.check(held).await?;
        Ok(held.into_iter().map(ProjectId::from_uuid).collect())
    }
}

impl PostgresUnitOfWork {
    async fn insert_projects(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let (scope_id, id) = (invitation.organization.as_uuid(), invitation.id.as_uuid());
        let projects: Vec<Uuid> =
            invitation.projects.iter().map(|invited| invited.project.as_uuid()).collect();
        let roles: Vec<String> =
            invitation.projects.iter().map(|invited| invited.role.as_str().to_owned()).collect();
        let done = sqlx::query!(
            "INSERT INTO invitation_projects (scope_id, invitation_id, project_id, role)
             SELECT $1, $2, invited.project_id, invited.role
             FROM unnest($3::uuid[], $4::text[]) AS invited (project_id, role)",
            scope_id,
            id,
            &projects,
            &roles
        )
        .execute(self.connection())
        .await;
        self.check(done).await?;
        Ok(())
    }
}
