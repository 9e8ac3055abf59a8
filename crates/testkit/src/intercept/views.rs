//! The calls of the read side.

use std::any::Any;
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
    DeletionViews, Includes, InstanceViews, InvitationViews, KeyViews, MembershipView, MyTasksView,
    OrganizationExtent, OwnTasksQuery, ProjectView, SpaceView, StoreError, StoredResponseViews, TaskView,
    Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use super::{Call, Interceptor};

/// A read side behind an interceptor. It opens none for a single call, so that every read passes the interceptor.
pub(super) struct InterceptedViews {
    pub(super) inner: Arc<dyn Views>,
    pub(super) interceptor: Arc<dyn Interceptor>,
}

/// An argument of a call, given by value or by reference.
struct Argument<T>(T);

impl<T: Any> Argument<&T> {
    fn as_any(&self) -> &dyn Any {
        self.0
    }
}

/// An argument given by value. For one that is a reference, the method of [`Argument`] itself takes precedence.
trait ByValue {
    fn as_any(&self) -> &dyn Any;
}

impl<T: Any> ByValue for Argument<T> {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }
}

macro_rules! intercept {
    ($($views:ident { $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+ })+) => {$(
        #[async_trait]
        impl $views for InterceptedViews {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                let name = stringify!($name);
                self.interceptor.before(name).await?;
                let mut answer = self.inner.$name($($argument),*).await?;
                $(let $argument = Argument($argument);)*
                self.interceptor.after(&Call { name, arguments: &[$($argument.as_any()),*] }, &mut answer)?;
                Ok(answer)
            })+
        }
    )+};
}

intercept! {
    Views {
        check_ready() -> ();
        account_by_email(email: &EmailAddress) -> Option<User>;
        own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
        user(id: UserId) -> Option<User>;
        organizations(viewer: &Viewer, window: &Window) -> Vec<(Organization, ScopeRole)>;
        organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
        role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
        own_member(viewer: &Viewer, scope: Scope) -> Option<Member>;
        member(viewer: &Viewer, scope: Scope, user: UserId) -> Option<Member>;
        members(viewer: &Viewer, scope: Scope, query: &MemberQuery, window: &Window) -> Vec<Member>;
        count_members(viewer: &Viewer, scope: Scope, query: &MemberQuery) -> u64;
        space(viewer: &Viewer, id: SpaceId, includes: Includes) -> Option<(SpaceView, ScopeRole)>;
        spaces(viewer: &Viewer, scope: Scope, query: &SpaceQuery, includes: Includes, window: &Window) -> Vec<SpaceView>;
        count_spaces(viewer: &Viewer, scope: Scope, query: &SpaceQuery) -> u64;
        project(viewer: &Viewer, id: ProjectId) -> Option<(ProjectView, ProjectStanding)>;
        project_standing(viewer: &Viewer, id: ProjectId) -> Option<ProjectStanding>;
        projects(viewer: &Viewer, scope: Scope, query: &ProjectQuery, window: &Window) -> Vec<ProjectView>;
        count_projects(viewer: &Viewer, scope: Scope, query: &ProjectQuery) -> u64;
        roster(viewer: &Viewer, project: ProjectId, window: &Window) -> Vec<MembershipView>;
        count_roster(viewer: &Viewer, project: ProjectId) -> u64;
        task(viewer: &Viewer, id: TaskId) -> Option<(TaskView, ProjectStanding)>;
        tasks(viewer: &Viewer, project: ProjectId, query: &TaskQuery, window: &Window) -> Vec<TaskView>;
        count_tasks(viewer: &Viewer, project: ProjectId, query: &TaskQuery) -> u64;
        my_tasks(viewer: &Viewer, scope: Scope, query: &OwnTasksQuery, window: &Window) -> Vec<MyTasksView>;
        count_my_tasks(viewer: &Viewer, scope: Scope, query: &OwnTasksQuery) -> u64;
        events(scope: Scope, after: Option<EventPosition>, limit: u32) -> Vec<(EventPosition, Event)>;
    }
    KeyViews {
        key_by_hash(hash: &KeyHash) -> Option<ApiKey>;
        key(user: UserId, id: KeyId) -> Option<ApiKey>;
        keys(viewer: &Viewer, window: &Window) -> Vec<ApiKey>;
        member_keys(viewer: &Viewer, organization: OrganizationId, user: UserId, window: &Window) -> Vec<ApiKey>;
    }
    StoredResponseViews {
        is_claimed(owner: &Viewer, claim: &Claim, now: Timestamp) -> bool;
    }
    InvitationViews {
        invitations(viewer: &Viewer, organization: OrganizationId, window: &Window) -> Vec<Invitation>;
        invitations_of(organization: OrganizationId, window: &Window) -> Vec<Invitation>;
    }
    DeletionViews {
        all_organizations(after: Option<OrganizationId>, limit: u32) -> Vec<(Organization, Option<Timestamp>)>;
        organization_extent(id: OrganizationId) -> Option<OrganizationExtent>;
    }
    InstanceViews {
        instance_secret() -> [u8; 32];
        has_organizations() -> bool;
    }
}
