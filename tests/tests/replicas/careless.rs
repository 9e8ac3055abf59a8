//! A store without locks, as a negative control: the races must detect a broken promise on it.
//!
//! A second unit of work loads the rows that a unit of work locks, and is dropped at once, which releases the lock. Everything else is
//! passed to the real store, so only the lock is missing.

use std::sync::Arc;

use async_trait::async_trait;
use loggia_domain::event::Event;
use loggia_domain::id::{
    DisplayNumber, InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, Caller, KeyHash, KeyOrigin};
use loggia_domain::once::{Claim, KeptAnswer};
use loggia_domain::organization::Organization;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Claimed, DeletionRows, DeletionStep, EventLog, Inserted, InvitationRows, KeptAnswerRows, KeyRows,
    LiveKeys, MemberInserted, OrganizationRows, ProjectRows, RosterRows, RowsDeleted, SpaceRows, Store,
    StoreError, TaskRows, UnitOfWork,
};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

/// The handling of a unique key that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// The conflict is reported, as by the real store.
    Told,
    /// The conflict is reported as success, as by a table without the unique key.
    Forgotten,
}

/// A store that releases each lock as soon as it is acquired.
pub(crate) struct CarelessStore {
    pub(crate) inner: Arc<dyn Store>,
    /// Another store on the same database, so that the second units of work do not wait for the sessions of the first.
    pub(crate) aside: Arc<dyn Store>,
    pub(crate) keys: Keys,
}

#[async_trait]
impl Store for CarelessStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let inner = self.inner.begin().await?;
        Ok(Box::new(CarelessUnit { inner, aside: self.aside.clone(), keys: self.keys }))
    }

    async fn begin_for(&self, caller: &Caller, now: Timestamp) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let inner = self.inner.begin_for(caller, now).await?;
        Ok(Box::new(CarelessUnit { inner, aside: self.aside.clone(), keys: self.keys }))
    }
}

struct CarelessUnit {
    inner: Box<dyn UnitOfWork>,
    aside: Arc<dyn Store>,
    keys: Keys,
}

#[async_trait]
impl UnitOfWork for CarelessUnit {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.commit().await
    }
}

/// The result of an insertion.
trait Taken {
    /// Returns the result of a table without the unique key.
    fn unnoticed(self) -> Self;
}

impl Taken for Inserted {
    fn unnoticed(self) -> Self {
        Self::Yes
    }
}

impl Taken for MemberInserted {
    fn unnoticed(self) -> Self {
        if matches!(self, Self::AlreadyAMember { .. }) { Self::Yes } else { self }
    }
}

macro_rules! rows {
    ($($rows:ident { $($way:ident $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)+ })+) => {$(
        #[async_trait]
        impl $rows for CarelessUnit {
            $(async fn $name(&mut self, $($argument: $type),*) -> Result<$result, StoreError> {
                rows!(@$way self $name($($argument),*))
            })+
        }
    )+};
    (@pass $self:ident $name:ident($($argument:ident),*)) => {
        $self.inner.$name($($argument),*).await
    };
    (@aside $self:ident $name:ident($($argument:ident),*)) => {
        $self.aside.begin().await?.$name($($argument),*).await
    };
    (@key $self:ident $name:ident($($argument:ident),*)) => {
        match ($self.keys, $self.inner.$name($($argument),*).await?) {
            (Keys::Told, outcome) => Ok(outcome),
            (Keys::Forgotten, outcome) => Ok(outcome.unnoticed()),
        }
    };
}

rows! {
    OrganizationRows {
        aside lock_instance() -> bool;
        pass account_by_email(email: &EmailAddress) -> Option<User>;
        pass own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
        pass insert_user(user: &User) -> Inserted;
        pass update_address(user: UserId, home: Option<OrganizationId>, email: &EmailAddress) -> Inserted;
        pass insert_organization(organization: &Organization) -> ();
        aside lock_organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
        aside lock_any_organization(id: OrganizationId) -> Option<Organization>;
        pass update_organization(organization: &Organization) -> ();
        pass next_member_number(scope: Scope) -> DisplayNumber;
        key insert_member(member: &Member) -> MemberInserted;
        pass update_member(member: &Member) -> MemberInserted;
        pass role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
        pass members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        aside hold_members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        pass readmit(scope: Scope, user: UserId) -> ();
        pass erase_user(home: OrganizationId, user: UserId, at: Timestamp) -> ();
        aside lock_memberships_of(user: UserId) -> Vec<Member>;
        pass count_organization_of(maker: UserId) -> u64;
        pass count_active_admins(scope: Scope) -> u64;
    }
    SpaceRows {
        pass insert_space(space: &Space) -> ();
        aside lock_space(viewer: &Viewer, id: SpaceId) -> Option<(Space, ScopeRole)>;
        pass update_space(space: &Space) -> ();
        pass delete_space(scope: Scope, id: SpaceId) -> ();
        pass unlink_spaces(scope: Scope, project: ProjectId, at: Timestamp) -> Vec<SpaceId>;
    }
    ProjectRows {
        pass next_project_number(scope: Scope) -> DisplayNumber;
        pass insert_project(project: &Project) -> ();
        aside lock_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        aside hold_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        pass update_project(project: &Project) -> ();
        pass delete_project(scope: Scope, id: ProjectId) -> ();
    }
    RosterRows {
        pass next_membership_numbers(scope: Scope, project: ProjectId, count: usize) -> DisplayNumber;
        pass memberships(scope: Scope, project: ProjectId, users: &[UserId]) -> Vec<Membership>;
        pass count_roster_admins(scope: Scope, project: ProjectId) -> u64;
        key insert_membership(scope: Scope, membership: &Membership) -> Inserted;
        pass update_membership(scope: Scope, membership: &Membership) -> ();
        pass delete_membership(scope: Scope, project: ProjectId, id: MembershipId) -> ();
        pass lock_rosters_of(scope: Scope, user: UserId) -> ();
        pass remove_from_rosters(scope: Scope, user: UserId) -> Vec<Membership>;
    }
    TaskRows {
        pass next_task_number(scope: Scope, project: ProjectId) -> DisplayNumber;
        pass next_top_number(scope: Scope, project: ProjectId) -> i64;
        pass raise_top_number(scope: Scope, project: ProjectId, number: u32) -> ();
        pass insert_task(task: &Task) -> Inserted;
        pass project_of_task(viewer: &Viewer, id: TaskId) -> Option<ProjectId>;
        aside lock_task(viewer: &Viewer, id: TaskId) -> Option<(Task, ProjectStanding)>;
        pass update_task(task: &Task) -> Inserted;
        pass delete_task(scope: Scope, id: TaskId) -> ();
        pass unassign_open_tasks(scope: Scope, project: Option<ProjectId>, user: UserId, at: Timestamp) -> Vec<TaskId>;
    }
    KeyRows {
        pass insert_key(key: &ApiKey, hash: &KeyHash, origin: &KeyOrigin) -> ();
        aside lock_key(id: KeyId) -> Option<ApiKey>;
        pass update_key(key: &ApiKey) -> ();
        pass key_origin(id: KeyId) -> Option<KeyOrigin>;
        aside lock_live_keys(user: UserId, organization: OrganizationId, now: Timestamp) -> Vec<ApiKey>;
        aside lock_live_children(parents: &[KeyId], now: Timestamp) -> Vec<ApiKey>;
        pass update_parent(key: &ApiKey, parent: Option<KeyId>) -> ();
        pass lock_user(user: UserId) -> Readmissions;
        pass raise_key(key: KeyId) -> ();
        pass count_live_keys(user: UserId, issued_in: Option<OrganizationId>, now: Timestamp, limit: u32) -> LiveKeys;
        pass touch_key(id: KeyId, hour: Timestamp) -> ();
    }
    InvitationRows {
        key insert_invitation(invitation: &Invitation, hash: &KeyHash) -> Inserted;
        pass invitation(organization: OrganizationId, id: InvitationId) -> Option<Invitation>;
        pass invitation_by_token(hash: &KeyHash, now: Timestamp) -> Option<(OrganizationId, InvitationId)>;
        pass renew_invitation(invitation: &Invitation, hash: &KeyHash) -> ();
        pass delete_invitation(organization: OrganizationId, id: InvitationId) -> ();
        aside hold_projects(scope: Scope, projects: &[ProjectId]) -> Vec<ProjectId>;
    }
    KeptAnswerRows {
        pass claim(owner: &Viewer, claim: &Claim, now: Timestamp) -> Claimed;
        pass keep(owner: &Viewer, claim: &Claim, scope: Option<Scope>, answer: &KeptAnswer) -> ();
        pass delete_expired_answers(now: Timestamp, limit: u32) -> u64;
    }
    DeletionRows {
        aside lock_open_or_closed(id: OrganizationId) -> Option<(Organization, Option<Timestamp>)>;
        pass close_organization(id: OrganizationId, at: Timestamp) -> ();
        pass delete_rows(id: OrganizationId, step: DeletionStep, limit: u32) -> RowsDeleted;
    }
    EventLog {
        pass append(event: &Event) -> ();
        pass forget_member_events(scope: Scope, user: UserId) -> ();
    }
}
