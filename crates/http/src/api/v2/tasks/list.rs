//! `GET /v2/projects/{node_id}/tasks`

use loggia_domain::id::{InvalidId, ProjectId, UserId};
use loggia_domain::page::{AssigneeFilter, TaskQuery, task_position};
use loggia_domain::port::TaskView;
use loggia_domain::task::TaskStatus;
use schemars::json_schema;

use super::view::task_json;
use crate::api::v2::envelope::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValueError;
use crate::wire::paging::{CURSOR, PAGE, PER_PAGE};
use crate::wire::parameter::{Cost, Declaration, Parameter, schema_of, schema_of_or_empty};
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
    Parameter::new("status", "Returns only records with this status.", schema_of::<TaskStatus>, |text| {
        TaskStatus::parse(text).map_err(ValueError::from)
    })
    .costing(Cost::Scan);

static ASSIGNEE: Parameter<AssigneeFilter> = Parameter::new(
    "assignee",
    "Returns only tasks assigned to this user; present and empty: only unassigned tasks.",
    schema_of_or_empty::<UserId>,
    |text| assignee(text).map_err(ValueError::from),
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

handler!(parse, run);

/// A page of tasks to list, and whether the response shows them nested.
#[derive(Clone)]
struct Command {
    project: ProjectId,
    query: TaskQuery,
    nested: bool,
    requested: RequestedPage,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let project = request.id(ProjectId::parse);
    let list = read(request, project.as_ref().ok().copied());
    let (query, nested, requested) = request.errors.accept(list)?;
    Ok(Command { project: project?, query, nested, requested })
}

async fn run(Command { project, query, nested, requested }: Command, call: Call) -> Reply {
    let page = call.acting().list_tasks(project, &query, &requested.request).await?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &TaskView| task_position(&view.task);
    Answer::ok(&envelope::wrap(&call, &requested, &page, position, |view| task_json(view, nested)))
}

fn read(request: &mut Request<'_>, project: Option<ProjectId>) -> Option<(TaskQuery, bool, RequestedPage)> {
    let (given, errors) = (&request.query, &mut request.errors);
    let nested = given.read(errors, &DOTTIE);
    let status = given.read(errors, &STATUS);
    let assignee = given.read(errors, &ASSIGNEE);
    let (Some(nested), Some(status), Some(assignee)) = (nested, status, assignee) else {
        envelope::read(request, None);
        return None;
    };
    let query = TaskQuery { status, assignee };
    let requested = envelope::read(request, Some(format!("tasks {project:?} {query:?}")))?;
    Some((query, nested.unwrap_or(false), requested))
}

/// Parses the filter by assignee. An empty text selects the tasks without an assignee.
fn assignee(text: &str) -> Result<AssigneeFilter, InvalidId> {
    match text {
        "" => Ok(AssigneeFilter::Nobody),
        id => UserId::parse(id).map(AssigneeFilter::User),
    }
}

/// Parses the parameter `dottie`: `true` to show a task nested.
pub(super) fn read_nested(request: &mut Request<'_>) -> Option<bool> {
    let nested = request.query.read(&mut request.errors, &DOTTIE)?;
    Some(nested.unwrap_or(false))
}
