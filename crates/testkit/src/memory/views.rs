//! The read side. Each method reads the tables as of the last commit.

use async_trait::async_trait;
use loggia_domain::event::{Event, EventPosition};
use loggia_domain::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash};
use loggia_domain::once::Claim;
use loggia_domain::organization::Organization;
use loggia_domain::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window};
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Includes, MembershipView, MyTasksView, OrganizationExtent, OwnTasksQuery, ProjectView, SpaceView,
    StoreError, TaskView, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use super::MemoryStore;

pub(super) fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

#[async_trait]
impl Views for MemoryStore {
    async fn check_ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        // A store in memory authenticates cursors of this process only, and tests need cursors that are identical in each run.
        Ok(*b"a secret that only tests rely on")
    }

    async fn has_organizations(&self) -> Result<bool, StoreError> {
        Ok(self.read().had_organizations)
    }

    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        Ok(self.read().organizations_after(after, usize::try_from(limit).unwrap_or(usize::MAX)))
    }

    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        Ok(self.read().extent(id))
    }

    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let tables = self.read();
        Ok(tables.digests.get(hash.as_bytes()).and_then(|id| tables.keys.get(id)).cloned())
    }

    async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError> {
        Ok(self.read().user_by_email(None, email))
    }

    async fn own_person_by_email(
        &self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.read().user_by_email(Some(organization), email))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.read().users.get(&id).cloned())
    }

    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.read().keys.get(&id).filter(|key| key.user == user).cloned())
    }

    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.read().keys_page(viewer, window))
    }

    async fn organizations(
        &self,
        viewer: &Viewer,
        window: &Window,
    ) -> Result<Vec<(Organization, ScopeRole)>, StoreError> {
        Ok(self.read().organizations_page(viewer, window))
    }

    async fn organization(
        &self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError> {
        Ok(self.read().organization(viewer, id))
    }

    async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError> {
        Ok(self.read().role(viewer, scope))
    }

    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.read().is_claimed(owner, claim, now))
    }

    async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError> {
        Ok(self.read().own_member(viewer, scope).cloned())
    }

    async fn member(
        &self,
        viewer: &Viewer,
        scope: Scope,
        user: UserId,
    ) -> Result<Option<Member>, StoreError> {
        Ok(self.read().member_for(viewer, scope, user))
    }

    async fn members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
        window: &Window,
    ) -> Result<Vec<Member>, StoreError> {
        Ok(self.read().members_page(viewer, scope, query, window))
    }

    async fn count_members(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &MemberQuery,
    ) -> Result<u64, StoreError> {
        Ok(count(&self.read().members_in(viewer, scope, query)))
    }

    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        Ok(self.read().member_keys(viewer, organization, user, window))
    }

    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(self.read().invitations_page(viewer, organization, window))
    }

    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        Ok(self.read().whole_invitations_page(organization, window))
    }

    async fn space(
        &self,
        viewer: &Viewer,
        id: SpaceId,
        includes: Includes,
    ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError> {
        let tables = self.read();
        let Some((space, role)) = tables.space_for(viewer, id) else { return Ok(None) };
        Ok(Some((tables.space_view(viewer, space, includes)?, role)))
    }

    async fn spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
        includes: Includes,
        window: &Window,
    ) -> Result<Vec<SpaceView>, StoreError> {
        self.read().spaces_page(viewer, scope, query, includes, window)
    }

    async fn count_spaces(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &SpaceQuery,
    ) -> Result<u64, StoreError> {
        Ok(count(&self.read().spaces_in(viewer, scope, query)))
    }

    async fn project(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError> {
        let tables = self.read();
        let Some((project, standing)) = tables.project_for(viewer, id) else { return Ok(None) };
        Ok(Some((tables.project_view(project.clone())?, standing)))
    }

    async fn project_standing(
        &self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<ProjectStanding>, StoreError> {
        Ok(self.read().project_for(viewer, id).map(|(_, standing)| standing))
    }

    async fn projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
        window: &Window,
    ) -> Result<Vec<ProjectView>, StoreError> {
        self.read().projects_page(viewer, scope, query, window)
    }

    async fn count_projects(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &ProjectQuery,
    ) -> Result<u64, StoreError> {
        Ok(count(&self.read().projects_in(viewer, scope, query)))
    }

    async fn roster(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        window: &Window,
    ) -> Result<Vec<MembershipView>, StoreError> {
        self.read().roster_page(viewer, project, window)
    }

    async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError> {
        Ok(count(&self.read().roster_for(viewer, project)))
    }

    async fn task(
        &self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError> {
        let tables = self.read();
        let Some((task, standing)) = tables.task_for(viewer, id) else { return Ok(None) };
        let Some((project, _)) = tables.project_for(viewer, task.project) else { return Ok(None) };
        Ok(Some((tables.task_view(task, project)?, standing)))
    }

    async fn tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
        window: &Window,
    ) -> Result<Vec<TaskView>, StoreError> {
        self.read().tasks_page(viewer, project, query, window)
    }

    async fn count_tasks(
        &self,
        viewer: &Viewer,
        project: ProjectId,
        query: &TaskQuery,
    ) -> Result<u64, StoreError> {
        Ok(count(&self.read().tasks_in(viewer, project, query)))
    }

    async fn my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
        window: &Window,
    ) -> Result<Vec<MyTasksView>, StoreError> {
        self.read().own_tasks_page(viewer, scope, query, window)
    }

    async fn count_my_tasks(
        &self,
        viewer: &Viewer,
        scope: Scope,
        query: &OwnTasksQuery,
    ) -> Result<u64, StoreError> {
        Ok(count(&self.read().own_tasks(viewer, scope, query)))
    }

    async fn events(
        &self,
        scope: Scope,
        after: Option<EventPosition>,
        limit: u32,
    ) -> Result<Vec<(EventPosition, Event)>, StoreError> {
        Ok(self.read().events(scope, after, usize::try_from(limit).unwrap_or(usize::MAX)))
    }
}
