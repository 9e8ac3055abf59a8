//! The results of the read side: records together with those that they refer to.

use std::num::NonZeroU32;
use std::sync::Arc;

use crate::id::{DisplayNumber, ProjectId};
use crate::organization::Organization;
use crate::project::Project;
use crate::roster::Membership;
use crate::scope::Scope;
use crate::space::Space;
use crate::task::{Task, TaskStatus};
use crate::text::ProjectName;
use crate::user::Member;

/// The relations of a space to load along with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Includes {
    /// [`SpaceView::project`].
    pub project: bool,
    /// [`SpaceView::organization`].
    pub organization: bool,
    /// [`SpaceView::creator`].
    pub creator: bool,
}

/// A space and its requested relations. The spaces of a page share equal relations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceView {
    /// The space.
    pub space: Space,
    /// The project that the space is linked to; `None` also if the viewer does not see it, or if it was not requested.
    pub project: Option<Arc<Project>>,
    /// The organization that owns the space; `None` also if it was not requested.
    pub organization: Option<Arc<Organization>>,
    /// The member who created the space, with their profile in its scope; `None` only if it was not requested.
    pub creator: Option<Arc<Member>>,
}

/// The fields by which other records refer to a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRef {
    /// The project's id.
    pub id: ProjectId,
    /// The project's number.
    pub number: DisplayNumber,
    /// The owner.
    pub scope: Scope,
    /// The project's name.
    pub name: ProjectName,
}

impl From<&Project> for ProjectRef {
    fn from(project: &Project) -> Self {
        Self { id: project.id, number: project.number, scope: project.scope, name: project.name.clone() }
    }
}

/// A record and the member who created it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorView<T> {
    /// The record.
    pub record: T,
    /// The creator, with their profile in the record's scope.
    pub creator: Member,
}

/// A project and the member who created it.
pub type ProjectView = CreatorView<Project>;

/// A membership of a roster, with its project and its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipView {
    /// The membership.
    pub membership: Membership,
    /// The project.
    pub project: ProjectRef,
    /// The member of the project's scope.
    pub member: Member,
}

/// A task with its project, its assignee and its creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// The project.
    pub project: ProjectRef,
    /// The assignee, if there is one.
    pub assignee: Option<Member>,
    /// The creator.
    pub creator: Member,
}

/// A project in which tasks are assigned to the viewer, and the first of those tasks by position in the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyTasksView {
    /// The project.
    pub project: ProjectRef,
    /// The number of tasks assigned to the viewer, with the requested status if there is one.
    pub total: u64,
    /// The first of these tasks.
    pub tasks: Vec<TaskView>,
}

/// The filter and the size of a list of the viewer's own tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTasksQuery {
    /// Only tasks with this status; `None` does not filter.
    pub status: Option<TaskStatus>,
    /// The maximum number of tasks for each project. The minimum is one, since the list shows no project without a task.
    pub tasks_limit: NonZeroU32,
}
