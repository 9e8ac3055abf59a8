//! Invitations, and the JSON form in which statements pass their projects.

use loggia_domain::id::{InvitationId, OrganizationId, ProjectId, UserId};
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::port::StoreError;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::text::EmailAddress;
use uuid::Uuid;

use super::time;
use crate::columns::{Record, record};
use crate::error::{RowName, Sound};
use crate::statement::Statement;

record! {
    /// A row of `invitations`, and its rows in `invitation_projects` as a JSON array of ids in hex and roles, in an arbitrary order.
    InvitationRow {
        id: Uuid,
        email: String,
        role: String,
        invited_by: Option<Uuid>,
        created_at: i64,
        expires_at: i64,
        projects: String,
    }
}

/// The checked query for [`InvitationRow`]s, of the invitations `i` that the rest of the statement selects.
macro_rules! select_invitation {
    ($bound:ident, $rest:literal $(, $argument:expr)*) => {
        $crate::statement::fixed!($bound, r#"SELECT i.id, i.email, i.role, i.invited_by, i.created_at, i.expires_at,
                   (SELECT json_group_array(json_array(hex(ip.project_id), ip.role)) FROM invitation_projects ip
                    WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id) AS "projects!: String"
               FROM invitations i "# + $rest $(, $argument)*)
    };
}
pub(crate) use select_invitation;

/// The select list of a composed query for [`InvitationRow`]s, of invitations `i`.
pub(crate) fn select_invitations() -> Statement {
    let mut query = Statement::new("SELECT ");
    for (place, column) in InvitationRow::COLUMNS.iter().enumerate() {
        query.push(if place == 0 { "" } else { ", " });
        match *column {
            "projects" => query.push(
                "(SELECT json_group_array(json_array(hex(ip.project_id), ip.role)) FROM invitation_projects ip
                  WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id)",
            ),
            column => query.push("i.").push(column),
        };
    }
    query
}

impl InvitationRow {
    pub(crate) fn decode(self, organization: OrganizationId) -> Result<Invitation, StoreError> {
        let row = RowName { table: "invitations", id: self.id };
        let invited = RowName { table: "invitation_projects", id: self.id };
        let stored: Vec<(String, String)> = serde_json::from_str(&self.projects).sound(invited, "role")?;
        let mut projects = Vec::with_capacity(stored.len());
        for (project, role) in &stored {
            let project = ProjectId::from_uuid(Uuid::try_parse(project).sound(invited, "project_id")?);
            projects.push(InvitedProject { project, role: RosterRole::parse(role).sound(invited, "role")? });
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

/// Encodes projects as one parameter, in the form of [`InvitationRow`].
pub(crate) fn encode_projects(projects: &[InvitedProject]) -> Result<String, StoreError> {
    let pair =
        |invited: &InvitedProject| (invited.project.as_uuid().simple().to_string(), invited.role.as_str());
    let pairs: Vec<(String, &str)> = projects.iter().map(pair).collect();
    serde_json::to_string(&pairs).map_err(|error| StoreError::Failed(error.into()))
}

record! {
    /// The primary key of an invitation.
    InvitationKeyRow { scope_id: Uuid, id: Uuid }
}
