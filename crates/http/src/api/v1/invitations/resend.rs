//! `POST /api/v1/organizations/{id}/invitations/{invitationId}/resend`: replaces the token of an invitation, which may have expired.

use loggia_domain::id::{InvitationId, OrganizationId};

use super::view::IssuedInvitationJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, InvitationId), Problem> {
    request.checked()?;
    Ok((request.id(OrganizationId::parse)?, request.invitation_in_path()))
}

async fn run((id, invitation): (OrganizationId, InvitationId), call: Call) -> Reply {
    let issued = call.acting().resend_invitation(id, invitation).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(IssuedInvitationJson::from(&issued))).map(Answer::with_a_secret)
}
