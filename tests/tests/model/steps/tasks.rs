//! Use cases of tasks.

use loggia_domain::id::UserId;
use loggia_domain::key::Caller;
use loggia_domain::page::{AssigneeFilter, TaskQuery, numbered_position, task_position};
use loggia_domain::port::OwnTasksQuery;
use loggia_domain::service::Acting;
use loggia_domain::task::{NewTask, TaskPatch, TaskStatus};
use loggia_testkit::builders::at_most;
use proptest::option;
use proptest::prelude::*;

use crate::answer::{Answer, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Choice, Reference, choice, nth, reference};
use crate::{texts, times, values};

/// The assignee of a task, or of the tasks in a query.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Assignee {
    Nobody,
    Caller,
    User(Reference),
}

impl Assignee {
    fn user(self, caller: &Caller, book: &Book) -> Option<UserId> {
        match self {
            Self::Nobody => None,
            Self::Caller => Some(caller.user),
            Self::User(user) => Some(book.user(caller, user)),
        }
    }
}

/// A use case of tasks. Assignees are separate references, since only the book knows their ids.
#[derive(Clone, Debug)]
pub(crate) enum TaskStep {
    List { project: Reference, status: Option<TaskStatus>, assignee: Option<Assignee>, part: Part },
    ListOwn { choice: Choice, query: OwnTasksQuery, part: Part },
    Read { task: Reference },
    Create { project: Reference, new: NewTask, assignee: Assignee },
    Update { task: Reference, patch: TaskPatch, assignee: Option<Assignee> },
    Delete { task: Reference },
}

fn assignee() -> BoxedStrategy<Assignee> {
    prop_oneof![
        2 => Just(Assignee::Nobody),
        2 => Just(Assignee::Caller),
        2 => reference().prop_map(Assignee::User),
    ]
    .boxed()
}

fn new() -> BoxedStrategy<NewTask> {
    (
        option::weighted(0.4, values::outline()),
        texts::task_name(),
        option::weighted(0.4, texts::task_description()),
        values::one_of(TaskStatus::ALL),
        times::dates(),
    )
        .prop_map(|(outline, name, description, status, dates)| NewTask {
            outline,
            name,
            description,
            status,
            dates,
            assignee: None,
        })
        .boxed()
}

fn patch() -> BoxedStrategy<TaskPatch> {
    let words = (
        option::weighted(0.3, texts::task_name()),
        option::weighted(0.2, option::of(texts::task_description())),
    );
    let rest = (
        option::weighted(0.3, values::outline()),
        option::weighted(0.4, values::one_of(TaskStatus::ALL)),
        times::ends(),
    );
    (words, rest)
        .prop_map(|((name, description), (outline, status, (start, end)))| TaskPatch {
            outline,
            name,
            description,
            status,
            start,
            end,
            assignee: None,
        })
        .boxed()
}

pub(crate) fn step() -> BoxedStrategy<TaskStep> {
    let status = || option::weighted(0.2, values::one_of(TaskStatus::ALL));
    let list = (reference(), status(), option::weighted(0.3, assignee()), part())
        .prop_map(|(project, status, assignee, part)| TaskStep::List { project, status, assignee, part });
    let own = (choice(), status(), 1u32..4, part()).prop_map(|(choice, status, tasks_limit, part)| {
        let query = OwnTasksQuery { status, tasks_limit: at_most(tasks_limit) };
        TaskStep::ListOwn { choice, query, part }
    });
    let create = (reference(), new(), assignee()).prop_map(|(project, new, assignee)| TaskStep::Create {
        project,
        new,
        assignee,
    });
    let update = (reference(), patch(), option::weighted(0.4, assignee()))
        .prop_map(|(task, patch, assignee)| TaskStep::Update { task, patch, assignee });
    prop_oneof![
        4 => list,
        5 => own,
        2 => reference().prop_map(|task| TaskStep::Read { task }),
        10 => create,
        5 => update,
        2 => reference().prop_map(|task| TaskStep::Delete { task }),
    ]
    .boxed()
}

impl TaskStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list_tasks",
            Self::ListOwn { .. } => "list_own_tasks",
            Self::Read { .. } => "task",
            Self::Create { .. } => "create_task",
            Self::Update { .. } => "update_task",
            Self::Delete { .. } => "delete_task",
        }
    }

    pub(crate) async fn perform(&self, acting: &Acting, book: &Book) -> Outcome {
        let caller = acting.caller();
        let view = |view| Answer::TaskView(Box::new(view));
        match self {
            Self::List { project, status, assignee, part } => {
                let project = book.project(caller, *project);
                let assignee = assignee.map(|whose| {
                    whose.user(caller, book).map_or(AssigneeFilter::Nobody, AssigneeFilter::User)
                });
                let known = |number| {
                    let tasks = book.tasks.iter().filter(|task| task.project == project);
                    nth(tasks, number).map(task_position)
                };
                let page = part.request(Sort::Outline, known);
                let query = TaskQuery { status: *status, assignee };
                outcome(acting.list_tasks(project, &query, &page).await, Answer::Tasks)
            }
            Self::ListOwn { choice, query, part } => {
                let choice = book.choice(caller, *choice);
                let scope = caller.scope(choice);
                let known = |number| {
                    let projects = book.projects.iter().filter(|project| project.scope == scope);
                    nth(projects, number)
                        .map(|project| numbered_position(project.number, project.id.as_uuid()))
                };
                let page = part.request(Sort::Number, known);
                outcome(acting.list_own_tasks(choice, query, &page).await, Answer::OwnTasks)
            }
            Self::Read { task } => outcome(acting.task(book.task(caller, *task)).await, view),
            Self::Create { project, new, assignee } => {
                let new = NewTask { assignee: assignee.user(caller, book), ..new.clone() };
                outcome(acting.create_task(book.project(caller, *project), new).await, view)
            }
            Self::Update { task, patch, assignee } => {
                let assignee = assignee.map(|assignee| assignee.user(caller, book));
                let patch = TaskPatch { assignee, ..patch.clone() };
                outcome(acting.update_task(book.task(caller, *task), patch).await, view)
            }
            Self::Delete { task } => {
                let deleted = acting.delete_task(book.task(caller, *task)).await;
                outcome(deleted, |task| Answer::Task(Box::new(task)))
            }
        }
    }
}
