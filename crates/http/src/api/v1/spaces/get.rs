//! `GET /api/v1/spaces/{id}`

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;

use super::include::INCLUDE;
use super::view::space_json;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(SpaceId, Includes), Problem> {
    let includes = request.query.read(&mut request.errors, &INCLUDE);
    let includes = request.errors.accept(includes)?.unwrap_or_default();
    Ok((request.id(SpaceId::parse)?, includes))
}

async fn run((id, includes): (SpaceId, Includes), call: Call) -> Reply {
    show(&call, id, includes).await
}

/// Shows the space as it is now.
pub(super) async fn show(call: &Call, id: SpaceId, includes: Includes) -> Reply {
    let view = call.acting().space(id, includes).await?;
    call.notes.organization(view.space.scope.organization());
    Answer::record(view.space.revision, &data(space_json(&view, includes)))
}
