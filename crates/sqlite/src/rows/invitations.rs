//! Invitations, and the JSON form in which statements pass their projects.

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::{Invitation, InvitedProject};
use loggia_domain::port::StoreError;
use loggia_sql::{AnyRow, Columns, FromColumns, InvitationRow, Sound, record, select_list};
use uuid::Uuid;

use crate::statement::Statement;

/// A row of `invitations`, and its rows in `invitation_projects` as a JSON array of ids in hex and roles, in an arbitrary order.
pub(crate) struct StoredInvitation {
    row: InvitationRow,
    projects: String,
}

/// The checked query for [`StoredInvitation`]s, of the invitations `i` that the rest of the statement selects.
macro_rules! select_invitation {
    ($bound:ident, $rest:literal $(, $argument:expr)*) => {
        $crate::statement::fixed!($bound, r#"SELECT i.id, i.email, i.role, i.invited_by, i.created_at, i.expires_at,
                   (SELECT json_group_array(json_array(hex(ip.project_id), ip.role)) FROM invitation_projects ip
                    WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id) AS "projects!: String"
               FROM invitations i "# + $rest $(, $argument)*)
    };
}
pub(crate) use select_invitation;

/// The select list of a composed query for [`StoredInvitation`]s, of invitations `i`.
pub(crate) fn select_invitations() -> Statement {
    let mut query = Statement::new("SELECT ");
    query.push(select_list::<InvitationRow, _>(|_| "i")).push(
        ", (SELECT json_group_array(json_array(hex(ip.project_id), ip.role)) FROM invitation_projects ip
                  WHERE ip.scope_id = i.scope_id AND ip.invitation_id = i.id)",
    );
    query
}

impl<R: AnyRow> FromColumns<R> for StoredInvitation {
    fn read(columns: &mut Columns<R>) -> Result<Self, StoreError> {
        Ok(Self { row: columns.record()?, projects: columns.value()? })
    }
}

impl StoredInvitation {
    pub(crate) fn decode(self, organization: OrganizationId) -> Result<Invitation, StoreError> {
        let name = self.row.projects_name();
        let stored: Vec<(String, String)> = serde_json::from_str(&self.projects).sound(name, "role")?;
        let projects = stored
            .into_iter()
            .map(|(project, role)| Ok((Uuid::try_parse(&project).sound(name, "project_id")?, role)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        self.row.decode(organization, projects)
    }
}

/// Encodes projects as one parameter, in the form of [`StoredInvitation`].
pub(crate) fn encode_projects(projects: &[InvitedProject]) -> Result<String, StoreError> {
    let pair =
        |invited: &InvitedProject| (invited.project.as_uuid().simple().to_string(), invited.role.as_str());
    let pairs: Vec<(String, &str)> = projects.iter().map(pair).collect();
    serde_json::to_string(&pairs).map_err(|error| StoreError::Failed(error.into()))
}

record! {
    /// The primary key of an invitation.
    pub(crate) InvitationKeyRow { scope_id: Uuid, id: Uuid }
}
