//! The rows of spaces, projects, rosters and tasks. As for organizations, a row of another scope is `None`, whatever its id.

use async_trait::async_trait;

use super::error::StoreError;
use super::organizations::Inserted;
use crate::id::{DisplayNumber, MembershipId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::policy::ProjectStanding;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Scope, Viewer};
use crate::space::Space;
use crate::task::Task;

/// The rows of spaces.
#[async_trait]
pub trait SpaceRows {
    /// Inserts a space.
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Loads and locks a space in a scope of which the viewer is an active member, and returns the viewer's role there.
    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError>;

    /// Writes a space, which must be locked.
    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Deletes a space, which must be locked.
    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError>;

    /// Unlinks every space that is linked to the project, with `at` as the time of change. Returns the ids of these spaces, in ascending
    /// order.
    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError>;
}

/// The rows of projects.
#[async_trait]
pub trait ProjectRows: Send {
    /// Returns the next number for a project of the scope, starting at 1, like [`super::OrganizationRows::next_member_number`].
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Inserts a project with an empty roster.
    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Loads and locks a project in a scope of which the viewer is an active member, with its roster and its counters, and returns the
    /// viewer's standing. The policy decides whether the viewer *sees* the project.
    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;

    /// Loads a project like [`Self::lock_project`], and keeps it only from being changed or deleted: other units of work may hold it too.
    ///
    /// The default implementation locks the project, which suits stores that exclude all other writers anyway.
    async fn hold_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError> {
        self.lock_project(viewer, id).await
    }

    /// Writes a project, which must be locked.
    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Deletes a project, which must be locked, with its roster and its tasks. No space may be linked to it any more.
    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError>;
}

/// The rows of rosters. All methods but [`RosterRows::lock_rosters_of`] and [`RosterRows::remove_from_rosters`] require that the project
/// is locked. It is enough to hold it for [`RosterRows::next_membership_numbers`], which locks it.
#[expect(unused_variables, reason = "the default of `lock_rosters_of` locks nothing")]
#[async_trait]
pub trait RosterRows: Send {
    /// Reserves `count` consecutive numbers for new memberships of the roster, and returns the first, like
    /// [`super::OrganizationRows::next_member_number`]. Locks the project.
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError>;

    /// Returns the memberships that the users have of the roster, by ascending user id.
    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError>;

    /// Returns the number of admins of the roster.
    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError>;

    /// Inserts a membership. Returns [`Inserted::KeyTaken`] if the user is on the roster already. Several memberships are inserted by
    /// ascending user id.
    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError>;

    /// Writes a membership's role.
    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError>;

    /// Deletes a membership. Tasks keep their assignee until [`TaskRows::unassign_open_tasks`] is called.
    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError>;

    /// Locks the projects of the scope whose rosters the user is on, by ascending id, before [`Self::remove_from_rosters`] does, so that
    /// locks are taken in the order that [`super::UnitOfWork`] gives.
    ///
    /// The default implementation locks nothing, which suits stores in which no two units of work wait for each other.
    async fn lock_rosters_of(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError> {
        Ok(())
    }

    /// Removes the user from every roster of the scope, locking those projects by ascending id. Returns the removed memberships.
    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError>;
}

/// The rows of tasks.
#[async_trait]
pub trait TaskRows: Send {
    /// Returns the next number for a task of the project, starting at 1. The project must be locked.
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError>;

    /// Returns the next number at the top level of the project's outline, starting at 1. It is greater than each number that was returned
    /// before, and than each that was passed to [`Self::raise_top_number`]. The project must be locked.
    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError>;

    /// Makes [`Self::next_top_number`] return numbers greater than `number` only. The project must be locked.
    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError>;

    /// Inserts a task. Returns [`Inserted::KeyTaken`] if another task of the project has its position in the outline.
    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// Returns the project of a task in a scope of which the viewer is an active member. Locks nothing.
    ///
    /// The default implementation locks the task, which suits stores that exclude all other writers anyway.
    async fn project_of_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<ProjectId>, StoreError> {
        Ok(self.lock_task(viewer, id).await?.map(|(task, _)| task.project))
    }

    /// Loads and locks a task in a scope of which the viewer is an active member, and returns the viewer's standing towards its project.
    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError>;

    /// Writes a task, which must be locked. Returns [`Inserted::KeyTaken`] if another task of the project has its new position in the
    /// outline.
    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// Deletes a task, which must be locked.
    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError>;

    /// Removes the assignee of the user's open tasks ([`crate::task::TaskStatus::is_open`]) in one project, or in every project of the
    /// scope for `None`, with `at` as the time of change. Tasks with other statuses keep their assignee. Returns the ids of the changed
    /// tasks, in ascending order.
    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError>;
}
