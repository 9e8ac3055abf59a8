//! Invitations.

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::port::StoreError;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::text::EmailAddress;
use uuid::Uuid;

use super::time;
use crate::corrupt::{RowName, Sound};
use crate::record;

record! {
    /// A row of `invitations`.
    pub InvitationRow {
        id: Uuid,
        email: String,
        role: String,
        invited_by: Option<Uuid>,
        created_at: i64,
        expires_at: i64,
    }
}

impl InvitationRow {
    /// Returns the name of the invitation's rows in `invitation_projects`.
    pub fn projects_name(&self) -> RowName {
        RowName { table: "invitation_projects", id: self.id }
    }

    /// Decodes the row, and the ids and roles of its rows in `invitation_projects`, which may be in any order. Fails with
    /// [`StoreError::Corrupt`] if a value breaks a rule of the domain.
    pub fn decode(
        self,
        organization: OrganizationId,
        stored: impl IntoIterator<Item = (Uuid, String)>,
    ) -> Result<Invitation, StoreError> {
        let (row, invited) = (RowName { table: "invitations", id: self.id }, self.projects_name());
        let decode = |(project, role): (Uuid, String)| {
            let role = RosterRole::parse(&role).sound(invited, "role")?;
            Ok(InvitedProject { project: ProjectId::from_uuid(project), role })
        };
        let mut projects = stored.into_iter().map(decode).collect::<Result<Vec<_>, StoreError>>()?;
        projects.sort_unstable_by_key(|invited| invited.project);
        Ok(Invitation {
            id: InvitationId::from_uuid(self.id),
            organization,
            email: EmailAddress::from_stored(self.email).sound(row, "email")?,
            role: ScopeRole::parse(&self.role).sound(row, "role")?,
            projects,
            invited_by: self.invited_by.map(UserId::from_uuid),
            created_at: time(self.created_at, row, "created_at")?,
            expires_at: time(self.expires_at, row, "expires_at")?,
        })
    }
}
