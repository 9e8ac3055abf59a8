//! Projects and memberships, as this dialect shows them.

use loggia_domain::port::{MembershipView, ProjectRef, ProjectView};
use loggia_domain::text::ProjectDescription;
use serde::Serialize;

use super::people::{MemberJson, PersonJson};

/// A project.
#[derive(Serialize)]
pub(super) struct ProjectJson {
    id: i64,
    node_id: String,
    project_name: String,
    description: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    visibility: &'static str,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    updated_at: String,
    created_by: PersonJson,
}

impl From<&ProjectView> for ProjectJson {
    fn from(view: &ProjectView) -> Self {
        let project = &view.record;
        Self {
            id: project.number.get(),
            node_id: project.id.to_string(),
            project_name: project.name.to_string(),
            description: project.description.as_ref().map(ProjectDescription::to_string),
            start_date: project.dates.start().map(|time| time.to_rfc3339()),
            end_date: project.dates.end().map(|time| time.to_rfc3339()),
            visibility: project.visibility.as_str(),
            created_at: project.created_at.to_rfc3339(),
            updated_at: project.updated_at.to_rfc3339(),
            created_by: (&view.creator).into(),
        }
    }
}

/// A project as others refer to it.
#[derive(Serialize)]
pub(super) struct ProjectRefJson {
    id: i64,
    node_id: String,
    project_name: String,
}

impl From<&ProjectRef> for ProjectRefJson {
    fn from(project: &ProjectRef) -> Self {
        Self {
            id: project.number.get(),
            node_id: project.id.to_string(),
            project_name: project.name.to_string(),
        }
    }
}

/// A place on a roster.
#[derive(Serialize)]
pub(super) struct MembershipJson {
    id: i64,
    node_id: String,
    role: &'static str,
    user_node_id: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    project: ProjectRefJson,
    member: MemberJson,
}

impl From<&MembershipView> for MembershipJson {
    fn from(view: &MembershipView) -> Self {
        let membership = &view.membership;
        Self {
            id: membership.number.get(),
            node_id: membership.id.to_string(),
            role: membership.role.as_str(),
            user_node_id: membership.user.to_string(),
            created_at: membership.created_at.to_rfc3339(),
            project: (&view.project).into(),
            member: (&view.member).into(),
        }
    }
}
