//! `GET /v2/projects/{node_id}/tasks`

use loggia_domain::id::{InvalidId, ProjectId, UserId};
use loggia_domain::page::{AssigneeFilter, TaskQuery, task_position};
use loggia_domain::port::TaskView;
use loggia_domain::task::TaskStatus;

use super::envelope::{self, Place};
use super::view_task::task_json;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::query::flag;

pub(crate) const PARAMETERS: &[&str] = &["dottie", "status", "assignee", "page", "per_page", "cursor"];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let id = call.id(ProjectId::parse);
    let request = read(&mut call, id.as_ref().ok().copied());
    let (query, nested, place) = call.findings.accept(request)?;
    let page = call.acting().list_tasks(id?, &query, &place.request).await?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &TaskView| task_position(&view.task);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, |view| task_json(view, nested)))
}

fn read(call: &mut Call, project: Option<ProjectId>) -> Option<(TaskQuery, bool, Place)> {
    let (given, findings) = (&call.query, &mut call.findings);
    let nested = given.optional(findings, "dottie", flag);
    let status = given.optional(findings, "status", TaskStatus::parse);
    let assignee = given.optional(findings, "assignee", assignee);
    let (Some(nested), Some(status), Some(assignee)) = (nested, status, assignee) else {
        envelope::read(call, None);
        return None;
    };
    let query = TaskQuery { status, assignee };
    let place = envelope::read(call, Some(format!("tasks {project:?} {query:?}")))?;
    Some((query, nested.unwrap_or(false), place))
}

/// Parses the filter by assignee. An empty text selects the tasks without an assignee.
fn assignee(text: &str) -> Result<AssigneeFilter, InvalidId> {
    match text {
        "" => Ok(AssigneeFilter::Nobody),
        id => UserId::parse(id).map(AssigneeFilter::User),
    }
}

/// Parses the parameter `dottie`: `true` to show a task nested.
pub(super) fn read_nested(call: &mut Call) -> Option<bool> {
    let nested = call.query.optional(&mut call.findings, "dottie", flag)?;
    Some(nested.unwrap_or(false))
}
