//! `GET /v2/tasks/my-tasks-by-project`

use std::num::NonZeroU32;

use garde::Validate;
use loggia_domain::page::numbered_position;
use loggia_domain::port::{MyTasksView, OwnTasksQuery};
use loggia_domain::scope::ScopeChoice;
use schemars::JsonSchema;
use serde::Serialize;

use super::list::{DOTTIE, STATUS};
use super::view::{TaskJson, task_json};
use crate::api::v2::envelope::{self, ORGANIZATION, RequestedPage};
use crate::api::v2::projects::view::ProjectRefJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::validation::ValueError;
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::paging::{self, CURSOR, PAGE};
use crate::wire::parameter::{Declaration, Parameter, Rows, range};
use crate::wire::query::number;
use crate::wire::response::{Answer, Reply};

static TASKS_LIMIT: Parameter<u32> = Parameter::new(
    "tasks_limit",
    "The maximum number of tasks of each project.",
    |_| range(1, Some(MOST_TASKS), Some(DEFAULT_TASKS_LIMIT)),
    number,
)
.limiting(Rows::Nested { default: DEFAULT_TASKS_LIMIT, max: MOST_TASKS, in_all: MOST_TASKS_IN_ALL });

static PER_PAGE: Parameter<u32> = paging::per_page(
    "The number of projects on a page, by default 20, or as many as `tasks_limit` allows: `tasks_limit` times `per_page` is at most 500. With `cursor`, the value with which the cursor was created, or absent.",
);

pub(crate) static PARAMETERS: &[&Declaration] = &[
    &ORGANIZATION.declaration,
    &STATUS.declaration,
    &TASKS_LIMIT.declaration,
    &DOTTIE.declaration,
    &PAGE.declaration,
    &PER_PAGE.declaration,
    &CURSOR.declaration,
];

/// The limit of `tasks_limit`.
#[derive(Validate)]
struct GroupLimit {
    #[garde(range(min = 1, max = MOST_TASKS))]
    tasks_limit: u32,
}

const DEFAULT_TASKS_LIMIT: u32 = 5;
/// The maximum number of tasks of each project.
pub(crate) const MOST_TASKS: u32 = 50;
/// The maximum number of tasks of all projects of a page. Each takes at most 34 KB in the response, and as much while it is read.
const MOST_TASKS_IN_ALL: u32 = 500;

/// A project in which the caller has tasks, and the first of them.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskGroup")]
pub(crate) struct GroupJson<'a> {
    project: ProjectRefJson<'a>,
    total: u64,
    tasks: Vec<TaskJson<'a>>,
}

handler!(parse, run);

/// A page of the caller's own tasks to list, and whether the response shows them nested.
#[derive(Clone)]
struct Command {
    choice: ScopeChoice,
    query: OwnTasksQuery,
    nested: bool,
    requested: RequestedPage,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let command = read(request);
    request.errors.accept(command)
}

async fn run(Command { choice, query, nested, requested }: Command, call: Call) -> Reply {
    call.note_scope(choice);
    let page = call.acting().list_own_tasks(choice, &query, &requested.request).await?;
    let position = |view: &MyTasksView| numbered_position(view.project.number, view.project.id.as_uuid());
    Answer::ok(&envelope::wrap(&call, &requested, &page, position, |view| group(view, nested)))
}

fn group(view: &MyTasksView, nested: bool) -> GroupJson<'_> {
    GroupJson {
        project: (&view.project).into(),
        total: view.total,
        tasks: view.tasks.iter().map(|task| task_json(task, nested)).collect(),
    }
}

fn read(request: &mut Request<'_>) -> Option<Command> {
    let choice = request.scope_parameter(&ORGANIZATION);
    let (given, errors) = (&request.query, &mut request.errors);
    let status = given.read(errors, &STATUS);
    let nested = given.read(errors, &DOTTIE);
    let tasks_limit = given.read(errors, &TASKS_LIMIT).and_then(|limit| {
        let tasks_limit = limit.unwrap_or(DEFAULT_TASKS_LIMIT);
        paging::check(errors, &GroupLimit { tasks_limit }).then_some(tasks_limit).and_then(NonZeroU32::new)
    });
    let (Some(choice), Some(status), Some(nested), Some(tasks_limit)) = (choice, status, nested, tasks_limit)
    else {
        envelope::read(request, None);
        return None;
    };
    let query = OwnTasksQuery { status, tasks_limit };
    let list = format!("own tasks {:?} {query:?}", request.caller.scope(choice));
    let default = paging::default_per_page(tasks_limit.get(), MOST_TASKS_IN_ALL);
    let requested = envelope::read_by(request, Some(list), default)?;
    let most = MOST_TASKS_IN_ALL / tasks_limit;
    if requested.request.size.get() > most {
        let detail = format!(
            "must be at most {most} with a tasks_limit of {tasks_limit}: a page has at most {MOST_TASKS_IN_ALL} tasks"
        );
        request.errors.parameter(PER_PAGE.name(), ValueError::new(FieldErrorCode::OUT_OF_RANGE, detail));
        return None;
    }
    Some(Command { choice, query, nested: nested.unwrap_or(false), requested })
}
