//! `POST /api/v1/api-keys/{keyId}/rotate`

use loggia_domain::key::Overlap;
use loggia_domain::page::OutOfRange;

use super::keys_create::created;
use crate::answer::Reply;
use crate::call::Call;
use crate::extract::body::Fields;
use crate::extract::json::Json;
use crate::fault::{Fault, Findings};
use crate::openapi::Shape;
use crate::refusal::rotation_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let overlap = call.object(read)?;
    let overlap = overlap.unwrap_or_default();
    let issued = call.acting().rotate_own_key(call.key_in_path(0), overlap).await;
    let issued = issued.map_err(rotation_problem)?;
    call.notes.organization(issued.key.default_scope.organization());
    created(&issued)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<Option<Overlap>> {
    body.optional(findings, "overlapSeconds", overlap)
}

fn overlap(json: Json<'_>) -> Result<Overlap, Fault> {
    let beyond = OutOfRange { min: 0, max: Overlap::MAX };
    let seconds = u32::try_from(json.integer()?).map_err(|_| beyond)?;
    Ok(Overlap::new(seconds)?)
}
