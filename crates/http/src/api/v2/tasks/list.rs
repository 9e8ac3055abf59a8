//! `GET /v2/projects/{node_id}/tasks`

use loggia_domain::id::{InvalidId, ProjectId, UserId};
use loggia_domain::page::{AssigneeFilter, TaskQuery, task_position};
use loggia_domain::port::TaskView;
use loggia_domain::task::TaskStatus;
use schemars::json_schema;

use super::view::task_json;
use crate::api::v2::envelope::{self, Place};
use crate::pipeline::call::Call;
use crate::problem::validation::Fault;
use crate::wire::paging::{CURSOR, PAGE, PER_PAGE};
use crate::wire::parameter::{Cost, Declaration, Parameter, of, of_or_empty};
use crate::wire::query::flag;
use crate::wire::response::{Answer, Reply};

/// Whether a task is shown nested.
pub(super) static DOTTIE: Parameter<bool> = Parameter::new(
    "dottie",
    "Whether relations are nested objects instead of dotted keys.",
    |_| json_schema!({"type": "boolean", "default": false}),
    flag,
);

pub(super) static STATUS: Parameter<TaskStatus> =
    Parameter::new("status", "Returns only records with this status.", of::<TaskStatus>, |text| {
        TaskStatus::parse(text).map_err(Fault::from)
    })
    .costing(Cost::Scan);

static ASSIGNEE: Parameter<AssigneeFilter> = Parameter::new(
    "assignee",
    "Returns only tasks assigned to this user; present and empty: only unassigned tasks.",
    of_or_empty::<UserId>,
    |text| assignee(text).map_err(Fault::from),
)
.costing(Cost::Scan);

pub(crate) static PARAMETERS: &[&Declaration] = &[
    &DOTTIE.declaration,
    &STATUS.declaration,
    &ASSIGNEE.declaration,
    &PAGE.declaration,
    &PER_PAGE.declaration,
    &CURSOR.declaration,
];

/// The parameters of an operation with one task.
pub(super) static NESTED: &[&Declaration] = &[&DOTTIE.declaration];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let id = call.id(ProjectId::parse);
    let request = read(&mut call, id.as_ref().ok().copied());
    let (query, nested, place) = call.findings.accept(request)?;
    let page = call.loggia().list_tasks(&call.caller, id?, &query, &place.request).await?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &TaskView| task_position(&view.task);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, |view| task_json(view, nested)))
}

fn read(call: &mut Call, project: Option<ProjectId>) -> Option<(TaskQuery, bool, Place)> {
    let (given, findings) = (&call.query, &mut call.findings);
    let nested = given.read(findings, &DOTTIE);
    let status = given.read(findings, &STATUS);
    let assignee = given.read(findings, &ASSIGNEE);
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
    let nested = call.query.read(&mut call.findings, &DOTTIE)?;
    Some(nested.unwrap_or(false))
}
