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
use crate::store::PostgresStore;

/// Retries a read once, if the schema has changed under a prepared statement or a held session has died. That session was discarded.
macro_rules! once_more {
    ($read:expr) => {
        match $read.await {
            Err(StoreError::Contended(_)) => $read.await,
            outcome => outcome,
        }
    };
}
use once_more;

#[async_trait]
impl Views for PostgresStore {
    async fn check_ready(&self) -> Result<(), StoreError> {
        once_more!(instance::check_ready(&self.readers))
    }

    async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        once_more!(organizations::account_by_email(&self.readers, email))
    }

    async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        once_more!(organizations::own_person_by_email(&self.readers, organization, email))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        once_more!(organizations::user(&self.readers, id))
    }

    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
        once_more!(organizations::list(&self.readers, viewer, window))
    }

    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        once_more!(organizations::one(&self.readers, viewer, id))
    }

    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError> {
        once_more!(organizations::role_in_scope(&self.readers, viewer, scope))
    }

    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError> {
        once_more!(organizations::own_member(&self.readers, viewer, scope))
    }

    async fn member(
        &self,
        viewer: &Viewer,
        scope: Scope,
        user: UserId,
    ) -> Result<Option<Member>, StoreError> {
        once_more!(members::one(&self.readers, viewer, scope, user))
    }

    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError> {
        once_more!(members::list(&self.readers, viewer, scope, query, window))
    }

    async fn count_members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
    ) -> Result<u64, StoreError> {
        once_more!(members::count(&self.readers, viewer, scope, query))
    }

    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
        once_more!(spaces::one(&self.readers, viewer, id, includes))
    }

    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError> {
        once_more!(spaces::list(&self.readers, viewer, scope, query, includes, window))
    }

    async fn count_spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
    ) -> Result<u64, StoreError> {
        once_more!(spaces::count(&self.readers, viewer, scope, query))
    }

    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
        once_more!(projects::one(&self.readers, viewer, id))
    }

    async fn project_standing(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<ProjectStanding>, StoreError> {
        once_more!(projects::standing_of(&self.readers, viewer, id))
    }

    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError> {
        once_more!(projects::list(&self.readers, viewer, scope, query, window))
    }

    async fn count_projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
    ) -> Result<u64, StoreError> {
        once_more!(projects::count(&self.readers, viewer, scope, query))
    }

    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError> {
        once_more!(rosters::list(&self.readers, viewer, project, window))
    }

    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
        once_more!(rosters::count(&self.readers, viewer, project))
    }

    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
        once_more!(tasks::one(&self.readers, viewer, id))
    }

    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError> {
        once_more!(tasks::list(&self.readers, viewer, project, query, window))
    }

    async fn count_tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
    ) -> Result<u64, StoreError> {
        once_more!(tasks::count(&self.readers, viewer, project, query))
    }

    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError> {
        once_more!(my_tasks::list(&self.readers, viewer, scope, query, window))
    }

    async fn count_my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Result<u64, StoreError> {
        once_more!(my_tasks::count(&self.readers, viewer, scope, query))
    }

    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError> {
        once_more!(events::after(&self.readers, scope, after, limit))
    }
}
