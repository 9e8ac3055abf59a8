//! The read side: each view reads with one statement, on connections that refuse to write.
//!
//! The trait is implemented here; the statements are in `read`, in one file for each aggregate.

use std::sync::Arc;

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
    Includes, MembershipView, MyTasksView, OpenedByKey, OrganizationExtent, OwnTasksQuery, ProjectView,
    ReadAhead, SpaceView, StoreError, TaskView, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use crate::read::{
    deletion, events, instance, invitations, keys, members, my_tasks, organizations, projects, rosters,
    spaces, stored_responses, tasks,
};
use crate::store::SqliteStore;

#[async_trait]
impl Views for SqliteStore {
    async fn check_ready(&self) -> Result<(), StoreError> {
        instance::check_ready(&self.readers).await
    }

    async fn instance_secret(&self) -> Result<[u8; 32], StoreError> {
        instance::secret(&self.readers).await
    }

    async fn has_organizations(&self) -> Result<bool, StoreError> {
        organizations::any(&self.readers).await
    }

    async fn all_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError> {
        deletion::organizations_after(&self.readers, after, limit).await
    }

    async fn organization_extent(
        &self,
        id: OrganizationId,
    ) -> Result<Option<OrganizationExtent>, StoreError> {
        deletion::extent(&self.readers, id).await
    }

    async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        keys::by_hash(&self.readers, hash).await
    }

    async fn open_with_key(
        &self,
        hash: &KeyHash,
        _first: Option<ReadAhead>,
    ) -> Result<Option<OpenedByKey>, StoreError> {
        let readers = self.readers.hold().await?;
        let Some(key) = keys::by_hash(&readers, hash).await? else { return Ok(None) };
        let views = Self { writer: self.writer.clone(), readers };
        Ok(Some(OpenedByKey { key, views: Some(Arc::new(views)) }))
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

    async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        keys::one(&self.readers, user, id).await
    }

    async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError> {
        keys::own(&self.readers, viewer, window).await
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

    async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        stored_responses::is_claimed(&self.readers, owner, claim, now).await
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

    async fn member_keys(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        user: UserId,
        window: &Window,
    ) -> Result<Vec<ApiKey>, StoreError> {
        keys::of_member(&self.readers, viewer, organization, user, window).await
    }

    async fn invitations(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        invitations::list(&self.readers, viewer, organization, window).await
    }

    async fn invitations_of(
        &self,
        organization: OrganizationId,
        window: &Window,
    ) -> Result<Vec<Invitation>, StoreError> {
        invitations::list_for_operator(&self.readers, organization, window).await
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
