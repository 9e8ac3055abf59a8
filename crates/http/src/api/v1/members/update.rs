//! `PATCH /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::role::ScopeRole;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::MemberPatch;

use super::get::show;
use super::view::OrganizationMemberJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId, MemberPatch), Problem> {
    let patch = request.object(read)?;
    Ok((request.id(OrganizationId::parse)?, request.user_in_path(), patch))
}

/// Changes the member that the path names, and shows the member.
pub(super) async fn run((id, user, patch): (OrganizationId, UserId, MemberPatch), call: Call) -> Reply {
    let changed = call.expecting().update_member(id, user, patch).await;
    let member = or_current_tag(changed, show(&call, id, user)).await?;
    call.notes.organization(Some(id));
    Answer::record(member.revision, &data(OrganizationMemberJson::from(&member)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

pub(crate) fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<MemberPatch> {
    let role = body.optional(errors, "role", text(ScopeRole::parse));
    let active = body.optional(errors, "active", |json| json.boolean());
    let first_name = body.optional(errors, "firstName", text(PersonName::parse));
    let last_name = body.optional(errors, "lastName", text(PersonName::parse));
    let username = body.nullable(errors, "username", text(Username::parse));
    let employee_number = body.nullable(errors, "employeeNumber", text(EmployeeNumber::parse));
    let avatar = body.nullable(errors, "avatar", text(AvatarUrl::parse));
    let email = body.optional(errors, "email", text(EmailAddress::parse));
    body.refuse(
        errors,
        "kind",
        ValueError::new(FieldErrorCode::IMMUTABLE, "is fixed when the user is created"),
    );
    Some(MemberPatch {
        role: role?,
        active: active?,
        email: email?,
        first_name: first_name?,
        last_name: last_name?,
        username: username?,
        employee_number: employee_number?,
        avatar: avatar?,
    })
}
