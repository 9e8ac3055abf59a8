//! Projects and memberships, as this dialect shows them.

use loggia_domain::id::{MembershipId, ProjectId, UserId};
use loggia_domain::port::{MembershipView, ProjectRef, ProjectView};
use loggia_domain::project::Visibility;
use loggia_domain::role::RosterRole;
use loggia_domain::text::{ProjectDescription, ProjectName};
use schemars::JsonSchema;
use serde::Serialize;

use super::people::{MemberJson, PersonJson};

use crate::openapi::{DisplayId, Of, Time};

/// A project.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Project")]
pub(crate) struct ProjectJson {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<ProjectId>")]
    node_id: String,
    #[schemars(with = "Of<ProjectName>")]
    project_name: String,
    #[schemars(with = "Option<Of<ProjectDescription>>")]
    description: Option<String>,
    #[schemars(with = "Option<Time>")]
    start_date: Option<String>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<String>,
    #[schemars(with = "Of<Visibility>")]
    visibility: &'static str,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
    created_at: String,
    #[serde(rename = "updatedAt")]
    #[schemars(with = "Time")]
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
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ProjectReference")]
pub(super) struct ProjectRefJson {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<ProjectId>")]
    node_id: String,
    #[schemars(with = "Of<ProjectName>")]
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
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Membership")]
pub(crate) struct MembershipJson {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<MembershipId>")]
    node_id: String,
    #[schemars(with = "Of<RosterRole>")]
    role: &'static str,
    #[schemars(with = "Of<UserId>")]
    user_node_id: String,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
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
