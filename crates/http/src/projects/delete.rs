//! `DELETE /v2/projects/{node_id}`

use loggia_domain::id::ProjectId;
use loggia_domain::port::ProjectRef;
use serde::Serialize;

use super::view::ProjectRefJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

#[derive(Serialize)]
struct Removed {
    message: &'static str,
    project: ProjectRefJson,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(ProjectId::parse)?;
    let project = call.loggia().delete_project(&call.caller, id).await?;
    call.notes.organization(project.scope.organization());
    Answer::ok(&Removed { message: "PROJECT_REMOVED", project: (&ProjectRef::from(&project)).into() })
}
