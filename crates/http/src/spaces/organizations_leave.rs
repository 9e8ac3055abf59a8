//! `DELETE /api/v1/me/organizations/{id}`: the caller leaves. The membership stays, inactive, so that what the caller made keeps its
//! author; only an admin of the organization can make it active again.

use loggia_domain::id::OrganizationId;

use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(OrganizationId::parse)?;
    call.loggia().leave_organization(&call.caller, id).await?;
    call.notes.organization(Some(id));
    Answer::no_content()
}
