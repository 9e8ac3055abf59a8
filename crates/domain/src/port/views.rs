//! The read side of a store. Each method takes one or two statements, however long the list. Methods that show records take the viewer,
//! so that no list can be read unfiltered. A record that the viewer may not see is `None`, or absent from the list.

use async_trait::async_trait;

use super::deletion::DeletionViews;
use super::error::StoreError;
use super::instance::InstanceViews;
use super::invitations::InvitationViews;
use super::keys::KeyViews;
use super::records::{
    Includes, MembershipView, MyTasksView, OwnTasksQuery, ProjectView, SpaceView, TaskView,
};
use super::stored_responses::StoredResponseViews;
use crate::event::{Event, EventPosition};
use crate::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::organization::Organization;
use crate::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window};
use crate::policy::ProjectStanding;
use crate::role::ScopeRole;
use crate::scope::{Scope, Viewer};
use crate::text::EmailAddress;
use crate::user::{Member, User};

/// The read side of a store. A read sees everything that was committed before the call.
///
/// Lists are in the order of the query, with ties ordered by id in the list's direction, and have at most the window's rows. A list that
/// ends before a position ([`crate::page::Start::Before`]) has the rows nearest to that position, in the list's order.
///
/// The default implementations of `count_…` read the whole list. A store that is asked for counts of long lists has better ones.
#[async_trait]
pub trait Views: KeyViews + StoredResponseViews + InvitationViews + DeletionViews + InstanceViews {
    /// Succeeds if the store can be used: it is reachable, and its schema is the one that this build expects.
    async fn check_ready(&self) -> Result<(), StoreError>;

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
    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError> {
        let own = self.own_member(viewer, scope).await?;
        Ok(own.filter(|member| member.active).map(|member| member.role))
    }

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
    ) -> Result<u64, StoreError> {
        Ok(count(&self.members(viewer, scope, query, &Window::ALL).await?))
    }

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
    ) -> Result<u64, StoreError> {
        Ok(count(&self.spaces(viewer, scope, query, Includes::default(), &Window::ALL).await?))
    }

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
    ) -> Result<Option<ProjectStanding>, StoreError> {
        Ok(self.project(viewer, id).await?.map(|(_, standing)| standing))
    }

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
    ) -> Result<u64, StoreError> {
        Ok(count(&self.projects(viewer, scope, query, &Window::ALL).await?))
    }

    /// Returns the memberships of a roster, by number; none if the viewer is not an active member of the project's scope.
    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError>;

    /// Returns the number of memberships of the roster.
    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
        Ok(count(&self.roster(viewer, project, &Window::ALL).await?))
    }

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
    ) -> Result<u64, StoreError> {
        Ok(count(&self.tasks(viewer, project, query, &Window::ALL).await?))
    }

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
    ) -> Result<u64, StoreError> {
        Ok(count(&self.my_tasks(viewer, scope, query, &Window::ALL).await?))
    }

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

/// Returns the number of rows.
fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
