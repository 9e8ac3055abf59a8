//! `DELETE /v2/projects/{node_id}`

use loggia_domain::id::ProjectId;
use loggia_domain::port::ProjectRef;
use schemars::JsonSchema;
use serde::Serialize;

use super::get::show;
use super::view::ProjectRefJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "ProjectRemoved")]
pub(crate) struct Removed<'a> {
    #[schemars(extend("const" = "PROJECT_REMOVED"))]
    message: &'static str,
    project: ProjectRefJson<'a>,
}

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<ProjectId, Problem> {
    request.checked()?;
    request.id(ProjectId::parse)
}

async fn run(id: ProjectId, call: Call) -> Reply {
    let deleted = call.expecting().delete_project(id).await;
    let project = or_current_tag(deleted, show(&call, id)).await?;
    call.notes.organization(project.scope.organization());
    Answer::ok(&Removed { message: "PROJECT_REMOVED", project: (&ProjectRef::from(&project)).into() })
}
