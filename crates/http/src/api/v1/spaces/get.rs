//! `GET /api/v1/spaces/{id}`

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;

use super::include::INCLUDE;
use super::view::space_json;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    let includes = call.query.read(&mut call.findings, &INCLUDE);
    let includes = call.findings.accept(includes)?.unwrap_or_default();
    let id = call.id(SpaceId::parse)?;
    show(&call, id, includes).await
}

/// Shows the space as it is now.
pub(super) async fn show(call: &Call, id: SpaceId, includes: Includes) -> Reply {
    let view = call.loggia().space(&call.caller, id, includes).await?;
    call.notes.organization(view.space.scope.organization());
    Answer::record(view.space.revision, &data(space_json(&view, includes)))
}
