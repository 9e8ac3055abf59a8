//! `DELETE /api/v1/me/organizations/{id}`: the caller leaves the organization. The membership stays, inactive, so that the caller's records
//! keep their author; only an admin of the organization can make the membership active again.

use loggia_domain::id::OrganizationId;

use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(OrganizationId::parse)?;
    call.acting().leave_organization(id).await?;
    call.notes.organization(Some(id));
    Answer::no_content()
}
