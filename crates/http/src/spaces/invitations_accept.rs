//! `POST /api/v1/invitations/accept`

use loggia_domain::invitation::InvitationToken;

use super::data;
use super::organizations::OwnOrganizationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::Fields;
use crate::extract::json::Json;
use crate::fault::{Fault, Findings};
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let token = call.object(read)?;
    let joined = call.acting().accept_invitation(&token).await?;
    call.notes.organization(Some(joined.0.id));
    Answer::ok(&data(OwnOrganizationJson::from(&joined)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<InvitationToken> {
    body.required(findings, "token", token)
}

/// Parses a token. A malformed one is treated as a token that was never issued, so it fails exactly as an unknown one does.
fn token(json: Json<'_>) -> Result<InvitationToken, Fault> {
    let text = json.string()?;
    Ok(InvitationToken::parse(&text).unwrap_or_else(|_| InvitationToken::from_entropy([0; 32])))
}
