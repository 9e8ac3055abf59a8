//! `POST /api/v1/invitations/accept`

use loggia_domain::invitation::InvitationToken;

use crate::api::v1::data;
use crate::api::v1::organizations::view::OwnOrganizationJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::body::Fields;
use crate::wire::json::Json;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<InvitationToken, Problem> {
    request.object(read)
}

async fn run(token: InvitationToken, call: Call) -> Reply {
    let joined = call.acting().accept_invitation(&token).await?;
    call.notes.organization(Some(joined.0.id));
    Answer::ok(&data(OwnOrganizationJson::from(&joined)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<InvitationToken> {
    body.required(errors, "token", token)
}

/// Parses a token. A malformed one is treated as a token that was never issued, so it fails exactly as an unknown one does.
fn token(json: Json<'_>) -> Result<InvitationToken, ValueError> {
    let text = json.string()?;
    Ok(InvitationToken::parse(&text).unwrap_or_else(|_| InvitationToken::from_entropy([0; 32])))
}
