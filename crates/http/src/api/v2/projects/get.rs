//! `GET /v2/projects/{node_id}` and `GET /projects/{node_id}`

use loggia_domain::id::ProjectId;

use super::view::ProjectJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<ProjectId, Problem> {
    request.checked()?;
    request.id(ProjectId::parse)
}

async fn run(id: ProjectId, call: Call) -> Reply {
    show(&call, id).await
}

/// Shows the project as it is now.
pub(super) async fn show(call: &Call, id: ProjectId) -> Reply {
    let view = call.acting().project(id).await?;
    call.notes.organization(view.record.scope.organization());
    Answer::record(view.record.revision, &ProjectJson::from(&view))
}
