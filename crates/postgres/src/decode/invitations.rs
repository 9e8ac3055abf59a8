//! Invitations.

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::port::StoreError;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::text::EmailAddress;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::time;
use crate::columns::{Record, record};
use crate::error::{RowName, Sound};

record! {
    /// A row of `invitations`, and the ids and roles of its rows in `invitation_projects`, both in one arbitrary order.
    InvitationRow {
        id: Uuid,
        email: String,
        role: String,
        invited_by: Option<Uuid>,
        created_at: i64,
        expires_at: i64,
        project_ids: Vec<Uuid>,
        project_roles: Vec<String>,
    }
}

/// Writes the columns of [`InvitationRow`] into a select list: those of the projects from the subquery `p`, all others from the table with
/// the alias `i`.
pub(crate) fn push_invitation_columns(query: &mut QueryBuilder<Postgres>) {
    for (place, column) in InvitationRow::COLUMNS.iter().enumerate() {
        let alias = if column.starts_with("project_") { "p" } else { "i" };
        query.push(if place == 0 { "" } else { ", " }).push(alias).push(".").push(column);
    }
}

impl InvitationRow {
    pub(crate) fn decode(self, organization: OrganizationId) -> Result<Invitation, StoreError> {
        let row = RowName { table: "invitations", id: self.id };
        let invited = RowName { table: "invitation_projects", id: self.id };
        let mut projects = Vec::with_capacity(self.project_ids.len());
        for (project, role) in self.project_ids.into_iter().zip(&self.project_roles) {
            let role = RosterRole::parse(role).sound(invited, "role")?;
            projects.push(InvitedProject { project: ProjectId::from_uuid(project), role });
        }
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
