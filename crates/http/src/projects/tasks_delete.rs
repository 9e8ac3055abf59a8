//! `DELETE /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;
use serde::Serialize;

use crate::answer::{Answer, Reply};
use crate::call::Call;

#[derive(Serialize)]
struct Removed {
    message: &'static str,
    task: TaskRefJson,
}

#[derive(Serialize)]
struct TaskRefJson {
    id: i64,
    node_id: String,
    task_name: String,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(TaskId::parse)?;
    let task = call.loggia().delete_task(&call.caller, id).await?;
    call.notes.organization(task.scope.organization());
    let (number, name) = (task.number.get(), task.name.to_string());
    let task = TaskRefJson { id: number, node_id: task.id.to_string(), task_name: name };
    Answer::ok(&Removed { message: "TASK_REMOVED", task })
}
