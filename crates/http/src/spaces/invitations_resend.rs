//! `POST /api/v1/organizations/{id}/invitations/{invitationId}/resend`: replaces the token of an invitation, which may have expired.

use loggia_domain::id::OrganizationId;

use super::data;
use super::view_invitation::IssuedInvitationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, invitation) = (call.id(OrganizationId::parse)?, call.invitation_in_path());
    let issued = call.acting().resend_invitation(id, invitation).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(IssuedInvitationJson::from(&issued))).map(Answer::with_a_secret)
}
