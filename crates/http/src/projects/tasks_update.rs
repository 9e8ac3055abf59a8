//! `PATCH /v2/tasks/{node_id}`

use loggia_domain::id::TaskId;
use loggia_domain::task::{OutlineNumber, TaskPatch, TaskStatus};
use loggia_domain::text::{TaskDescription, TaskName};

use super::create::patched_dates;
use super::people::user;
use super::tasks_get::show;
use super::tasks_list::read_nested;
use super::update::date_to_blame;
use super::view_task::task_json;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;
use crate::refusal::task_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let nested = read_nested(&mut call).unwrap_or_default();
    let patch = call.object(read)?;
    let id = call.id(TaskId::parse)?;
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

pub(crate) fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<TaskPatch> {
    let outline = body.optional(findings, "task_no", text(OutlineNumber::parse));
    let name = body.optional(findings, "task_name", text(TaskName::parse));
    let description = body.nullable(findings, "description", text(TaskDescription::parse));
    let status = body.optional(findings, "status", text(TaskStatus::parse));
    let dates = patched_dates(body, findings);
    let assignee = body.nullable(findings, "assignee_node_id", user);
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
