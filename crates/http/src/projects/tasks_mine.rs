//! `GET /v2/tasks/my-tasks-by-project`

use std::num::NonZeroU32;

use garde::Validate;
use loggia_domain::page::numbered_position;
use loggia_domain::port::{MyTasksView, OwnTasksQuery};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::task::TaskStatus;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{self, DEFAULT_PER_PAGE, Place};
use super::view::ProjectRefJson;
use super::view_task::{TaskJson, task_json};
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::query::{flag, number};
use crate::fault::{Fault, FaultCode};
use crate::paging;

pub(crate) const PARAMETERS: &[&str] =
    &["organization_id", "status", "tasks_limit", "dottie", "page", "per_page", "cursor"];

/// The limit of `tasks_limit`.
#[derive(Validate)]
struct GroupLimit {
    #[garde(range(min = 1, max = MOST_TASKS))]
    tasks_limit: u32,
}

pub(crate) const DEFAULT_TASKS_LIMIT: u32 = 5;
/// The maximum number of tasks of each project.
pub(crate) const MOST_TASKS: u32 = 50;
/// The maximum number of tasks of all projects of a page. Each takes at most 34 KB in the response, and as much while it is read.
pub(crate) const MOST_TASKS_IN_ALL: u32 = 500;

/// Returns the default size of a page: [`DEFAULT_PER_PAGE`], or fewer projects if each may have many tasks.
pub(crate) fn default_per_page(tasks_limit: u32) -> u32 {
    DEFAULT_PER_PAGE.min(MOST_TASKS_IN_ALL / tasks_limit.max(1))
}

/// A project in which the caller has tasks, and the first of them.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "TaskGroup")]
pub(crate) struct GroupJson<'a> {
    project: ProjectRefJson<'a>,
    total: u64,
    tasks: Vec<TaskJson<'a>>,
}

pub(crate) async fn handle(mut call: Call) -> Reply {
    let request = read(&mut call);
    let (choice, query, nested, place) = call.findings.accept(request)?;
    call.note_scope(choice);
    let page = call.acting().list_own_tasks(choice, &query, &place.request).await?;
    let position = |view: &MyTasksView| numbered_position(view.project.number, view.project.id.as_uuid());
    Answer::ok(&envelope::wrap(&call, &place, &page, position, |view| group(view, nested)))
}

fn group(view: &MyTasksView, nested: bool) -> GroupJson<'_> {
    GroupJson {
        project: (&view.project).into(),
        total: view.total,
        tasks: view.tasks.iter().map(|task| task_json(task, nested)).collect(),
    }
}

fn read(call: &mut Call) -> Option<(ScopeChoice, OwnTasksQuery, bool, Place)> {
    let choice = call.scope_parameter("organization_id");
    let (given, findings) = (&call.query, &mut call.findings);
    let status = given.optional(findings, "status", TaskStatus::parse);
    let nested = given.optional(findings, "dottie", flag);
    let tasks_limit = given.optional(findings, "tasks_limit", number).and_then(|limit| {
        let tasks_limit = limit.unwrap_or(DEFAULT_TASKS_LIMIT);
        paging::check(findings, &GroupLimit { tasks_limit }).then_some(tasks_limit).and_then(NonZeroU32::new)
    });
    let (Some(choice), Some(status), Some(nested), Some(tasks_limit)) = (choice, status, nested, tasks_limit)
    else {
        envelope::read(call, None);
        return None;
    };
    let query = OwnTasksQuery { status, tasks_limit };
    let list = format!("own tasks {:?} {query:?}", call.caller.scope(choice));
    let place = envelope::read_by(call, Some(list), default_per_page(tasks_limit.get()))?;
    let most = MOST_TASKS_IN_ALL / tasks_limit;
    if place.request.size.get() > most {
        let detail = format!(
            "must be at most {most} with a tasks_limit of {tasks_limit}: a page has at most {MOST_TASKS_IN_ALL} tasks"
        );
        call.findings.parameter("per_page", Fault::new(FaultCode::OUT_OF_RANGE, detail));
        return None;
    }
    Some((choice, query, nested.unwrap_or(false), place))
}
