//! `POST /api/v1/organizations/{id}/invitations/{invitationId}/resend`: replaces the token of an invitation, which may have expired.

use loggia_domain::id::OrganizationId;
use loggia_domain::service::Authority;

use super::view::IssuedInvitationJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, invitation) = (call.id(OrganizationId::parse)?, call.invitation_in_path());
    let issued = call.loggia().resend_invitation(Authority::Caller(&call.caller), id, invitation).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(IssuedInvitationJson::from(&issued))).map(Answer::with_a_secret)
}
