//! `DELETE /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;
use loggia_domain::text::TaskName;
use schemars::JsonSchema;
use serde::Serialize;

use super::tasks_get::show;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::openapi::{DisplayId, Of};

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskRemoved")]
pub(crate) struct Removed {
    #[schemars(extend("const" = "TASK_REMOVED"))]
    message: &'static str,
    task: TaskRefJson,
}

#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskReference")]
struct TaskRefJson {
    #[schemars(with = "DisplayId")]
    id: i64,
    #[schemars(with = "Of<TaskId>")]
    node_id: String,
    #[schemars(with = "Of<TaskName>")]
    task_name: String,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(TaskId::parse)?;
    let deleted = call.loggia().delete_task(&call.caller, id).await;
    let task = or_current_tag(deleted, show(&call, id, false)).await?;
    call.notes.organization(task.scope.organization());
    let (number, name) = (task.number.get(), task.name.to_string());
    let task = TaskRefJson { id: number, node_id: task.id.to_string(), task_name: name };
    Answer::ok(&Removed { message: "TASK_REMOVED", task })
}
