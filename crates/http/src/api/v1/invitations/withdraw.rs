//! `DELETE /api/v1/organizations/{id}/invitations/{invitationId}`

use loggia_domain::id::OrganizationId;
use loggia_domain::service::Authority;

use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, invitation) = (call.id(OrganizationId::parse)?, call.invitation_in_path());
    call.loggia().withdraw_invitation(Authority::Caller(&call.caller), id, invitation).await?;
    call.notes.organization(Some(id));
    Answer::no_content()
}
