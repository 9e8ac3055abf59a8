//! `POST /v2/projects/{node_id}/tasks`

use loggia_domain::id::ProjectId;
use loggia_domain::task::{NewTask, OutlineNumber, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};

use super::list::read_nested;
use super::view::task_json;
use crate::api::v2::people::user;
use crate::api::v2::projects::create::dates;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

/// A task to create, and whether the response shows it nested.
#[derive(Clone)]
struct Command {
    project: ProjectId,
    new: NewTask,
    nested: bool,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let nested = read_nested(request).unwrap_or_default();
    let new = request.object(read)?;
    Ok(Command { project: request.id(ProjectId::parse)?, new, nested })
}

async fn run(Command { project, new, nested }: Command, call: Call) -> Reply {
    let view = call.acting().create_task(project, new).await?;
    call.notes.organization(view.task.scope.organization());
    let location = format!("/v2/tasks/{}", view.task.id);
    Answer::created(Some(location), &task_json(&view, nested))?.tagged(view.task.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read).with("status", "default", TaskStatus::Todo.as_str())
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<NewTask> {
    let outline = body.optional(errors, "task_no", text(OutlineNumber::parse));
    let name = body.required(errors, "task_name", text(TaskName::parse));
    let description = body.nullable(errors, "description", text(TaskDescription::parse));
    let status = body.optional(errors, "status", text(TaskStatus::parse));
    let dates = dates(body, errors);
    let assignee = body.nullable(errors, "assignee_node_id", user);
    let default = NewTask::named(name?);
    Some(NewTask {
        outline: outline?,
        description: description?.flatten(),
        status: status?.unwrap_or(default.status),
        dates: dates?,
        assignee: assignee?.flatten(),
        ..default
    })
}
