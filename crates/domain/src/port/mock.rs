//! Mocks of every port (feature `mock`), for failures on demand. A test that needs more than three expectations is easier to read with
//! the testkit's store in memory.
//!
//! [`MockStore`], [`MockClock`], [`MockIds`] and [`MockSecrets`] are generated beside their traits; [`MockUnitOfWork`]
//! combines the row traits and `commit`, and [`MockViews`] the read side.

mod views;

use async_trait::async_trait;
use mockall::mock;

pub use super::ambient::{MockClock, MockIds, MockSecrets};
pub use super::store::MockStore;
use super::{
    Claimed, DeletionRows, DeletionStep, EventLog, Inserted, InstanceRows, InvitationRows, KeyRows, LiveKeys,
    MemberInserted, OrganizationRows, ProjectRows, RosterRows, RowsDeleted, SpaceRows, StoreError,
    StoredResponseRows, TaskRows, UnitOfWork,
};
use crate::event::Event;
use crate::id::{
    DisplayNumber, InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use crate::instant::Timestamp;
use crate::invitation::Invitation;
use crate::key::{ApiKey, KeyHash, KeyOrigin};
use crate::once::{Claim, StoredResponse};
use crate::organization::Organization;
use crate::policy::ProjectStanding;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::scope::{Readmissions, Scope, Viewer};
use crate::space::Space;
use crate::task::Task;
use crate::text::EmailAddress;
use crate::user::{Member, User};
pub use views::MockViews;

mock! {
    pub UnitOfWork {}

    #[async_trait]
    impl OrganizationRows for UnitOfWork {
        async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError>;
        async fn own_person_by_email(
            &mut self,
            organization: OrganizationId,
            email: &EmailAddress,
        ) -> Result<Option<User>, StoreError>;
        async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError>;
        async fn update_address(
            &mut self,
            user: UserId,
            home: Option<OrganizationId>,
            email: &EmailAddress,
        ) -> Result<Inserted, StoreError>;
        async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;
        async fn lock_organization(
            &mut self,
            viewer: &Viewer,
            id: OrganizationId,
        ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;
        async fn lock_any_organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError>;
        async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;
        async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;
        async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;
        async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;
        async fn erase_user(
            &mut self,
            home: OrganizationId,
            user: UserId,
            at: Timestamp,
        ) -> Result<(), StoreError>;
        async fn role_in_scope(&mut self, viewer: &Viewer, scope: Scope) -> Result<Option<ScopeRole>, StoreError>;
        async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;
        async fn hold_members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;
        async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError>;
        async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError>;
        async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError>;
        async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError>;
    }

    #[async_trait]
    impl SpaceRows for UnitOfWork {
        async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError>;
        async fn lock_space(&mut self, viewer: &Viewer, id: SpaceId) -> Result<Option<(Space, ScopeRole)>, StoreError>;
        async fn update_space(&mut self, space: &Space) -> Result<(), StoreError>;
        async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError>;
        async fn unlink_spaces(&mut self, scope: Scope, project: ProjectId, at: Timestamp)
        -> Result<Vec<SpaceId>, StoreError>;
    }

    #[async_trait]
    impl ProjectRows for UnitOfWork {
        async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;
        async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError>;
        async fn lock_project(
            &mut self,
            viewer: &Viewer,
            id: ProjectId,
        ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;
        async fn hold_project(
            &mut self,
            viewer: &Viewer,
            id: ProjectId,
        ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;
        async fn update_project(&mut self, project: &Project) -> Result<(), StoreError>;
        async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl RosterRows for UnitOfWork {
        async fn next_membership_numbers(
            &mut self,
            scope: Scope,
            project: ProjectId,
            count: usize,
        ) -> Result<DisplayNumber, StoreError>;
        async fn memberships(
            &mut self,
            scope: Scope,
            project: ProjectId,
            users: &[UserId],
        ) -> Result<Vec<Membership>, StoreError>;
        async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError>;
        async fn insert_membership(&mut self, scope: Scope, membership: &Membership) -> Result<Inserted, StoreError>;
        async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError>;
        async fn delete_membership(
            &mut self,
            scope: Scope,
            project: ProjectId,
            id: MembershipId,
        ) -> Result<(), StoreError>;
        async fn lock_rosters_of(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;
        async fn remove_from_rosters(&mut self, scope: Scope, user: UserId) -> Result<Vec<Membership>, StoreError>;
    }

    #[async_trait]
    impl TaskRows for UnitOfWork {
        async fn next_task_number(&mut self, scope: Scope, project: ProjectId) -> Result<DisplayNumber, StoreError>;
        async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError>;
        async fn raise_top_number(&mut self, scope: Scope, project: ProjectId, number: u32) -> Result<(), StoreError>;
        async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;
        async fn project_of_task(&mut self, viewer: &Viewer, id: TaskId) -> Result<Option<ProjectId>, StoreError>;
        async fn lock_task(
            &mut self,
            viewer: &Viewer,
            id: TaskId,
        ) -> Result<Option<(Task, ProjectStanding)>, StoreError>;
        async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;
        async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError>;
        async fn unassign_open_tasks(
            &mut self,
            scope: Scope,
            project: Option<ProjectId>,
            user: UserId,
            at: Timestamp,
        ) -> Result<Vec<TaskId>, StoreError>;
    }

    #[async_trait]
    impl KeyRows for UnitOfWork {
        async fn insert_key(&mut self, key: &ApiKey, hash: &KeyHash, origin: &KeyOrigin) -> Result<(), StoreError>;
        async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError>;
        async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError>;
        async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError>;
        async fn lock_live_children(
            &mut self,
            parents: &[KeyId],
            now: Timestamp,
        ) -> Result<Vec<ApiKey>, StoreError>;
        async fn lock_live_keys(
            &mut self,
            user: UserId,
            organization: OrganizationId,
            now: Timestamp,
        ) -> Result<Vec<ApiKey>, StoreError>;
        async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError>;
        async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError>;
        async fn count_live_keys(
            &mut self,
            user: UserId,
            issued_in: Option<OrganizationId>,
            now: Timestamp,
            limit: u32,
        ) -> Result<LiveKeys, StoreError>;
        async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;
        async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl InvitationRows for UnitOfWork {
        async fn insert_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<Inserted, StoreError>;
        async fn invitation(
            &mut self,
            organization: OrganizationId,
            id: InvitationId,
        ) -> Result<Option<Invitation>, StoreError>;
        async fn invitation_by_token(
            &mut self,
            hash: &KeyHash,
            now: Timestamp,
        ) -> Result<Option<(OrganizationId, InvitationId)>, StoreError>;
        async fn renew_invitation(&mut self, invitation: &Invitation, hash: &KeyHash) -> Result<(), StoreError>;
        async fn delete_invitation(
            &mut self,
            organization: OrganizationId,
            id: InvitationId,
        ) -> Result<(), StoreError>;
        async fn hold_projects(&mut self, scope: Scope, projects: &[ProjectId]) -> Result<Vec<ProjectId>, StoreError>;
    }

    #[async_trait]
    impl StoredResponseRows for UnitOfWork {
        async fn claim(&mut self, owner: &Viewer, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError>;
        async fn keep(
            &mut self,
            owner: &Viewer,
            claim: &Claim,
            scope: Option<Scope>,
            answer: &StoredResponse,
        ) -> Result<(), StoreError>;
        async fn delete_expired_answers(&mut self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
    }

    #[async_trait]
    impl DeletionRows for UnitOfWork {
        async fn lock_open_or_closed(
            &mut self,
            id: OrganizationId,
        ) -> Result<Option<(Organization, Option<Timestamp>)>, StoreError>;
        async fn close_organization(&mut self, id: OrganizationId, at: Timestamp) -> Result<(), StoreError>;
        async fn delete_rows(
            &mut self,
            id: OrganizationId,
            step: DeletionStep,
            limit: u32,
        ) -> Result<RowsDeleted, StoreError>;
    }

    #[async_trait]
    impl InstanceRows for UnitOfWork {
        async fn lock_instance(&mut self) -> Result<bool, StoreError>;
    }

    #[async_trait]
    impl EventLog for UnitOfWork {
        async fn append(&mut self, event: &Event) -> Result<(), StoreError>;
        async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl UnitOfWork for UnitOfWork {
        async fn commit(self: Box<Self>) -> Result<(), StoreError>;
    }
}
