//! `GET /api/v1/organizations/{id}/invitations`

use loggia_domain::id::OrganizationId;
use loggia_domain::invitation::Invitation;
use loggia_domain::page::{Position, invitation_position};

use super::pages;
use super::view_invitation::InvitationJson;
use crate::answer::Reply;
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let id = call.id(OrganizationId::parse);
    let list = format!("invitations {:?}", id.as_ref().ok());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let id = id?;
    let invitations = call.acting().invitations(id, &place.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/invitations");
    pages::answer(&call, &path, &place, &invitations, position, InvitationJson::from)
}

/// Returns the position of an invitation in the list.
fn position(invitation: &Invitation) -> Position {
    invitation_position(invitation.id)
}
