//! People in this dialect: their representation, and their names in bodies.

use loggia_domain::id::UserId;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::{Member, Profile};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::problem::validation::ValueError;
use crate::wire::json::Json;
use crate::wire::schema::{DisplayId, Of};
use crate::wire::serialization::IdText;

/// A person, with the profile of the scope. An unknown text is empty, never null.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Person")]
pub(super) struct PersonJson<'a> {
    #[schemars(with = "DisplayId")]
    pub(super) id: i64,
    #[schemars(extend("maxLength" = EmailAddress::MAX))]
    pub(super) email: &'a str,
    #[schemars(extend("maxLength" = AvatarUrl::MAX))]
    pub(super) avatar: &'a str,
    #[schemars(with = "Of<UserId>")]
    pub(super) node_id: IdText,
    #[schemars(extend("maxLength" = Profile::MAX_FULL_NAME))]
    pub(super) full_name: String,
    #[schemars(extend("maxLength" = PersonName::MAX))]
    pub(super) first_name: &'a str,
    #[schemars(extend("maxLength" = PersonName::MAX))]
    pub(super) last_name: &'a str,
    #[schemars(extend("maxLength" = EmployeeNumber::MAX))]
    pub(super) employee_no: &'a str,
}

impl<'a> From<&'a Member> for PersonJson<'a> {
    fn from(member: &'a Member) -> Self {
        let profile = &member.profile;
        Self {
            id: member.number.get(),
            email: email(member),
            avatar: profile.avatar.as_ref().map(AvatarUrl::as_str).unwrap_or_default(),
            node_id: member.user.into(),
            full_name: profile.full_name(),
            first_name: profile.first_name.as_str(),
            last_name: profile.last_name.as_str(),
            employee_no: profile.employee_number.as_ref().map(EmployeeNumber::as_str).unwrap_or_default(),
        }
    }
}

/// A person on a roster.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "RosterPerson")]
pub(super) struct MemberJson<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<UserId>")]
    node_id: IdText,
    #[schemars(extend("maxLength" = Username::MAX))]
    username: &'a str,
    #[schemars(extend("maxLength" = EmailAddress::MAX))]
    email: &'a str,
}

impl<'a> From<&'a Member> for MemberJson<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: member.number.get(),
            node_id: member.user.into(),
            username: member.profile.username.as_ref().map(Username::as_str).unwrap_or_default(),
            email: email(member),
        }
    }
}

/// Returns the e-mail address, or an empty text for a machine or an erased user, who has none.
fn email(member: &Member) -> &str {
    member.email.as_ref().map(EmailAddress::as_str).unwrap_or_default()
}

/// Returns the user id that stands for a display id in the place of a user's node id: no user has it, so it is not found, as the contract
/// asks for. Each number gives another id, so that two of them are not duplicates; no assigned id begins with as many zeros. Numbers beyond
/// 64 bits all give the same id.
fn nobody(digits: &str) -> UserId {
    UserId::from_uuid(Uuid::from_u128(digits.parse::<u64>().map_or(u128::from(u64::MAX), u128::from)))
}

fn is_display_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Parses the node id of a user. A whole number, even in quotes, is a display id, which identifies no user.
pub(super) fn user(json: Json<'_>) -> Result<UserId, ValueError> {
    if is_display_id(json.text()) {
        return Ok(nobody(json.text()));
    }
    let text = json.string()?;
    if is_display_id(&text) { Ok(nobody(&text)) } else { UserId::parse(&text).map_err(ValueError::from) }
}
