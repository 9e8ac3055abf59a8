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
use crate::shown::IdText;

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

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(TaskId::parse)?;
    let deleted = call.expecting().delete_task(id).await;
    let task = or_current_tag(deleted, show(&call, id, false)).await?;
    call.notes.organization(task.scope.organization());
    let task = TaskRefJson { id: task.number.get(), node_id: task.id.into(), task_name: task.name.as_str() };
    Answer::ok(&Removed { message: "TASK_REMOVED", task })
}
