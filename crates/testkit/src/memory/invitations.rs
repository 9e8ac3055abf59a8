//! Invitations.

use async_trait::async_trait;
use loggia_domain::id::{InvitationId, OrganizationId, ProjectId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::KeyHash;
use loggia_domain::page::{Direction, Window, invitation_position};
use loggia_domain::port::{Inserted, InvitationRows, InvitationViews, StoreError};
use loggia_domain::scope::{Scope, Viewer};

use super::MemoryStore;
use super::tables::{InvitationRow, Tables};
use super::unit::{MemoryUnit, broken, ensure};

impl Tables {
    /// Returns the organization's invitations; none if the viewer is not an active member of it.
    pub(super) fn invitations_page(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        part: &Window,
    ) -> Vec<Invitation> {
        if self.role(viewer, Scope::Organization(organization)).is_none() {
            return Vec::new();
        }
        self.whole_invitations_page(organization, part)
    }

    /// Returns the organization's invitations.
    pub(super) fn whole_invitations_page(
        &self,
        organization: OrganizationId,
        part: &Window,
    ) -> Vec<Invitation> {
        let rows = self.invitations_of(organization).map(|row| row.invitation.clone());
        part.select(rows, |invitation| invitation_position(invitation.id), Direction::Ascending)
    }

    /// Removes a project that is deleted from the invitations of its scope.
    pub(super) fn disinvite_from(&mut self, scope: Scope, project: ProjectId) {
        let Some(organization) = scope.organization() else { return };
        let names =
            |row: &&InvitationRow| row.invitation.projects.iter().any(|invited| invited.project == project);
        let rows = self.invitations_of(organization).filter(names);
        let keys: Vec<_> = rows.map(|row| (organization, row.invitation.id)).collect();
        for key in keys {
            if let Some(row) = self.invitations.get_mut(&key) {
                row.invitation.projects.retain(|invited| invited.project != project);
            }
        }
    }

    fn invitations_of(&self, organization: OrganizationId) -> impl Iterator<Item = &InvitationRow> {
        self.invitations.values().filter(move |row| row.invitation.organization == organization)
    }
}

#[async_trait]
impl InvitationRows for MemoryUnit {
    async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        hash: &KeyHash,
    ) -> Result<Inserted, StoreError> {
        let organization = invitation.organization;
        let scope = Scope::Organization(organization);
        let address = invitation.email.key();
        if self.tables.invitations_of(organization).any(|row| row.invitation.email.key() == address) {
            return Ok(Inserted::KeyTaken);
        }
        let key = (organization, invitation.id);
        ensure(!self.tables.invitations.contains(&key), "invitation ids are unique")?;
        ensure(self.tables.scopes.contains(&scope), "an invitation's organization exists")?;
        let is_new = self.tables.invitations.values().all(|row| row.hash != *hash);
        ensure(is_new, "digests of tokens are unique")?;
        let maker = invitation.invited_by;
        let is_member = maker.is_none_or(|maker| self.tables.members.contains(&(scope, maker)));
        ensure(is_member, "who invites is a member of the organization")?;
        for invited in &invitation.projects {
            let project = self.tables.project_in(scope, invited.project);
            ensure(project.is_some(), "no such project in the scope")?;
        }
        self.tables.invitations.insert(key, InvitationRow { invitation: invitation.clone(), hash: *hash });
        Ok(Inserted::Yes)
    }

    async fn invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        Ok(self.tables.invitations.get(&(organization, id)).map(|row| row.invitation.clone()))
    }

    async fn invitation_by_token(
        &mut self,
        hash: &KeyHash,
        now: Timestamp,
    ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError> {
        let mut rows = self.tables.invitations.values();
        let found = rows.find(|row| row.hash == *hash && now < row.invitation.expires_at);
        Ok(found.map(|row| (row.invitation.organization, row.invitation.id)))
    }

    async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError> {
        let key = (invitation.organization, invitation.id);
        let row = self.tables.invitations.get_mut(&key).ok_or(broken("no such invitation"))?;
        row.invitation.expires_at = invitation.expires_at;
        row.invitation.invited_by = invitation.invited_by;
        row.hash = *hash;
        Ok(())
    }

    async fn delete_invitation(
        &mut self,
        organization: OrganizationId,
        id: InvitationId,
    ) -> Result<(), StoreError> {
        let removed = self.tables.invitations.remove(&(organization, id));
        ensure(removed.is_some(), "no such invitation")
    }

    async fn hold_projects(
        &mut self,
        scope: Scope,
        projects: &[ProjectId],
    ) -> Result<Vec<ProjectId>, StoreError> {
        let is_there = |id: &ProjectId| self.tables.project_in(scope, *id).is_some();
        let mut there: Vec<ProjectId> = projects.iter().copied().filter(is_there).collect();
        there.sort_unstable();
        there.dedup();
        Ok(there)
    }
}

#[async_trait]
impl InvitationViews for MemoryStore {
    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(self.read().invitations_page(viewer, organization, window))
    }

    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(self.read().whole_invitations_page(organization, window))
    }
}
