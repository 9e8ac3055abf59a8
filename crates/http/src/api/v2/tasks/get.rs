//! `GET /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;

use super::list::read_nested;
use super::view::task_json;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(TaskId, bool), Problem> {
    let nested = read_nested(request);
    let nested = request.errors.accept(nested)?;
    Ok((request.id(TaskId::parse)?, nested))
}

async fn run((id, nested): (TaskId, bool), call: Call) -> Reply {
    show(&call, id, nested).await
}

/// Shows the task as it is now.
pub(super) async fn show(call: &Call, id: TaskId, nested: bool) -> Reply {
    let view = call.acting().task(id).await?;
    call.notes.organization(view.task.scope.organization());
    Answer::record(view.task.revision, &task_json(&view, nested))
}
