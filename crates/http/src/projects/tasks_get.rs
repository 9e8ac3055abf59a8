//! `GET /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;

use super::tasks_list::read_nested;
use super::view_task::task_json;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let nested = read_nested(&mut call);
    let nested = call.findings.accept(nested)?;
    let id = call.id(TaskId::parse)?;
    show(&call, id, nested).await
}

/// Shows the task as it is now.
pub(super) async fn show(call: &Call, id: TaskId, nested: bool) -> Reply {
    let view = call.acting().task(id).await?;
    call.notes.organization(view.task.scope.organization());
    Answer::record(view.task.revision, &task_json(&view, nested))
}
