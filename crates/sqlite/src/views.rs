//! The read side: each view reads with one statement, on connections that refuse to write.
//!
//! The trait is implemented here; the statements are in `read`, in one file for each aggregate.

mod capabilities;

use async_trait::async_trait;
use loggia_domain::event::{Event, EventPosition};
use loggia_domain::id::{OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::organization::Organization;
use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Includes, MembershipView, MyTasksView, OwnTasksQuery, ProjectView, SpaceView, StoreError, TaskView, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use crate::read::{events, instance, members, my_tasks, organizations, projects, rosters, spaces, tasks};
use crate::store::SqliteStore;

#[async_trait]
impl Views for SqliteStore {
    async fn check_ready(&self) -> Result<(), StoreError> {
        instance::check_ready(&self.readers).await
    }

    async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        organizations::account_by_email(&self.readers, email).await
    }

    async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        organizations::own_person_by_email(&self.readers, organization, email).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        organizations::user(&self.readers, id).await
    }

    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
        organizations::list(&self.readers, viewer, window).await
    }

    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        organizations::one(&self.readers, viewer, id).await
    }

    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError> {
        organizations::role_in_scope(&self.readers, viewer, scope).await
    }

    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError> {
        organizations::own_member(&self.readers, viewer, scope).await
    }

    async fn member(
        &self,
        viewer: &Viewer,
        scope: Scope,
        user: UserId,
    ) -> Result<Option<Member>, StoreError> {
        members::one(&self.readers, viewer, scope, user).await
    }

    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError> {
        members::list(&self.readers, viewer, scope, query, window).await
    }

    async fn count_members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
    ) -> Result<u64, StoreError> {
        members::count(&self.readers, viewer, scope, query).await
    }

    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
        spaces::one(&self.readers, viewer, id, includes).await
    }

    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError> {
        spaces::list(&self.readers, viewer, scope, query, includes, window).await
    }

    async fn count_spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
    ) -> Result<u64, StoreError> {
        spaces::count(&self.readers, viewer, scope, query).await
    }

    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
        projects::one(&self.readers, viewer, id).await
    }

    async fn project_standing(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<ProjectStanding>, StoreError> {
        projects::standing_of(&self.readers, viewer, id).await
    }

    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError> {
        projects::list(&self.readers, viewer, scope, query, window).await
    }

    async fn count_projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
    ) -> Result<u64, StoreError> {
        projects::count(&self.readers, viewer, scope, query).await
    }

    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError> {
        rosters::list(&self.readers, viewer, project, window).await
    }

    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
        rosters::count(&self.readers, viewer, project).await
    }

    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
        tasks::one(&self.readers, viewer, id).await
    }

    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError> {
        tasks::list(&self.readers, viewer, project, query, window).await
    }

    async fn count_tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
    ) -> Result<u64, StoreError> {
        tasks::count(&self.readers, viewer, project, query).await
    }

    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError> {
        my_tasks::list(&self.readers, viewer, scope, query, window).await
    }

    async fn count_my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Result<u64, StoreError> {
        my_tasks::count(&self.readers, viewer, scope, query).await
    }

    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError> {
        events::after(&self.readers, scope, after, limit).await
    }
}
