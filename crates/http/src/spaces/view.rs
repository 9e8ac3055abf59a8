//! Spaces, and what may be included with them, as this dialect shows them.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, Username,
};
use loggia_domain::user::{Member, UserKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::{Of, Time, one_of};

/// A space. `project` and `organization` are there only if they were asked for.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Space")]
pub(crate) struct SpaceJson {
    #[serde(rename = "_id")]
    #[schemars(with = "Of<SpaceId>")]
    id: String,
    #[schemars(with = "Of<SpaceName>")]
    name: String,
    #[schemars(with = "Option<Of<SpaceDescription>>")]
    description: Option<String>,
    #[schemars(with = "Option<Of<OrganizationId>>")]
    organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<OrganizationJson>")]
    organization: Option<Option<OrganizationJson>>,
    #[schemars(with = "Option<Of<ProjectId>>")]
    project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ProjectJson>")]
    project: Option<Option<ProjectJson>>,
    #[schemars(with = "Of<SpaceStatus>")]
    status: &'static str,
    #[schemars(with = "Of<Priority>")]
    priority: &'static str,
    #[schemars(with = "Of<Strength>")]
    current_strength: u8,
    created_by: CreatedBy,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// Who made it: an id, or with `include` the member, null where they are not to be seen.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[schemars(inline, transform = one_of)]
enum CreatedBy {
    Id(#[schemars(with = "Of<UserId>")] String),
    Member(Option<Box<MemberJson>>),
}

/// An organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedOrganization")]
pub(crate) struct OrganizationJson {
    #[schemars(with = "Of<OrganizationId>")]
    id: String,
    #[schemars(with = "Of<OrganizationName>")]
    name: String,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// A project, in this dialect.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedProject")]
pub(crate) struct ProjectJson {
    #[schemars(with = "Of<ProjectId>")]
    id: String,
    #[schemars(with = "Of<ProjectName>")]
    name: String,
    #[schemars(with = "Option<Of<ProjectDescription>>")]
    description: Option<String>,
    #[schemars(with = "Option<Time>")]
    start_date: Option<String>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<String>,
    #[schemars(with = "Of<Visibility>")]
    visibility: &'static str,
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

/// A person, as the scope knows them.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedMember")]
pub(crate) struct MemberJson {
    #[schemars(with = "Of<UserId>")]
    id: String,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// A machine has none.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<String>,
    #[schemars(with = "Of<PersonName>")]
    first_name: String,
    #[schemars(with = "Of<PersonName>")]
    last_name: String,
    full_name: String,
    #[schemars(with = "Option<Of<Username>>")]
    username: Option<String>,
    #[schemars(with = "Option<Of<EmployeeNumber>>")]
    employee_number: Option<String>,
    #[schemars(with = "Option<Of<AvatarUrl>>")]
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
