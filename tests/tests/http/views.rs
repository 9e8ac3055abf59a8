//! Views that fail or wait at any of their calls, as a test tells them.

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
    Includes, MembershipView, MyTasksView, OrganizationExtent, OwnTasksQuery, ProjectView, SpaceView,
    StoreError, TaskView, Views,
};
use loggia_domain::role::ScopeRole;
use loggia_domain::scope::{Scope, Viewer};
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};
use tokio::sync::Semaphore;

use crate::faults::{Hook, within};

/// Views behind a hook, which is called before each call with the method's name.
pub(crate) struct HookedViews {
    pub(crate) inner: Arc<dyn Views>,
    pub(crate) hook: Arc<dyn Hook>,
}

/// Blocks one kind of call until the test lets it continue, and reports its arrival.
pub(crate) struct Turnstile {
    call: &'static str,
    arrived: Semaphore,
    open: Semaphore,
}

impl Turnstile {
    pub(crate) fn at(call: &'static str) -> Arc<Self> {
        Arc::new(Self { call, arrived: Semaphore::new(0), open: Semaphore::new(0) })
    }

    /// Waits until that many more calls are blocked.
    pub(crate) async fn arrivals(&self, number: u32) {
        within(self.arrived.acquire_many(number)).await.unwrap().forget();
    }

    /// Returns the number of blocked calls beyond those that were waited for.
    pub(crate) fn waiting(&self) -> usize {
        self.arrived.available_permits()
    }

    pub(crate) fn let_through(&self, number: usize) {
        self.open.add_permits(number);
    }
}

#[async_trait]
impl Hook for Turnstile {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        if call == self.call {
            self.arrived.add_permits(1);
            self.open.acquire().await.unwrap().forget();
        }
        Ok(())
    }
}

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)+) => {
        #[async_trait]
        impl Views for HookedViews {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$result, StoreError> {
                self.hook.before(stringify!($name)).await?;
                self.inner.$name($($argument),*).await
            })+
        }
    };
}

pass_on! {
    check_ready() -> ();
    instance_secret() -> [u8; 32];
    has_organizations() -> bool;
    all_organizations(after: Option<OrganizationId>, limit: u32) -> Vec<(Organization, Option<Timestamp>)>;
    organization_extent(id: OrganizationId) -> Option<OrganizationExtent>;
    key_by_hash(hash: &KeyHash) -> Option<ApiKey>;
    account_by_email(email: &EmailAddress) -> Option<User>;
    own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
    user(id: UserId) -> Option<User>;
    key(user: UserId, id: KeyId) -> Option<ApiKey>;
    keys(viewer: &Viewer, window: &Window) -> Vec<ApiKey>;
    organizations(viewer: &Viewer, window: &Window) -> Vec<(Organization, ScopeRole)>;
    organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
    role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
    is_claimed(owner: &Viewer, claim: &Claim, now: Timestamp) -> bool;
    own_member(viewer: &Viewer, scope: Scope) -> Option<Member>;
    member(viewer: &Viewer, scope: Scope, user: UserId) -> Option<Member>;
    members(viewer: &Viewer, scope: Scope, query: &MemberQuery, window: &Window) -> Vec<Member>;
    count_members(viewer: &Viewer, scope: Scope, query: &MemberQuery) -> u64;
    member_keys(viewer: &Viewer, organization: OrganizationId, user: UserId, window: &Window) -> Vec<ApiKey>;
    invitations(viewer: &Viewer, organization: OrganizationId, window: &Window) -> Vec<Invitation>;
    invitations_of(organization: OrganizationId, window: &Window) -> Vec<Invitation>;
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
