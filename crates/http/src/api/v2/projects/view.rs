//! The representation of projects and memberships in this dialect.

use loggia_domain::id::{MembershipId, ProjectId, UserId};
use loggia_domain::port::{MembershipView, ProjectRef, ProjectView};
use loggia_domain::project::Visibility;
use loggia_domain::role::RosterRole;
use loggia_domain::text::{ProjectDescription, ProjectName};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::v2::people::{MemberJson, PersonJson};

use crate::wire::schema::{DisplayId, Of, Time};
use crate::wire::serialization::{IdText, TimeText};

/// A project.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Project")]
pub(crate) struct ProjectJson<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<ProjectId>")]
    node_id: IdText,
    #[schemars(with = "Of<ProjectName>")]
    project_name: &'a str,
    #[schemars(with = "Option<Of<ProjectDescription>>")]
    description: Option<&'a str>,
    #[schemars(with = "Option<Time>")]
    start_date: Option<TimeText>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<TimeText>,
    #[schemars(with = "Of<Visibility>")]
    visibility: &'static str,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[serde(rename = "updatedAt")]
    #[schemars(with = "Time")]
    updated_at: TimeText,
    created_by: PersonJson<'a>,
}

impl<'a> From<&'a ProjectView> for ProjectJson<'a> {
    fn from(view: &'a ProjectView) -> Self {
        let project = &view.record;
        Self {
            id: project.number.get(),
            node_id: project.id.into(),
            project_name: project.name.as_str(),
            description: project.description.as_ref().map(ProjectDescription::as_str),
            start_date: project.dates.start().map(Into::into),
            end_date: project.dates.end().map(Into::into),
            visibility: project.visibility.as_str(),
            created_at: project.created_at.into(),
            updated_at: project.updated_at.into(),
            created_by: (&view.creator).into(),
        }
    }
}

/// A reference to a project.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ProjectReference")]
pub(crate) struct ProjectRefJson<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<ProjectId>")]
    node_id: IdText,
    #[schemars(with = "Of<ProjectName>")]
    project_name: &'a str,
}

impl<'a> From<&'a ProjectRef> for ProjectRefJson<'a> {
    fn from(project: &'a ProjectRef) -> Self {
        Self { id: project.number.get(), node_id: project.id.into(), project_name: project.name.as_str() }
    }
}

/// A membership of a project.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Membership")]
pub(crate) struct MembershipJson<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<MembershipId>")]
    node_id: IdText,
    #[schemars(with = "Of<RosterRole>")]
    role: &'static str,
    #[schemars(with = "Of<UserId>")]
    user_node_id: IdText,
    #[serde(rename = "createdAt")]
    #[schemars(with = "Time")]
    created_at: TimeText,
    project: ProjectRefJson<'a>,
    member: MemberJson<'a>,
}

impl<'a> From<&'a MembershipView> for MembershipJson<'a> {
    fn from(view: &'a MembershipView) -> Self {
        let membership = &view.membership;
        Self {
            id: membership.number.get(),
            node_id: membership.id.into(),
            role: membership.role.as_str(),
            user_node_id: membership.user.into(),
            created_at: membership.created_at.into(),
            project: (&view.project).into(),
            member: (&view.member).into(),
        }
    }
}
