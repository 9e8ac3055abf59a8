//! The read side: what is only shown. Each method is one statement or two, however long the list, and takes the viewer, so that no list can forget
//! whose eyes it is for. What is not there for the viewer is `None`, or not in the list.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::event::{Event, EventPosition};
use crate::id::{DisplayNumber, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::key::{ApiKey, KeyHash};
use crate::organization::Organization;
use crate::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window};
use crate::policy::ProjectStanding;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Scope, ScopeChoice, Viewer};
use crate::space::Space;
use crate::task::{Task, TaskStatus};
use crate::text::{EmailAddress, ProjectName};
use crate::user::{Member, User};

/// Which relations of a space to load along with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Includes {
    /// [`SpaceView::project`].
    pub project: bool,
    /// [`SpaceView::organization`].
    pub organization: bool,
    /// [`SpaceView::creator`].
    pub creator: bool,
}

/// A space, with those of its relations that were asked for. The spaces of a page share what they have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceView {
    /// The space.
    pub space: Space,
    /// The project it points at; `None` also if the viewer does not see that one, or it was not asked for.
    pub project: Option<Arc<Project>>,
    /// The organization that owns it; `None` also if it was not asked for.
    pub organization: Option<Arc<Organization>>,
    /// Who made it, as the scope knows them; `None` only if it was not asked for.
    pub creator: Option<Arc<Member>>,
}

/// A project as others refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRef {
    /// Its id.
    pub id: ProjectId,
    /// Its number.
    pub number: DisplayNumber,
    /// Who owns it.
    pub scope: Scope,
    /// Its name.
    pub name: ProjectName,
}

impl From<&Project> for ProjectRef {
    fn from(project: &Project) -> Self {
        Self { id: project.id, number: project.number, scope: project.scope, name: project.name.clone() }
    }
}

/// A thing, and who made it as its scope knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorView<T> {
    /// The thing.
    pub record: T,
    /// Who made it.
    pub creator: Member,
}

/// A project and who made it.
pub type ProjectView = CreatorView<Project>;

/// A place on a roster, with the project and the person it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipView {
    /// The place.
    pub membership: Membership,
    /// The project.
    pub project: ProjectRef,
    /// The person.
    pub member: Member,
}

/// A task with its project and its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// The project.
    pub project: ProjectRef,
    /// Who does it.
    pub assignee: Option<Member>,
    /// Who made it.
    pub creator: Member,
}

/// A project in which tasks are assigned to the viewer, and the first of those tasks by their place in the outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyTasksView {
    /// The project.
    pub project: ProjectRef,
    /// How many of its tasks are the viewer's, with that status if one was asked for.
    pub total: u64,
    /// The first of them.
    pub tasks: Vec<TaskView>,
}

/// Which of the viewer's own tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTasksQuery {
    /// Only those with this status.
    pub status: Option<TaskStatus>,
    /// How many tasks at most of each project. One at least, for a list shows no project without a task.
    pub tasks_limit: NonZeroU32,
}

/// What a call will ask for first, as the user of its key and as far as that key reaches, where its host knows that before it
/// knows whose key it is. Saying so promises nothing, and changes no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstRead {
    /// [`Views::role_in_scope`], in the scope that the choice means for the key: the first question of each list of a scope.
    RoleInScope(ScopeChoice),
    /// [`Views::space`]
    Space(SpaceId, Includes),
    /// [`Views::project`]
    Project(ProjectId),
    /// [`Views::project_standing`]
    ProjectStanding(ProjectId),
    /// [`Views::task`]
    Task(TaskId),
}

/// A key that was found, and what the store has opened for whoever holds it.
pub struct OpenedByKey {
    /// The key, live or not.
    pub key: ApiKey,
    /// The read side with what belongs to one call opened already, for the key's user and as far as the key reaches; `None` where
    /// that saves nothing. It answers whatever is asked of it as the store itself does at that moment, or did when the key was found. It
    /// may keep others from reading until it is dropped, so it is held for one call and not while something else is waited for.
    pub views: Option<Arc<dyn Views>>,
}

/// The read side of a store. It sees everything that was committed before the call.
///
/// Lists come in the order that the query names, ties by id in the same direction, and have at most the window's rows;
/// also for [`crate::page::Start::Before`], which asks for the rows nearest to the position, in the list's order.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Views: Send + Sync {
    /// Answers if the store can be used: reached, and on the schema that this build knows.
    async fn check_ready(&self) -> Result<(), StoreError>;

    /// 32 bytes that belong to the instance and to all its replicas, made once at random. They authenticate cursors.
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError>;

    /// Whether there is any organization.
    async fn has_organizations(&self) -> Result<bool, StoreError>;

    /// The key under that digest, live or not.
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;

    /// The same for a call that goes on to read as the key's user: where the store must open something for that, it may do so while
    /// it looks the key up, and read what the call will ask for first.
    async fn open_with_key(
        &self,
        hash: &KeyHash,
        _first: Option<FirstRead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        Ok(self.key_by_hash(hash).await?.map(|key| OpenedByKey { key, views: None }))
    }

    /// The user with that address, compared folded: for the operator.
    async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError>;

    /// One user.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// One of the user's keys, live or not.
    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// The viewer's own keys, live or not, oldest first ([`crate::page::key_position`]). A viewer who reaches one organization only is
    /// shown those that reach this one only.
    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError>;

    /// The viewer's active places in organizations that the reach covers, by the organizations' ids
    /// ([`crate::page::organization_position`]).
    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError>;

    /// An organization that the viewer is an active member of, and the role there.
    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;

    /// The role of an active member, if the viewer's key opens the membership.
    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError>;

    /// The viewer's own place in a scope, active or not, if the viewer's key opens it.
    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError>;

    /// Somebody's place in a scope that the viewer is an active member of, active or not.
    async fn member(&self, viewer: &Viewer, scope: Scope, user: UserId)
    -> Result<Option<Member>, StoreError>;

    /// Members of the scope, none if the viewer is no active member of it.
    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError>;

    /// How many members the whole list has.
    async fn count_members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
    ) -> Result<u64, StoreError>;

    /// Returns the user's keys that reach this organization only, live or not, oldest first ([`crate::page::key_position`]); none if
    /// the viewer is no active member of it.
    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// A space of a scope that the viewer is an active member of, and the role there.
    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError>;

    /// Spaces of the scope, none if the viewer is no active member of it.
    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError>;

    /// How many spaces the whole list has.
    async fn count_spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
    ) -> Result<u64, StoreError>;

    /// A project of a scope that the viewer is an active member of, seen or not, and what the viewer is to it.
    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError>;

    /// Only what the viewer is to it.
    async fn project_standing(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<ProjectStanding>, StoreError>;

    /// Those projects of the scope that the viewer sees ([`ProjectStanding::sees`]).
    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError>;

    /// How many projects the whole list has.
    async fn count_projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
    ) -> Result<u64, StoreError>;

    /// The places on a roster by number, none if the viewer is no active member of the project's scope.
    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError>;

    /// How many places the roster has.
    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError>;

    /// A task of a scope that the viewer is an active member of, and what the viewer is to its project.
    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError>;

    /// A project's tasks by their place in the outline, none if the viewer is no active member of the scope.
    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError>;

    /// How many tasks the whole list has.
    async fn count_tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
    ) -> Result<u64, StoreError>;

    /// The projects of the scope that the viewer sees and has tasks in, by number.
    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError>;

    /// How many projects the whole list has.
    async fn count_my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Result<u64, StoreError>;

    /// The scope's events after a position (from the beginning for `None`), oldest first. Who asks again with the last
    /// position given misses nothing, also while others write. So an event shows only once every unit of work that began to
    /// write before it has ended: it may show a moment later than what it tells of.
    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError>;
}
