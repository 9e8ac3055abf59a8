//! Tasks.
//!
//! The client asks for the relations of a task as nested objects (`dottie=true`); it never gets the form with dotted keys.

use std::fmt;

use reqwest::Method;
use serde::Deserialize;

use super::V2;
use super::people::{Person, ProjectReference};
use crate::body::{body, filter};
use crate::call::{Call, Query, Reply, Segment};
use crate::client::Client;
use crate::error::Error;
use crate::list::{BY_CURSOR, List, numbered};
use crate::macros::record;
use crate::value::versioned::sealed::Sealed;
use crate::value::{
    Expected, ProjectId, Record, Scope, TaskId, TaskStatus, TimeOrDate, Timestamp, UserId, Versioned,
};

record! {
    /// A task.
    pub struct Task {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: TaskId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The outline number in the project, such as `2.1`.
        #[serde(rename = "task_no")]
        pub outline_number: String,
        /// The name.
        #[serde(rename = "task_name")]
        pub name: String,
        /// The description, in Markdown.
        pub description: Option<String>,
        /// The state.
        pub status: TaskStatus,
        /// When the task begins.
        pub start_date: Option<Timestamp>,
        /// When the task ends.
        pub end_date: Option<Timestamp>,
        /// The time of creation.
        #[serde(rename = "createdAt")]
        pub created_at: Timestamp,
        /// The time of the last change.
        #[serde(rename = "updatedAt")]
        pub updated_at: Timestamp,
        /// The project.
        pub project: ProjectReference,
        /// The user to whom the task is assigned.
        pub assignee: Option<Person>,
        /// The user who created it.
        pub created_by: Person,
    }
}

impl Sealed for Task {}

impl Record for Task {
    type Id = TaskId;

    fn record_id(&self) -> TaskId {
        self.id
    }
}

record! {
    /// A task that was deleted.
    #[derive(Eq)]
    pub struct TaskReference {
        /// The id.
        #[serde(rename = "node_id")]
        pub id: TaskId,
        /// A number for display and sorting.
        #[serde(rename = "id")]
        pub number: u64,
        /// The name.
        #[serde(rename = "task_name")]
        pub name: String,
    }
}

record! {
    /// Tasks of one project that are assigned to the caller.
    pub struct TaskGroup {
        /// The project.
        pub project: ProjectReference,
        /// The number of all such tasks in the project.
        pub total: u64,
        /// The first of them.
        pub tasks: Vec<Task>,
    }
}

body! {
    /// A task to create.
    pub struct NewTask {
        new {
            /// The name.
            task_name: String,
        }
        set {
            /// Sets the outline number, such as `2.1`; by default the next one on the first level.
            task_no: String,
            /// Sets the state; by default to do.
            status: TaskStatus,
        }
        clear {
            /// Sets the description, in Markdown.
            description / clear_description: String,
            /// Sets when the task begins.
            start_date / clear_start_date: TimeOrDate,
            /// Sets when the task ends.
            end_date / clear_end_date: TimeOrDate,
            /// Assigns the task to a user on the roster.
            assignee_node_id / clear_assignee_node_id: UserId,
        }
    }
}

body! {
    /// Changes of a task.
    #[derive(Default)]
    pub struct TaskPatch {
        new {}
        set {
            /// Changes the outline number, such as `2.1`.
            task_no: String,
            /// Changes the name.
            task_name: String,
            /// Changes the state.
            status: TaskStatus,
        }
        clear {
            /// Changes the description, in Markdown.
            description / clear_description: String,
            /// Changes when the task begins.
            start_date / clear_start_date: TimeOrDate,
            /// Changes when the task ends.
            end_date / clear_end_date: TimeOrDate,
            /// Assigns the task to a user on the roster.
            assignee_node_id / clear_assignee_node_id: UserId,
        }
    }
}

/// The user to whom listed tasks are assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Nobody.
    Nobody,
    /// This user.
    User(UserId),
}

impl From<UserId> for Assignee {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}

impl fmt::Display for Assignee {
    /// Writes the user as it is sent: nobody is the empty text.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => Ok(()),
            Self::User(id) => id.fmt(formatter),
        }
    }
}

filter! {
    /// The filters of a list of a project's tasks.
    pub struct TaskFilter {
        /// Lists only tasks in this state.
        status: TaskStatus = "status",
        /// Lists only tasks that are assigned to this user, or to nobody.
        assignee: Assignee = "assignee",
        /// Begins at this page instead of the first, 1. It may begin at row 10 000 at most.
        page: u32 = "page",
    }
}

filter! {
    /// The filters of a list of the caller's tasks.
    pub struct OwnTaskFilter {
        /// Lists the tasks of this scope; by default of the API key's.
        scope: Scope = "organization_id",
        /// Lists only tasks in this state.
        status: TaskStatus = "status",
        /// Sets the maximum number of tasks of each project: 1 to 50, by default 5. Times the page size it is at most 500.
        tasks_limit: u32 = "tasks_limit",
        /// Begins at this page instead of the first, 1. It may begin at row 10 000 at most.
        page: u32 = "page",
    }
}

#[derive(Deserialize)]
struct Removed {
    task: TaskReference,
}

/// The tasks. See [`Client::tasks`].
#[derive(Debug)]
pub struct Tasks<'a>(&'a Client);

impl Client {
    /// Returns the calls about tasks.
    pub const fn tasks(&self) -> Tasks<'_> {
        Tasks(self)
    }
}

impl Tasks<'_> {
    /// Lists the tasks of a project in the order of their outline numbers.
    pub fn list(&self, project: ProjectId, filter: &TaskFilter) -> List<Task> {
        let path: &[Segment<'_>] = &[&V2, &"projects", &project, &"tasks"];
        List::new(self.0, path, nested(filter.query()), BY_CURSOR, numbered)
    }

    /// Lists the caller's tasks in one scope by project: on each page some projects with their first tasks.
    pub fn list_own(&self, filter: &OwnTaskFilter) -> List<TaskGroup> {
        List::new(
            self.0,
            &[&V2, &"tasks", &"my-tasks-by-project"],
            nested(filter.query()),
            BY_CURSOR,
            numbered,
        )
    }

    /// Creates a task in a project.
    pub async fn create(&self, project: ProjectId, task: &NewTask) -> Result<Versioned<Task>, Error> {
        let call = self.0.call(Method::POST, &[&V2, &"projects", &project, &"tasks"]);
        self.0.send(&call.query(&nested(Query::default())).json(task)?).await?.versioned()
    }

    /// Reads a task.
    pub async fn get(&self, id: TaskId) -> Result<Versioned<Task>, Error> {
        self.0.send(&self.nested(Method::GET, id)).await?.versioned()
    }

    /// Reads a task if it has changed. Returns `None` if it has not.
    pub async fn refresh(&self, known: &Versioned<Task>) -> Result<Option<Versioned<Task>>, Error> {
        self.0.refresh(self.nested(Method::GET, known.id), known.etag(), Reply::versioned).await
    }

    /// Changes a task of this version.
    pub async fn update(
        &self,
        expected: impl Into<Expected<TaskId>>,
        patch: &TaskPatch,
    ) -> Result<Versioned<Task>, Error> {
        let expected = expected.into();
        let call = self.nested(Method::PATCH, expected.id).expecting(expected).patch(patch)?;
        self.0.send(&call).await?.versioned()
    }

    /// Deletes a task of this version.
    pub async fn delete(&self, expected: impl Into<Expected<TaskId>>) -> Result<TaskReference, Error> {
        let expected = expected.into();
        let call = self.0.call(Method::DELETE, &[&V2, &"tasks", &expected.id]).expecting(expected);
        self.0.send(&call).await?.json().map(|Removed { task }| task)
    }

    fn nested(&self, method: Method, id: TaskId) -> Call {
        self.0.call(method, &[&V2, &"tasks", &id]).query(&nested(Query::default()))
    }
}

/// Asks for relations as nested objects.
fn nested(mut query: Query) -> Query {
    query.set("dottie", true);
    query
}
