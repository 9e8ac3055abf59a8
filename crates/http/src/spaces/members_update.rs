//! `PATCH /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::OrganizationId;
use loggia_domain::role::ScopeRole;
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::MemberPatch;

use super::data;
use super::members_get::show;
use super::view_member::OrganizationMemberJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::extract::body::{Fields, text};
use crate::fault::{Fault, FaultCode, Findings};
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let patch = call.object(read)?;
    update(&call, patch).await
}

/// Changes the member that the path names, and shows the member.
pub(super) async fn update(call: &Call, patch: MemberPatch) -> Reply {
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    let changed = call.expecting().update_member(id, user, patch).await;
    let member = or_current_tag(changed, show(call, id, user)).await?;
    call.notes.organization(Some(id));
    Answer::record(member.revision, &data(OrganizationMemberJson::from(&member)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

pub(crate) fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<MemberPatch> {
    let role = body.optional(findings, "role", text(ScopeRole::parse));
    let active = body.optional(findings, "active", |json| json.boolean());
    let first_name = body.optional(findings, "firstName", text(PersonName::parse));
    let last_name = body.optional(findings, "lastName", text(PersonName::parse));
    let username = body.nullable(findings, "username", text(Username::parse));
    let employee_number = body.nullable(findings, "employeeNumber", text(EmployeeNumber::parse));
    let avatar = body.nullable(findings, "avatar", text(AvatarUrl::parse));
    let email = body.optional(findings, "email", text(EmailAddress::parse));
    body.refuse(findings, "kind", Fault::new(FaultCode::IMMUTABLE, "is fixed when the user is created"));
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
