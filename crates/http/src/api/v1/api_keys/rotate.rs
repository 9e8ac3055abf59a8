//! `POST /api/v1/api-keys/{keyId}/rotate`

use loggia_domain::id::KeyId;
use loggia_domain::key::Overlap;
use loggia_domain::page::OutOfRange;

use super::create::created;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_organizations::rotation_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::body::Fields;
use crate::wire::json::Json;
use crate::wire::response::Reply;
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(KeyId, Overlap), Problem> {
    let overlap = request.object(read)?;
    Ok((request.key_in_path(0), overlap.unwrap_or_default()))
}

async fn run((id, overlap): (KeyId, Overlap), call: Call) -> Reply {
    let issued = call.acting().rotate_own_key(id, overlap).await;
    let issued = issued.map_err(rotation_problem)?;
    call.notes.organization(issued.key.default_scope.organization());
    created(&issued)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<Option<Overlap>> {
    body.optional(errors, "overlapSeconds", overlap)
}

fn overlap(json: Json<'_>) -> Result<Overlap, ValueError> {
    let beyond = OutOfRange { min: 0, max: Overlap::MAX };
    let seconds = u32::try_from(json.integer()?).map_err(|_| beyond)?;
    Ok(Overlap::new(seconds)?)
}
