//! `DELETE /api/v1/organizations/{id}/invitations/{invitationId}`

use loggia_domain::id::OrganizationId;

use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, invitation) = (call.id(OrganizationId::parse)?, call.invitation_in_path());
    call.acting().withdraw_invitation(id, invitation).await?;
    call.notes.organization(Some(id));
    Answer::no_content()
}
