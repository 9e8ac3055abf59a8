//! The calls of a unit of work.

use async_trait::async_trait;
use loggia_domain::event::Event;
use loggia_domain::id::{
    DisplayNumber, InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::Timestamp;
use loggia_domain::invitation::Invitation;
use loggia_domain::key::{ApiKey, KeyHash, KeyOrigin};
use loggia_domain::once::{Claim, StoredResponse};
use loggia_domain::organization::Organization;
use loggia_domain::policy::ProjectStanding;
use loggia_domain::port::{
    Claimed, DeletionRows, DeletionStep, EventLog, Inserted, InstanceRows, InvitationRows, KeyRows, LiveKeys,
    MemberInserted, OrganizationRows, ProjectRows, RosterRows, RowsDeleted, SpaceRows, StoreError,
    StoredResponseRows, TaskRows,
};
use loggia_domain::project::Project;
use loggia_domain::role::ScopeRole;
use loggia_domain::roster::Membership;
use loggia_domain::scope::{Readmissions, Scope, Viewer};
use loggia_domain::space::Space;
use loggia_domain::task::Task;
use loggia_domain::text::EmailAddress;
use loggia_domain::user::{Member, User};

use super::{Call, InterceptedUnit};

macro_rules! intercept {
    ($($rows:ident { $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+ })+) => {$(
        #[async_trait]
        impl $rows for InterceptedUnit {
            $(async fn $name(&mut self, $($argument: $type),*) -> Result<$answer, StoreError> {
                let name = stringify!($name);
                self.interceptor.before(name).await?;
                let mut answer = match self.interceptor.elsewhere(name).await? {
                    Some(mut elsewhere) => elsewhere.$name($($argument),*).await?,
                    None => self.inner.$name($($argument),*).await?,
                };
                self.interceptor.after(&Call { name, arguments: &[] }, &mut answer)?;
                Ok(answer)
            })+
        }
    )+};
}

intercept! {
    OrganizationRows {
        account_by_email(email: &EmailAddress) -> Option<User>;
        own_person_by_email(organization: OrganizationId, email: &EmailAddress) -> Option<User>;
        insert_user(user: &User) -> Inserted;
        update_address(user: UserId, home: Option<OrganizationId>, email: &EmailAddress) -> Inserted;
        insert_organization(organization: &Organization) -> ();
        lock_organization(viewer: &Viewer, id: OrganizationId) -> Option<(Organization, ScopeRole)>;
        lock_any_organization(id: OrganizationId) -> Option<Organization>;
        update_organization(organization: &Organization) -> ();
        next_member_number(scope: Scope) -> DisplayNumber;
        insert_member(member: &Member) -> MemberInserted;
        update_member(member: &Member) -> MemberInserted;
        role_in_scope(viewer: &Viewer, scope: Scope) -> Option<ScopeRole>;
        members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        hold_members(scope: Scope, users: &[UserId]) -> Vec<Member>;
        erase_user(home: OrganizationId, user: UserId, at: Timestamp) -> ();
        lock_memberships_of(user: UserId) -> Vec<Member>;
        lock_user(user: UserId) -> Readmissions;
        count_organization_of(maker: UserId) -> u64;
        count_active_admins(scope: Scope) -> u64;
    }
    SpaceRows {
        insert_space(space: &Space) -> ();
        lock_space(viewer: &Viewer, id: SpaceId) -> Option<(Space, ScopeRole)>;
        update_space(space: &Space) -> ();
        delete_space(scope: Scope, id: SpaceId) -> ();
        unlink_spaces(scope: Scope, project: ProjectId, at: Timestamp) -> Vec<SpaceId>;
    }
    ProjectRows {
        next_project_number(scope: Scope) -> DisplayNumber;
        insert_project(project: &Project) -> ();
        lock_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        hold_project(viewer: &Viewer, id: ProjectId) -> Option<(Project, ProjectStanding)>;
        update_project(project: &Project) -> ();
        delete_project(scope: Scope, id: ProjectId) -> ();
    }
    RosterRows {
        next_membership_numbers(scope: Scope, project: ProjectId, count: usize) -> DisplayNumber;
        memberships(scope: Scope, project: ProjectId, users: &[UserId]) -> Vec<Membership>;
        count_roster_admins(scope: Scope, project: ProjectId) -> u64;
        insert_membership(scope: Scope, membership: &Membership) -> Inserted;
        update_membership(scope: Scope, membership: &Membership) -> ();
        delete_membership(scope: Scope, project: ProjectId, id: MembershipId) -> ();
        lock_rosters_of(scope: Scope, user: UserId) -> ();
        remove_from_rosters(scope: Scope, user: UserId) -> Vec<Membership>;
    }
    TaskRows {
        next_task_number(scope: Scope, project: ProjectId) -> DisplayNumber;
        next_top_number(scope: Scope, project: ProjectId) -> i64;
        raise_top_number(scope: Scope, project: ProjectId, number: u32) -> ();
        insert_task(task: &Task) -> Inserted;
        project_of_task(viewer: &Viewer, id: TaskId) -> Option<ProjectId>;
        lock_task(viewer: &Viewer, id: TaskId) -> Option<(Task, ProjectStanding)>;
        update_task(task: &Task) -> Inserted;
        delete_task(scope: Scope, id: TaskId) -> ();
        unassign_open_tasks(scope: Scope, project: Option<ProjectId>, user: UserId, at: Timestamp) -> Vec<TaskId>;
    }
    KeyRows {
        insert_key(key: &ApiKey, hash: &KeyHash, origin: &KeyOrigin) -> ();
        lock_key(id: KeyId) -> Option<ApiKey>;
        update_key(key: &ApiKey) -> ();
        key_origin(id: KeyId) -> Option<KeyOrigin>;
        lock_live_keys(user: UserId, organization: OrganizationId, now: Timestamp) -> Vec<ApiKey>;
        lock_live_children(parents: &[KeyId], now: Timestamp) -> Vec<ApiKey>;
        update_parent(key: &ApiKey, parent: Option<KeyId>) -> ();
        raise_key(key: KeyId) -> ();
        count_live_keys(user: UserId, issued_in: Option<OrganizationId>, now: Timestamp, limit: u32) -> LiveKeys;
        touch_key(id: KeyId, hour: Timestamp) -> ();
        readmit(scope: Scope, user: UserId) -> ();
    }
    InvitationRows {
        insert_invitation(invitation: &Invitation, hash: &KeyHash) -> Inserted;
        invitation(organization: OrganizationId, id: InvitationId) -> Option<Invitation>;
        invitation_by_token(hash: &KeyHash, now: Timestamp) -> Option<(OrganizationId, InvitationId)>;
        renew_invitation(invitation: &Invitation, hash: &KeyHash) -> ();
        delete_invitation(organization: OrganizationId, id: InvitationId) -> ();
        hold_projects(scope: Scope, projects: &[ProjectId]) -> Vec<ProjectId>;
    }
    StoredResponseRows {
        claim(owner: &Viewer, claim: &Claim, now: Timestamp) -> Claimed;
        keep(owner: &Viewer, claim: &Claim, scope: Option<Scope>, answer: &StoredResponse) -> ();
        delete_expired_answers(now: Timestamp, limit: u32) -> u64;
    }
    DeletionRows {
        lock_open_or_closed(id: OrganizationId) -> Option<(Organization, Option<Timestamp>)>;
        close_organization(id: OrganizationId, at: Timestamp) -> ();
        delete_rows(id: OrganizationId, step: DeletionStep, limit: u32) -> RowsDeleted;
    }
    InstanceRows {
        lock_instance() -> bool;
    }
    EventLog {
        append(event: &Event) -> ();
        forget_member_events(scope: Scope, user: UserId) -> ();
    }
}
