//! The representation of an organization's members in this dialect.

use loggia_domain::id::UserId;
use loggia_domain::role::ScopeRole;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::{Member, Profile, UserKind};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::schema::{Of, Time};
use crate::wire::serialization::{IdText, TimeText};

/// A user's membership of an organization. `id` is the user's.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OrganizationMember")]
pub(crate) struct OrganizationMemberJson<'a> {
    #[schemars(with = "Of<UserId>")]
    id: IdText,
    #[schemars(with = "Of<UserKind>")]
    kind: &'static str,
    /// `true` for an account; `false` for the organization's own person or machine.
    account: bool,
    /// The e-mail address; null for a machine, for an erased user, and for an account that is no longer a member.
    #[schemars(with = "Option<Of<EmailAddress>>")]
    email: Option<&'a str>,
    #[schemars(with = "Of<ScopeRole>")]
    role: &'static str,
    active: bool,
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
    #[schemars(with = "Time")]
    created_at: TimeText,
    #[schemars(with = "Time")]
    updated_at: TimeText,
}

impl<'a> From<&'a Member> for OrganizationMemberJson<'a> {
    fn from(member: &'a Member) -> Self {
        let profile = &member.profile;
        Self {
            id: member.user.into(),
            kind: member.kind.as_str(),
            account: member.is_account(),
            email: member.email.as_ref().map(EmailAddress::as_str),
            role: member.role.as_str(),
            active: member.active,
            first_name: profile.first_name.as_str(),
            last_name: profile.last_name.as_str(),
            full_name: profile.full_name(),
            username: profile.username.as_ref().map(Username::as_str),
            employee_number: profile.employee_number.as_ref().map(EmployeeNumber::as_str),
            avatar: profile.avatar.as_ref().map(AvatarUrl::as_str),
            created_at: member.created_at.into(),
            updated_at: member.updated_at.into(),
        }
    }
}
