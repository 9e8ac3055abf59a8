//! The representation of spaces and of their included relations in this dialect.

use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::project::{Project, Visibility};
use loggia_domain::space::{Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, Username,
};
use loggia_domain::user::{Member, Profile, UserKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::schema::{Of, Time, one_of};
use crate::wire::serialization::{IdText, TimeText};

/// A space. `project` and `organization` are present only if `include` asks for them.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Space")]
pub(crate) struct SpaceJson<'a> {
    #[serde(rename = "_id")]
    #[schemars(with = "Of<SpaceId>")]
    id: IdText,
    #[schemars(with = "Of<SpaceName>")]
    name: &'a str,
    #[schemars(with = "Option<Of<SpaceDescription>>")]
    description: Option<&'a str>,
    #[schemars(with = "Option<Of<OrganizationId>>")]
    organization_id: Option<IdText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<OrganizationJson<'a>>")]
    organization: Option<Option<OrganizationJson<'a>>>,
    #[schemars(with = "Option<Of<ProjectId>>")]
    project_id: Option<IdText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ProjectJson<'a>>")]
    project: Option<Option<ProjectJson<'a>>>,
    #[schemars(with = "Of<SpaceStatus>")]
    status: &'static str,
    #[schemars(with = "Of<Priority>")]
    priority: &'static str,
    #[schemars(with = "Of<Strength>")]
    current_strength: u8,
    created_by: CreatedBy<'a>,
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Time")]
    updated_at: TimeText,
}

/// The creator: an id or, with `include`, the member, which is null if the caller may not see it.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
#[schemars(inline, transform = one_of)]
enum CreatedBy<'a> {
    Id(#[schemars(with = "Of<UserId>")] IdText),
    Member(Option<MemberJson<'a>>),
}

/// An organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedOrganization")]
pub(crate) struct OrganizationJson<'a> {
    #[schemars(with = "Of<OrganizationId>")]
    id: IdText,
    #[schemars(with = "Of<OrganizationName>")]
    name: &'a str,
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Time")]
    updated_at: TimeText,
}

/// A project in this dialect.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedProject")]
pub(crate) struct ProjectJson<'a> {
    #[schemars(with = "Of<ProjectId>")]
    id: IdText,
    #[schemars(with = "Of<ProjectName>")]
    name: &'a str,
    #[schemars(with = "Option<Of<ProjectDescription>>")]
    description: Option<&'a str>,
    #[schemars(with = "Option<Time>")]
    start_date: Option<TimeText>,
    #[schemars(with = "Option<Time>")]
    end_date: Option<TimeText>,
    #[schemars(with = "Of<Visibility>")]
    visibility: &'static str,
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Time")]
    updated_at: TimeText,
}

/// A member, with the profile of the scope.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IncludedMember")]
pub(crate) struct MemberJson<'a> {
    #[schemars(with = "Of<UserId>")]
    id: IdText,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// The e-mail address; null for a machine, for an erased user, and for an account that is no longer a member.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<&'a str>,
    #[schemars(with = "Of<PersonName>")]
    first_name: &'a str,
    #[schemars(with = "Of<PersonName>")]
    last_name: &'a str,
    #[schemars(extend("maxLength" = Profile::MAX_FULL_NAME))]
    full_name: String,
    #[schemars(with = "Option<Of<Username>>")]
    username: Option<&'a str>,
    #[schemars(with = "Option<Of<EmployeeNumber>>")]
    employee_number: Option<&'a str>,
    #[schemars(with = "Option<Of<AvatarUrl>>")]
    avatar: Option<&'a str>,
}

impl<'a> From<&'a Organization> for OrganizationJson<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self {
            id: organization.id.into(),
            name: organization.name.as_str(),
            created_at: organization.created_at.into(),
            updated_at: organization.updated_at.into(),
        }
    }
}

impl<'a> From<&'a Project> for ProjectJson<'a> {
    fn from(project: &'a Project) -> Self {
        Self {
            id: project.id.into(),
            name: project.name.as_str(),
            description: project.description.as_ref().map(ProjectDescription::as_str),
            start_date: project.dates.start().map(Into::into),
            end_date: project.dates.end().map(Into::into),
            visibility: project.visibility.as_str(),
            created_at: project.created_at.into(),
            updated_at: project.updated_at.into(),
        }
    }
}

impl<'a> From<&'a Member> for MemberJson<'a> {
    fn from(member: &'a Member) -> Self {
        let profile = &member.profile;
        Self {
            id: member.user.into(),
            kind: member.kind.as_str(),
            email: member.email.as_ref().map(EmailAddress::as_str),
            first_name: profile.first_name.as_str(),
            last_name: profile.last_name.as_str(),
            full_name: profile.full_name(),
            username: profile.username.as_ref().map(Username::as_str),
            employee_number: profile.employee_number.as_ref().map(EmployeeNumber::as_str),
            avatar: profile.avatar.as_ref().map(AvatarUrl::as_str),
        }
    }
}

impl<'a> From<&'a Space> for SpaceJson<'a> {
    /// Shows the space without relations.
    fn from(space: &'a Space) -> Self {
        Self {
            id: space.id.into(),
            name: space.name.as_str(),
            description: space.description.as_ref().map(SpaceDescription::as_str),
            organization_id: space.scope.organization().map(Into::into),
            organization: None,
            project_id: space.project.map(Into::into),
            project: None,
            status: space.status.as_str(),
            priority: space.priority.as_str(),
            current_strength: space.strength.get(),
            created_by: CreatedBy::Id(space.created_by.into()),
            created_at: space.created_at.into(),
            updated_at: space.updated_at.into(),
        }
    }
}

/// Returns a space with the relations that were asked for.
pub(crate) fn space_json(view: &SpaceView, includes: Includes) -> SpaceJson<'_> {
    let mut json = SpaceJson::from(&view.space);
    if includes.organization {
        json.organization = Some(view.organization.as_deref().map(OrganizationJson::from));
    }
    if includes.project {
        json.project = Some(view.project.as_deref().map(ProjectJson::from));
    }
    if includes.creator {
        json.created_by = CreatedBy::Member(view.creator.as_deref().map(MemberJson::from));
    }
    json
}
