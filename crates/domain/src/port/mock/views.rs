//! The mock of the read side.

use async_trait::async_trait;
use mockall::mock;

use crate::event::{Event, EventPosition};
use crate::id::{KeyId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::invitation::Invitation;
use crate::key::{ApiKey, KeyHash};
use crate::once::Claim;
use crate::organization::Organization;
use crate::page::{MemberQuery, ProjectQuery, SpaceQuery, TaskQuery, Window};
use crate::policy::ProjectStanding;
use crate::port::{
    DeletionViews, Includes, InstanceViews, InvitationViews, KeyViews, MembershipView, MyTasksView,
    OpenedByKey, OrganizationExtent, OwnTasksQuery, ProjectView, ReadAhead, SpaceView, StoreError,
    StoredResponseViews, TaskView, Views,
};
use crate::role::ScopeRole;
use crate::scope::{Scope, Viewer};
use crate::text::EmailAddress;
use crate::user::{Member, User};

mock! {
    pub Views {}

    #[async_trait]
    impl InstanceViews for Views {
        async fn instance_secret(&self) -> Result<[u8; 32], StoreError>;
        async fn has_organizations(&self) -> Result<bool, StoreError>;
    }

    #[async_trait]
    impl KeyViews for Views {
        async fn key_by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;
        async fn open_with_key(
            &self,
            hash: &KeyHash,
            ahead: Option<ReadAhead>,
        ) -> Result<Option<OpenedByKey>, StoreError>;
        async fn key(&self, user: UserId, id: KeyId) -> Result<Option<ApiKey>, StoreError>;
        async fn keys(&self, viewer: &Viewer, window: &Window) -> Result<Vec<ApiKey>, StoreError>;
        async fn member_keys(
            &self,
            viewer: &Viewer,
            organization: OrganizationId,
            user: UserId,
            window: &Window,
        ) -> Result<Vec<ApiKey>, StoreError>;
    }

    #[async_trait]
    impl StoredResponseViews for Views {
        async fn is_claimed(&self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<bool, StoreError>;
    }

    #[async_trait]
    impl InvitationViews for Views {
        async fn invitations(
            &self,
            viewer: &Viewer,
            organization: OrganizationId,
            window: &Window,
        ) -> Result<Vec<Invitation>, StoreError>;
        async fn invitations_of(
            &self,
            organization: OrganizationId,
            window: &Window,
        ) -> Result<Vec<Invitation>, StoreError>;
    }

    #[async_trait]
    impl DeletionViews for Views {
        async fn all_organizations(
            &self,
            after: Option<OrganizationId>,
            limit: u32,
        ) -> Result<Vec<(Organization, Option<Timestamp>)>, StoreError>;
        async fn organization_extent(&self, id: OrganizationId)
        -> Result<Option<OrganizationExtent>, StoreError>;
    }

    #[async_trait]
    impl Views for Views {
        async fn check_ready(&self) -> Result<(), StoreError>;
        async fn account_by_email(&self, email: &EmailAddress) -> Result<Option<User>, StoreError>;
        async fn own_person_by_email(
            &self,
            organization: OrganizationId,
            email: &EmailAddress,
        ) -> Result<Option<User>, StoreError>;
        async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;
        async fn organizations(
            &self,
            viewer: &Viewer,
            window: &Window,
        ) -> Result<Vec<(Organization, ScopeRole)>, StoreError>;
        async fn organization(
            &self,
            viewer: &Viewer,
            id: OrganizationId,
        ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;
        async fn role_in_scope(&self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError>;
        async fn own_member(&self, viewer: &Viewer, scope: Scope) -> Result<Option<Member>, StoreError>;
        async fn member(&self, viewer: &Viewer, scope: Scope, user: UserId)
        -> Result<Option<Member>, StoreError>;
        async fn members(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &MemberQuery,
            window: &Window,
        ) -> Result<Vec<Member>, StoreError>;
        async fn count_members(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &MemberQuery,
        ) -> Result<u64, StoreError>;
        async fn space(
            &self,
            viewer: &Viewer,
            id: SpaceId,
            includes: Includes,
        ) -> Result<Option<(SpaceView, ScopeRole)>, StoreError>;
        async fn spaces(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &SpaceQuery,
            includes: Includes,
            window: &Window,
        ) -> Result<Vec<SpaceView>, StoreError>;
        async fn count_spaces(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &SpaceQuery,
        ) -> Result<u64, StoreError>;
        async fn project(
            &self,
            viewer: &Viewer,
            id: ProjectId,
        ) -> Result<Option<(ProjectView, ProjectStanding)>, StoreError>;
        async fn project_standing(
            &self,
            viewer: &Viewer,
            id: ProjectId,
        ) -> Result<Option<ProjectStanding>, StoreError>;
        async fn projects(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &ProjectQuery,
            window: &Window,
        ) -> Result<Vec<ProjectView>, StoreError>;
        async fn count_projects(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &ProjectQuery,
        ) -> Result<u64, StoreError>;
        async fn roster(
            &self,
            viewer: &Viewer,
            project: ProjectId,
            window: &Window,
        ) -> Result<Vec<MembershipView>, StoreError>;
        async fn count_roster(&self, viewer: &Viewer, project: ProjectId) -> Result<u64, StoreError>;
        async fn task(
            &self,
            viewer: &Viewer,
            id: TaskId,
        ) -> Result<Option<(TaskView, ProjectStanding)>, StoreError>;
        async fn tasks(
            &self,
            viewer: &Viewer,
            project: ProjectId,
            query: &TaskQuery,
            window: &Window,
        ) -> Result<Vec<TaskView>, StoreError>;
        async fn count_tasks(
            &self,
            viewer: &Viewer,
            project: ProjectId,
            query: &TaskQuery,
        ) -> Result<u64, StoreError>;
        async fn my_tasks(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &OwnTasksQuery,
            window: &Window,
        ) -> Result<Vec<MyTasksView>, StoreError>;
        async fn count_my_tasks(
            &self,
            viewer: &Viewer,
            scope: Scope,
            query: &OwnTasksQuery,
        ) -> Result<u64, StoreError>;
        async fn events(
            &self,
            scope: Scope,
            after: Option<EventPosition>,
            limit: u32,
        ) -> Result<Vec<(EventPosition, Event)>, StoreError>;
    }
}
