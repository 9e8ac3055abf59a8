//! Members of an organization, as this dialect shows them.

use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, Username};
use loggia_domain::user::Member;
use serde::Serialize;

/// A user's place in an organization. `id` is the user's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationMemberJson {
    id: String,
    kind: &'static str,
    /// A machine has none.
    email: Option<String>,
    role: &'static str,
    active: bool,
    first_name: String,
    last_name: String,
    full_name: String,
    username: Option<String>,
    employee_number: Option<String>,
    avatar: Option<String>,
    created_at: String,
    updated_at: String,
}

impl OrganizationMemberJson {
    pub(super) fn id(&self) -> &str {
        &self.id
    }
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
