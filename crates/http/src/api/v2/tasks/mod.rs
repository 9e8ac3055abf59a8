//! Tasks.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod mine;
pub(crate) mod update;
pub(crate) mod view;

use loggia_domain::policy::Action;

use self::list::NESTED;
use self::mine::GroupJson;
use self::view::TaskJson;
use crate::api::v2::envelope::{Envelope, ORGANIZATION};
use crate::operation::description::{Link, Tag, created, json, ok, patch, schema_of};
use crate::operation::first_read::Prediction;
use crate::operation::{Operation, Subject};
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const TASK: SchemaOf = schema_of::<TaskJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("node_id", "$response.body#/node_id")];

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/v2/projects/{node_id}/tasks",
    action: Some(Action::ReadTasks),
    summary: "List a project's tasks",
    id: "listTasks",
    tag: Tag::Projects,
    description: "Lists the tasks of a project in the order of their outline numbers. Requires a caller who may see the project.",
    answers: &[ok("A page.", schema_of::<Envelope<TaskJson<'static>>>)],
    links: &[Link {
        name: "first",
        operation: "getTask",
        parameters: &[("node_id", "$response.body#/result/0/node_id")],
    }],
    parameters: list::PARAMETERS,
    first_read: Prediction::ProjectStanding,
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/v2/projects/{node_id}/tasks",
    action: Some(Action::WriteTasks),
    summary: "Create a task",
    id: "createTask",
    tag: Tag::Projects,
    description: "Creates a task. Requires a member of the project. `task_no` is unique in the project. If it is absent, the server assigns the next number at the top level. That number is greater than every number assigned or chosen in the project before, so a deleted task's number is never assigned again. A client may choose any number that no task has. `assignee_node_id` must be on the roster (400; an unknown user gets 404). `start_date` must not be after `end_date`.",
    body: json("NewTask", create::body),
    answers: &[created("Created.", TASK)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    links: &[
        Link { name: "get", operation: "getTask", parameters: FROM_ONE },
        Link { name: "update", operation: "updateTask", parameters: FROM_ONE },
        Link { name: "delete", operation: "deleteTask", parameters: FROM_ONE },
    ],
    parameters: NESTED,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static MINE: Operation = Operation {
    method: "GET",
    path: "/v2/tasks/my-tasks-by-project",
    action: Some(Action::ListOwnTasks),
    summary: "List tasks of the current user by project",
    id: "listMyTasksByProject",
    tag: Tag::Projects,
    description: "Lists the caller's tasks in one scope, grouped by project: of each project at most `tasks_limit` tasks, and their total number. A page has at most 500 tasks: a `per_page` that allows more with the `tasks_limit` is rejected.",
    answers: &[ok("A page of projects with their tasks.", schema_of::<Envelope<GroupJson<'static>>>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION],
    parameters: mine::PARAMETERS,
    first_read: Prediction::RoleInScope(&ORGANIZATION),
    is_scattered: true,
    ..Operation::BARE
};

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/v2/tasks/{node_id}",
    action: Some(Action::ReadTasks),
    summary: "Get a task",
    id: "getTask",
    tag: Tag::Projects,
    description: "Returns a task. Requires a caller who may see the project. Relations are flat, with dotted keys, or nested with `dottie=true`.",
    answers: &[ok("The task.", TASK)],
    parameters: NESTED,
    first_read: Prediction::Task,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/v2/tasks/{node_id}",
    action: Some(Action::WriteTasks),
    summary: "Update a task",
    id: "updateTask",
    tag: Tag::Projects,
    description: "Updates a task. Requires a member of the project. A reopened task must have an assignee who is on the roster, or none. The dates are validated as they are after the change.",
    body: patch("TaskPatch", update::body),
    answers: &[ok("The updated task.", TASK)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    parameters: NESTED,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static DELETE: Operation = Operation {
    method: "DELETE",
    path: "/v2/tasks/{node_id}",
    action: Some(Action::WriteTasks),
    summary: "Delete a task",
    id: "deleteTask",
    tag: Tag::Projects,
    description: "Deletes a task. Requires a member of the project.",
    answers: &[ok("Deleted.", schema_of::<delete::Removed<'static>>)],
    refusals: &[Code::FORBIDDEN],
    subject: Subject::RemovedRecord,
    ..Operation::BARE
};
