//! `GET /api/v1/organizations/{id}/invitations`

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{Position, invitation_position};

use super::view::InvitationJson;
use crate::api::v1::pages::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, RequestedPage), Problem> {
    let id = request.id(OrganizationId::parse);
    let list = format!("invitations {:?}", id.as_ref().ok());
    let requested = pages::requested_page(request, list);
    let requested = request.errors.accept(requested)?;
    Ok((id?, requested))
}

async fn run((id, requested): (OrganizationId, RequestedPage), call: Call) -> Reply {
    let invitations = call.acting().invitations(id, &requested.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/invitations");
    pages::answer(&call, &path, &requested, &invitations, position, InvitationJson::from)
}

/// Returns the position of an invitation in the list.
fn position(invitation: &Invitation) -> Position {
    invitation_position(invitation.id)
}
