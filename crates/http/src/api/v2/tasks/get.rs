//! `GET /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;

use super::list::read_nested;
use super::view::task_json;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    let nested = read_nested(&mut call);
    let nested = call.findings.accept(nested)?;
    let id = call.id(TaskId::parse)?;
    show(&call, id, nested).await
}

/// Shows the task as it is now.
pub(super) async fn show(call: &Call, id: TaskId, nested: bool) -> Reply {
    let view = call.loggia().task(&call.caller, id).await?;
    call.notes.organization(view.task.scope.organization());
    Answer::record(view.task.revision, &task_json(&view, nested))
}
