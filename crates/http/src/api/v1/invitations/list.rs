//! `GET /api/v1/organizations/{id}/invitations`

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{Position, invitation_position};

use super::view::InvitationJson;
use crate::api::v1::pages::{self, Place};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, Place), Problem> {
    let id = request.id(OrganizationId::parse);
    let list = format!("invitations {:?}", id.as_ref().ok());
    let place = pages::place(request, list);
    let place = request.errors.accept(place)?;
    Ok((id?, place))
}

async fn run((id, place): (OrganizationId, Place), call: Call) -> Reply {
    let invitations = call.acting().invitations(id, &place.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/invitations");
    pages::answer(&call, &path, &place, &invitations, position, InvitationJson::from)
}

/// Returns the position of an invitation in the list.
fn position(invitation: &Invitation) -> Position {
    invitation_position(invitation.id)
}
