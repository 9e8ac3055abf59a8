//! `POST /v2/projects/{node_id}/tasks`

use loggia_domain::id::ProjectId;
use loggia_domain::task::{NewTask, OutlineNumber, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};

use super::create::dates;
use super::people::user;
use super::tasks_list::read_nested;
use super::view_task::task_json;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let nested = read_nested(&mut call).unwrap_or_default();
    let new = call.object(read)?;
    let id = call.id(ProjectId::parse)?;
    let view = call.acting().create_task(id, new).await?;
    call.notes.organization(view.task.scope.organization());
    let location = format!("/v2/tasks/{}", view.task.id);
    Answer::created(Some(location), &task_json(&view, nested))?.tagged(view.task.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read).with("status", "default", TaskStatus::Todo.as_str())
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<NewTask> {
    let outline = body.optional(findings, "task_no", text(OutlineNumber::parse));
    let name = body.required(findings, "task_name", text(TaskName::parse));
    let description = body.nullable(findings, "description", text(TaskDescription::parse));
    let status = body.optional(findings, "status", text(TaskStatus::parse));
    let dates = dates(body, findings);
    let assignee = body.nullable(findings, "assignee_node_id", user);
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
