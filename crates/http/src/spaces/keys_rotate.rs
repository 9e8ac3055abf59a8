//! `POST /api/v1/api-keys/{keyId}/rotate`

use loggia_domain::key::Overlap;
use loggia_domain::page::OutOfRange;

use super::keys_create::created;
use crate::answer::Reply;
use crate::call::Call;
use crate::extract::json::Json;
use crate::fault::Fault;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let overlap = call.object(|body, findings| body.optional(findings, "overlapSeconds", overlap))?;
    let overlap = overlap.unwrap_or_default();
    let issued = call.loggia().rotate_own_key(&call.caller, call.key_in_path(0), overlap).await?;
    call.notes.organization(issued.key.default_scope.organization());
    created(&issued)
}

fn overlap(json: Json<'_>) -> Result<Overlap, Fault> {
    let beyond = OutOfRange { min: 0, max: Overlap::MAX };
    let seconds = u32::try_from(json.integer()?).map_err(|_| beyond)?;
    Ok(Overlap::new(seconds)?)
}
