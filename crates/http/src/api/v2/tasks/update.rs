//! `PATCH /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;
use loggia_domain::task::{OutlineNumber, TaskPatch, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};

use super::get::show;
use super::list::read_nested;
use super::view::task_json;
use crate::api::v2::people::user;
use crate::api::v2::projects::create::patched_dates;
use crate::api::v2::projects::update::date_to_blame;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::task_problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

/// A change of a task, and whether the response shows the task nested.
#[derive(Clone)]
struct Command {
    id: TaskId,
    patch: TaskPatch,
    nested: bool,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let nested = read_nested(request).unwrap_or_default();
    let patch = request.object(read)?;
    Ok(Command { id: request.id(TaskId::parse)?, patch, nested })
}

async fn run(Command { id, patch, nested }: Command, call: Call) -> Reply {
    let date = date_to_blame(patch.start.is_some());
    let view = call.expecting().update_task(id, patch).await;
    let view = view.map_err(|error| task_problem(error, date));
    let view = or_current_tag(view, show(&call, id, nested)).await?;
    call.notes.organization(view.task.scope.organization());
    Answer::record(view.task.revision, &task_json(&view, nested))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

pub(crate) fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<TaskPatch> {
    let outline = body.optional(errors, "task_no", text(OutlineNumber::parse));
    let name = body.optional(errors, "task_name", text(TaskName::parse));
    let description = body.nullable(errors, "description", text(TaskDescription::parse));
    let status = body.optional(errors, "status", text(TaskStatus::parse));
    let dates = patched_dates(body, errors);
    let assignee = body.nullable(errors, "assignee_node_id", user);
    let (start, end) = dates?;
    Some(TaskPatch {
        outline: outline?,
        name: name?,
        description: description?,
        status: status?,
        start,
        end,
        assignee: assignee?,
    })
}
