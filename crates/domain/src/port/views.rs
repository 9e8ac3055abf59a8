//! The read side of a store. Each method takes one or two statements, however long the list. Methods that show records take the viewer,
//! so that no list can be read unfiltered. A record that the viewer may not see is `None`, or absent from the list.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;

use super::deletion::OrganizationExtent;
use super::error::StoreError;
use crate::event::{Event, EventPosition};
use crate::id::{DisplayNumber, KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::invitation::Invitation;
use crate::key::{ApiKey, KeyHash};
use crate::once::Claim;
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

/// A read that a store may make ahead: together with the look-up of a call's key, for the user and the reach of that key.
///
/// A call that begins with this read then needs one round trip to the store instead of two. The result of no call depends on it, and the
/// call need not make the read after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAhead {
    /// [`Views::role_in_scope`], in the scope that the choice means for the key: the first read of each list of a scope.
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

/// A key that was found, and the read side that the store has opened for it.
pub struct OpenedByKey {
    /// The key, live or not.
    pub key: ApiKey,
    /// A read side for one call, opened for the user and the reach of the key; `None` if that saves nothing.
    ///
    /// Each read returns what the store contains at that time, or what it contained when the key was found. The read side may keep other
    /// calls from reading until it is dropped, so hold it for one call only, and not while waiting for anything else.
    pub views: Option<Arc<dyn Views>>,
}

impl fmt::Debug for OpenedByKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedByKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The read side of a store. A read sees everything that was committed before the call.
///
/// Lists are in the order of the query, with ties ordered by id in the list's direction, and have at most the window's rows. A list that
/// ends before a position ([`crate::page::Start::Before`]) has the rows nearest to that position, in the list's order.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Views: Send + Sync {
    /// Succeeds if the store can be used: it is reachable, and its schema is the one that this build expects.
    async fn check_ready(&self) -> Result<(), StoreError>;

    /// Returns the secret of the instance: 32 random bytes, generated once and common to all replicas. Cursors are authenticated with it.
    async fn instance_secret(&self) -> Result<[u8; 32], StoreError>;

    /// Returns `true` if there is or was an organization.
    async fn has_organizations(&self) -> Result<bool, StoreError>;

    /// Returns organizations with ids after `after`, or from the beginning for `None`, by id, at most `limit`; for the operator. Each comes
    /// with the time at which it was closed, if it was.
    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError>;

    /// Returns what an organization consists of, open or closed; for the operator.
    async fn organization_extent(&self, id: OrganizationId)
    -> Result<Option<OrganizationExtent>, StoreError>;

    /// Returns the key with this digest, live or not.
    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;

    /// Returns the key with this digest like [`Self::key_by_hash`], for a call that goes on to read as the key's user. The store may open
    /// a read side while it looks the key up, and read `ahead` in the same round trip.
    async fn open_with_key(
        &self,
        hash: &KeyHash,
        _ahead: Option<ReadAhead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        Ok(self.key_by_hash(hash).await?.map(|key| OpenedByKey { key, views: None }))
    }

    /// Returns the account whose address has this address's [key](EmailAddress::key); for the operator.
    async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError>;

    /// Returns the organization's own person whose address has this address's key; for the operator.
    async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError>;

    /// Returns a user by id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Returns one of the user's keys, live or not.
    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// Returns the viewer's own keys, live or not, oldest first ([`crate::page::key_position`]). A viewer whose reach is one organization
    /// sees only the keys with that reach.
    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError>;

    /// Returns the organizations of which the viewer is an active member and that the reach covers, with the role in each, by id
    /// ([`crate::page::organization_position`]).
    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError>;

    /// Returns an organization of which the viewer is an active member, and the role there.
    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;

    /// Returns the viewer's role in a scope if the viewer is an active member and the viewer's key gives access to the membership.
    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError>;

    /// Returns `true` if a committed claim with this operation and key of `owner` has not expired by `now`, whatever its fingerprint, see
    /// [`super::StoredResponseRows::claim`]. Waits for no unit of work, and ignores those that have not ended.
    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError>;

    /// Returns the viewer's own membership of a scope, active or not, if the viewer's key gives access to it.
    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError>;

    /// Returns a membership, active or not, of a scope of which the viewer is an active member.
    async fn member(&self, viewer: &Viewer, scope: Scope, user: UserId)
    -> Result<Option<Member>, StoreError>;

    /// Returns members of the scope; none if the viewer is not an active member of it.
    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError>;

    /// Returns the number of members of the whole list.
    async fn count_members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
    ) -> Result<u64, StoreError>;

    /// Returns the user's keys that reach this organization only, live or not, oldest first ([`crate::page::key_position`]); none if the
    /// viewer is not an active member of it.
    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Returns the organization's invitations, expired or not, with their projects, by id ([`crate::page::invitation_position`]); none if
    /// the viewer is not an active member of it.
    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError>;

    /// Returns the organization's invitations like [`Self::invitations`], for the operator, who needs no membership.
    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError>;

    /// Returns a space in a scope of which the viewer is an active member, and the viewer's role there.
    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError>;

    /// Returns spaces of the scope; none if the viewer is not an active member of it.
    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError>;

    /// Returns the number of spaces of the whole list.
    async fn count_spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
    ) -> Result<u64, StoreError>;

    /// Returns a project in a scope of which the viewer is an active member, and the viewer's standing, which tells whether the viewer
    /// sees it.
    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError>;

    /// Returns only the viewer's standing towards a project, see [`Self::project`].
    async fn project_standing(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<ProjectStanding>, StoreError>;

    /// Returns those projects of the scope that the viewer sees ([`ProjectStanding::sees`]).
    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError>;

    /// Returns the number of projects of the whole list.
    async fn count_projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
    ) -> Result<u64, StoreError>;

    /// Returns the memberships of a roster, by number; none if the viewer is not an active member of the project's scope.
    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError>;

    /// Returns the number of memberships of the roster.
    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError>;

    /// Returns a task in a scope of which the viewer is an active member, and the viewer's standing towards its project.
    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError>;

    /// Returns a project's tasks by position in the outline; none if the viewer is not an active member of the scope.
    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError>;

    /// Returns the number of tasks of the whole list.
    async fn count_tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
    ) -> Result<u64, StoreError>;

    /// Returns the projects of the scope that the viewer sees and in which tasks are assigned to the viewer, by number.
    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError>;

    /// Returns the number of projects of the whole list.
    async fn count_my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Result<u64, StoreError>;

    /// Returns the scope's events after a position, or from the beginning for `None`, oldest first.
    ///
    /// A reader that continues after the last position it received misses no event, even beside concurrent writers. To that end an event
    /// is returned only once every unit of work that began to write before it has ended, so it may appear a moment later than the change
    /// that it reports.
    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError>;
}
