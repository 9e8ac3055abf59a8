//! `DELETE /v2/projects/{node_id}`

use loggia_domain::id::ProjectId;
use loggia_domain::port::ProjectRef;
use schemars::JsonSchema;
use serde::Serialize;

use super::get::show;
use super::view::ProjectRefJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ProjectRemoved")]
pub(crate) struct Removed<'a> {
    #[schemars(extend("const" = "PROJECT_REMOVED"))]
    message: &'static str,
    project: ProjectRefJson<'a>,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(ProjectId::parse)?;
    let deleted = call.expecting().delete_project(id).await;
    let project = or_current_tag(deleted, show(&call, id)).await?;
    call.notes.organization(project.scope.organization());
    Answer::ok(&Removed { message: "PROJECT_REMOVED", project: (&ProjectRef::from(&project)).into() })
}
