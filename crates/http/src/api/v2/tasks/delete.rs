//! `DELETE /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;
use loggia_domain::text::TaskName;
use schemars::JsonSchema;
use serde::Serialize;

use super::get::show;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::{DisplayId, Of};
use crate::wire::serialization::IdText;

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskRemoved")]
pub(crate) struct Removed<'a> {
    #[schemars(extend("const" = "TASK_REMOVED"))]
    message: &'static str,
    task: TaskRefJson<'a>,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskReference")]
struct TaskRefJson<'a> {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<TaskId>")]
    node_id: IdText,
    #[schemars(with = "Of<TaskName>")]
    task_name: &'a str,
}

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<TaskId, Problem> {
    request.checked()?;
    request.id(TaskId::parse)
}

async fn run(id: TaskId, call: Call) -> Reply {
    let deleted = call.expecting().delete_task(id).await;
    let task = or_current_tag(deleted, show(&call, id, false)).await?;
    call.notes.organization(task.scope.organization());
    let task = TaskRefJson { id: task.number.get(), node_id: task.id.into(), task_name: task.name.as_str() };
    Answer::ok(&Removed { message: "TASK_REMOVED", task })
}
