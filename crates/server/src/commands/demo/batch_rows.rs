//! The row methods of a batched unit of work, which delegate to the shared transaction.

use async_trait::async_trait;
use loggia_domain::event::Event;
use loggia_domain::id::{
    DisplayNumber, InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::once::{Claim, KeptAnswer};
use loggia_domain::organization::Organization;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Claimed, DeletionRows, DeletionStep, EventLog, Inserted, InvitationRows, KeptAnswerRows, KeyRows,
    LiveKeys, MemberInserted, OrganizationRows, ProjectRows, RosterRows, RowsDeleted, SpaceRows, StoreError,
    TaskRows,
};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use super::batch::BatchedUnit;

/// Delegates every method of a trait.
macro_rules! pass_on {
    ($($rows:ident { $(fn $name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)+ })+) => {$(
        #[async_trait]
        impl $rows for BatchedUnit {
            $(async fn $name(&mut self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                self.shared()?.$name($($argument),*).await
            })+
        }
    )+};
}

pass_on! {
    OrganizationRows {
        fn lock_instance() -> bool;
        fn account_by_email(email: &EmailAddress) -> Option<User>;
        fn own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
        fn insert_user(user: &User) -> Inserted;
        fn update_address(user: UserId, home: Option<OrganizationId>, email: &EmailAddress) -> Inserted;
        fn insert_organization(organization: &Organization) -> ();
        fn lock_organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
        fn lock_any_organization(id: OrganizationId) -> Option<Organization>;
        fn update_organization(organization: &Organization) -> ();
        fn next_member_number(scope: Scope) -> DisplayNumber;
        fn insert_member(member: &Member) -> MemberInserted;
        fn update_member(member: &Member) -> MemberInserted;
        fn role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
        fn members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        fn hold_members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        fn readmit(scope: Scope, user: UserId) -> ();
        fn erase_user(home: OrganizationId, user: UserId, at: Timestamp) -> ();
        fn lock_memberships_of(user: UserId) -> Vec<Member>;
        fn count_organization_of(maker: UserId) -> u64;
        fn count_active_admins(scope: Scope) -> u64;
    }

    SpaceRows {
        fn insert_space(space: &Space) -> ();
        fn lock_space(viewer: &Viewer, id: SpaceId) -> Option<(Space, ScopeRole)>;
        fn update_space(space: &Space) -> ();
        fn delete_space(scope: Scope, id: SpaceId) -> ();
        fn unlink_spaces(scope: Scope, project: ProjectId, at: Timestamp) -> Vec<SpaceId>;
    }

    ProjectRows {
        fn next_project_number(scope: Scope) -> DisplayNumber;
        fn insert_project(project: &Project) -> ();
        fn lock_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        fn hold_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        fn update_project(project: &Project) -> ();
        fn delete_project(scope: Scope, id: ProjectId) -> ();
    }

    RosterRows {
        fn next_membership_numbers(scope: Scope, project: ProjectId, count: usize) -> DisplayNumber;
        fn memberships(scope: Scope, project: ProjectId, users: &[UserId]) -> Vec<Membership>;
        fn count_roster_admins(scope: Scope, project: ProjectId) -> u64;
        fn insert_membership(scope: Scope, membership: &Membership) -> Inserted;
        fn update_membership(scope: Scope, membership: &Membership) -> ();
        fn delete_membership(scope: Scope, project: ProjectId, id: MembershipId) -> ();
        fn lock_rosters_of(scope: Scope, user: UserId) -> ();
        fn remove_from_rosters(scope: Scope, user: UserId) -> Vec<Membership>;
    }

    TaskRows {
        fn next_task_number(scope: Scope, project: ProjectId) -> DisplayNumber;
        fn next_top_number(scope: Scope, project: ProjectId) -> i64;
        fn raise_top_number(scope: Scope, project: ProjectId, number: u32) -> ();
        fn insert_task(task: &Task) -> Inserted;
        fn project_of_task(viewer: &Viewer, id: TaskId) -> Option<ProjectId>;
        fn lock_task(viewer: &Viewer, id: TaskId) -> Option<(Task, ProjectStanding)>;
        fn update_task(task: &Task) -> Inserted;
        fn delete_task(scope: Scope, id: TaskId) -> ();
        fn unassign_open_tasks(scope: Scope, project: Option<ProjectId>, user: UserId, at: Timestamp) -> Vec<TaskId>;
    }

    KeyRows {
        fn insert_key(key: &ApiKey, hash: &KeyHash, origin: &KeyOrigin) -> ();
        fn lock_key(id: KeyId) -> Option<ApiKey>;
        fn update_key(key: &ApiKey) -> ();
        fn key_origin(id: KeyId) -> Option<KeyOrigin>;
        fn lock_live_keys(user: UserId, organization: OrganizationId, now: Timestamp) -> Vec<ApiKey>;
        fn lock_live_children(parents: &[KeyId], now: Timestamp) -> Vec<ApiKey>;
        fn update_parent(key: &ApiKey, parent: Option<KeyId>) -> ();
        fn lock_user(user: UserId) -> Readmissions;
        fn raise_key(key: KeyId) -> ();
        fn count_live_keys(user: UserId, issued_in: Option<OrganizationId>, now: Timestamp, limit: u32) -> LiveKeys;
        fn touch_key(id: KeyId, hour: Timestamp) -> ();
    }

    InvitationRows {
        fn insert_invitation(invitation: &Invitation, hash: &KeyHash) -> Inserted;
        fn invitation(organization: OrganizationId, id: InvitationId) -> Option<Invitation>;
        fn invitation_by_token(hash: &KeyHash, now: Timestamp) -> Option<(OrganizationId, InvitationId)>;
        fn renew_invitation(invitation: &Invitation, hash: &KeyHash) -> ();
        fn delete_invitation(organization: OrganizationId, id: InvitationId) -> ();
        fn hold_projects(scope: Scope, projects: &[ProjectId]) -> Vec<ProjectId>;
    }

    KeptAnswerRows {
        fn claim(owner: &Viewer, claim: &Claim, now: Timestamp) -> Claimed;
        fn keep(owner: &Viewer, claim: &Claim, scope: Option<Scope>, answer: &KeptAnswer) -> ();
        fn delete_expired_answers(now: Timestamp, limit: u32) -> u64;
    }

    DeletionRows {
        fn lock_open_or_closed(id: OrganizationId) -> Option<(Organization, Option<Timestamp>)>;
        fn close_organization(id: OrganizationId, at: Timestamp) -> ();
        fn delete_rows(id: OrganizationId, step: DeletionStep, limit: u32) -> RowsDeleted;
    }

    EventLog {
        fn append(event: &Event) -> ();
        fn forget_member_events(scope: Scope, user: UserId) -> ();
    }
}
