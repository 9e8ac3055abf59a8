//! Members of an organization, as this dialect shows them.

use loggia_domain::id::UserId;
use loggia_domain::role::ScopeRole;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::{Member, UserKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::{Of, Time};

/// A user's place in an organization. `id` is the user's.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrganizationMember")]
pub(crate) struct OrganizationMemberJson {
    #[schemars(with = "Of<UserId>")]
    id: String,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// A machine has none.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<String>,
    #[schemars(with = "Of<ScopeRole>")]
    role: &'static str,
    active: bool,
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
    #[schemars(with = "Time")]
    created_at: String,
    #[schemars(with = "Time")]
    updated_at: String,
}

impl From<&Member> for OrganizationMemberJson {
    fn from(member: &Member) -> Self {
        let profile = &member.profile;
        Self {
            id: member.user.to_string(),
            kind: member.kind.as_str(),
            email: member.email.as_ref().map(EmailAddress::as_str).map(str::to_owned),
            role: member.role.as_str(),
            active: member.active,
            first_name: profile.first_name.to_string(),
            last_name: profile.last_name.to_string(),
            full_name: profile.full_name(),
            username: profile.username.as_ref().map(Username::to_string),
            employee_number: profile.employee_number.as_ref().map(EmployeeNumber::to_string),
            avatar: profile.avatar.as_ref().map(AvatarUrl::as_str).map(str::to_owned),
            created_at: member.created_at.to_rfc3339(),
            updated_at: member.updated_at.to_rfc3339(),
        }
    }
}
