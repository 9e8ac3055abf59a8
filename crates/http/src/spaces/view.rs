//! Spaces, and what may be included with them, as this dialect shows them.

use loggia_domain::organization::Organization;
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::project::Project;
use loggia_domain::space::Space;
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, ProjectDescription, SpaceDescription, Username,
};
use loggia_domain::user::Member;
use serde::Serialize;

/// A space. `project` and `organization` are there only if they were asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SpaceJson {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    description: Option<String>,
    organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Option<OrganizationJson>>,
    project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Option<ProjectJson>>,
    status: &'static str,
    priority: &'static str,
    current_strength: u8,
    created_by: CreatedBy,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum CreatedBy {
    Id(String),
    Member(Option<Box<MemberJson>>),
}

/// An organization.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationJson {
    id: String,
    name: String,
    created_at: String,
    updated_at: String,
}

/// A project, in this dialect.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectJson {
    id: String,
    name: String,
    description: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    visibility: &'static str,
    created_at: String,
    updated_at: String,
}

/// A person, as the scope knows them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberJson {
    id: String,
    kind: &'static str,
    /// A machine has none.
    email: Option<String>,
    first_name: String,
    last_name: String,
    full_name: String,
    username: Option<String>,
    employee_number: Option<String>,
    avatar: Option<String>,
}

impl From<&Organization> for OrganizationJson {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            created_at: organization.created_at.to_rfc3339(),
            updated_at: organization.updated_at.to_rfc3339(),
        }
    }
}

impl From<&Project> for ProjectJson {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id.to_string(),
            name: project.name.to_string(),
            description: project.description.as_ref().map(ProjectDescription::to_string),
            start_date: project.dates.start().map(|time| time.to_rfc3339()),
            end_date: project.dates.end().map(|time| time.to_rfc3339()),
            visibility: project.visibility.as_str(),
            created_at: project.created_at.to_rfc3339(),
            updated_at: project.updated_at.to_rfc3339(),
        }
    }
}

impl From<&Member> for MemberJson {
    fn from(member: &Member) -> Self {
        let profile = &member.profile;
        Self {
            id: member.user.to_string(),
            kind: member.kind.as_str(),
            email: member.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
            first_name: profile.first_name.to_string(),
            last_name: profile.last_name.to_string(),
            full_name: profile.full_name(),
            username: profile.username.as_ref().map(Username::to_string),
            employee_number: profile.employee_number.as_ref().map(EmployeeNumber::to_string),
            avatar: profile.avatar.as_ref().map(AvatarUrl::as_str).map(str::to_owned),
        }
    }
}

impl From<&Space> for SpaceJson {
    /// The space alone, with nothing included.
    fn from(space: &Space) -> Self {
        Self {
            id: space.id.to_string(),
            name: space.name.to_string(),
            description: space.description.as_ref().map(SpaceDescription::to_string),
            organization_id: space.scope.organization().map(|id| id.to_string()),
            organization: None,
            project_id: space.project.map(|id| id.to_string()),
            project: None,
            status: space.status.as_str(),
            priority: space.priority.as_str(),
            current_strength: space.strength.get(),
            created_by: CreatedBy::Id(space.created_by.to_string()),
            created_at: space.created_at.to_rfc3339(),
            updated_at: space.updated_at.to_rfc3339(),
        }
    }
}

/// A space with what was asked for.
pub(crate) fn space_json(view: &SpaceView, includes: Includes) -> SpaceJson {
    let mut json = SpaceJson::from(&view.space);
    if includes.organization {
        json.organization = Some(view.organization.as_ref().map(OrganizationJson::from));
    }
    if includes.project {
        json.project = Some(view.project.as_ref().map(ProjectJson::from));
    }
    if includes.creator {
        json.created_by = CreatedBy::Member(view.creator.as_ref().map(|member| Box::new(member.into())));
    }
    json
}
