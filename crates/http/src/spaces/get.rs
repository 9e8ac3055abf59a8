//! `GET /api/v1/spaces/{id}`

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;

use super::view::space_json;
use super::{data, include};
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let includes = call.query.optional(&mut call.findings, "include", include::parse);
    let includes = call.findings.accept(includes)?.unwrap_or_default();
    let id = call.id(SpaceId::parse)?;
    show(&call, id, includes).await
}

/// Shows the space as it is now.
pub(super) async fn show(call: &Call, id: SpaceId, includes: Includes) -> Reply {
    let view = call.acting().space(id, includes).await?;
    call.notes.organization(view.space.scope.organization());
    Answer::record(view.space.revision, &data(space_json(&view, includes)))
}
