//! `GET /v2/projects/{node_id}` and `GET /projects/{node_id}`

use loggia_domain::id::ProjectId;

use super::view::ProjectJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(ProjectId::parse)?;
    show(&call, id).await
}

/// Shows the project as it is now.
pub(super) async fn show(call: &Call, id: ProjectId) -> Reply {
    let view = call.acting().project(id).await?;
    call.notes.organization(view.record.scope.organization());
    Answer::record(view.record.revision, &ProjectJson::from(&view))
}
