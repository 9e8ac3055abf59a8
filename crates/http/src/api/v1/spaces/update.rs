//! `PATCH /api/v1/spaces/{id}`

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;
use loggia_domain::space::SpacePatch;
use loggia_domain::text::SpaceName;

use super::fields::optional_fields;
use super::get::show;
use super::view::SpaceJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(SpaceId, SpacePatch), Problem> {
    let patch = request.object(read)?;
    Ok((request.id(SpaceId::parse)?, patch))
}

async fn run((id, patch): (SpaceId, SpacePatch), call: Call) -> Reply {
    let changed = call.expecting().update_space(id, patch).await;
    let space = or_current_tag(changed, show(&call, id, Includes::default())).await?;
    call.notes.organization(space.scope.organization());
    Answer::record(space.revision, &data(SpaceJson::from(&space)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

pub(crate) fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<SpacePatch> {
    let name = body.optional(errors, "name", text(SpaceName::parse));
    let fields = optional_fields(body, errors);
    body.refuse(
        errors,
        "organizationId",
        ValueError::new(FieldErrorCode::IMMUTABLE, "cannot be changed after the space is created"),
    );
    Some(SpacePatch { name: name?, ..fields? })
}
