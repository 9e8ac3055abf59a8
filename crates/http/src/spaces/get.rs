//! `GET /api/v1/spaces/{id}`

use loggia_domain::id::SpaceId;

use super::view::space_json;
use super::{data, include};
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let includes = call.query.optional(&mut call.findings, "include", include::parse);
    let includes = call.findings.accept(includes)?.unwrap_or_default();
    let id = call.id(SpaceId::parse)?;
    let view = call.loggia().space(&call.caller, id, includes).await?;
    call.notes.organization(view.space.scope.organization());
    Answer::ok(&data(space_json(&view, includes)))
}
