//! The rows that a unit of work reads and writes, by aggregate.
//!
//! Every row is found through the viewer's scopes, or by a scope that was found so: a row of another scope is `None`, whatever its id.

use async_trait::async_trait;

use super::error::StoreError;
use crate::event::Event;
use crate::id::{DisplayNumber, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId};
use crate::instant::Timestamp;
use crate::key::{ApiKey, KeyHash, KeyOrigin};
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

/// The outcome of writing a row with a natural key. A taken key is a value and not an error: the unit of work continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// The row was written.
    Yes,
    /// Another row has the natural key; nothing was written.
    KeyTaken,
}

/// The outcome of writing a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum MemberInserted {
    /// The row was written.
    Yes,
    /// The user is a member of the scope already.
    AlreadyAMember {
        /// `true` if that membership is active.
        active: bool,
    },
    /// Another member of the scope has an equal username, compared folded.
    UsernameTaken,
    /// Another member of the scope has an equal employee number, compared folded.
    EmployeeNumberTaken,
}

/// The rows of users, organizations and members.
#[async_trait]
pub trait OrganizationRows {
    /// Returns `true` if the store has or had an organization. Prevents every other unit of work from creating the first one.
    async fn lock_instance(&mut self) -> Result<bool, StoreError>;

    /// Returns the account whose address has this address's [key](EmailAddress::key).
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError>;

    /// Returns the organization's own person whose address has this address's key. The organization must be locked.
    async fn own_person_by_email(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<User>, StoreError>;

    /// Inserts a user. Returns [`Inserted::KeyTaken`] if another account, or another own person of the user's home, has the address. An
    /// account is inserted together with its personal scope, which has no member yet. For a user with a home, the home must be locked.
    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError>;

    /// Changes the address of a user, who must have one: machines and erased users have none. Returns [`Inserted::KeyTaken`] like
    /// [`Self::insert_user`]. For a user with a home, the home must be locked.
    async fn update_address(
        &mut self,
        user: UserId,
        home: Option<OrganizationId>,
        email: &EmailAddress,
    ) -> Result<Inserted, StoreError>;

    /// Inserts an organization together with its scope.
    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// Loads an organization of which the viewer is an active member, and the viewer's role. Locks its scope, which excludes every other
    /// change of the organization, of its members' roles and access, and of its counters. `None` for a closed organization, see
    /// [`super::DeletionRows::close_organization`].
    async fn lock_organization(
        &mut self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;

    /// Loads and locks an organization like [`Self::lock_organization`], for the operator, who needs no membership.
    async fn lock_any_organization(&mut self, id: OrganizationId)
    -> Result<Option<Organization>, StoreError>;

    /// Writes an organization, which must be locked.
    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// Returns the next number for a member of the scope, starting at 1. Each number is assigned once; a unit of work that is rolled back
    /// returns its numbers.
    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Inserts a member.
    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Writes a member's role, access, profile, time of change and revision. The scope must be locked.
    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Increments a user's number of readmissions, and stores the new number in their membership of the scope. The scope must be locked.
    /// Locks the user, so that no two readmissions have an equal number.
    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;

    /// Erases the address of a user who belongs to the organization, and records the time, which each membership of the user returns from
    /// then on. Other people can have the address afterwards. The organization must be locked; the membership is erased by
    /// [`Self::update_member`].
    async fn erase_user(
        &mut self,
        home: OrganizationId,
        user: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the role of an active member if the viewer's key gives access to the membership.
    async fn role_in_scope(&mut self, viewer: &Viewer, scope: Scope)
    -> Result<Option<ScopeRole>, StoreError>;

    /// Returns the memberships that the users have in the scope, active or not, by ascending user id.
    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// Returns memberships like [`Self::members`], and keeps their role and access from being changed until the unit of work ends.
    async fn hold_members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// Loads the user's active memberships, that of the personal scope included, by ascending id of the scope. Locks those scopes, then the
    /// user: until the unit of work ends, none of the memberships changes, and no unit of work that locks the user before it reads the
    /// user's profile adds another.
    async fn lock_memberships_of(&mut self, user: UserId) -> Result<Vec<Member>, StoreError>;

    /// Increments the number of organizations that the user has created, and returns it. Locks the user, so that a concurrent unit of
    /// work continues from this number.
    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError>;

    /// Returns the number of active admins of the scope.
    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError>;
}

/// The rows of spaces.
#[async_trait]
pub trait SpaceRows {
    /// Inserts a space.
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Loads and locks a space in a scope of which the viewer is an active member, and returns the viewer's role there.
    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError>;

    /// Writes a space, which must be locked.
    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Deletes a space, which must be locked.
    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError>;

    /// Unlinks every space that is linked to the project, with `at` as the time of change. Returns the ids of these spaces, in ascending
    /// order.
    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError>;
}

/// The rows of projects.
#[async_trait]
pub trait ProjectRows {
    /// Returns the next number for a project of the scope, starting at 1, like [`OrganizationRows::next_member_number`].
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Inserts a project with an empty roster.
    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Loads and locks a project in a scope of which the viewer is an active member, with its roster and its counters, and returns the
    /// viewer's standing. The policy decides whether the viewer *sees* the project.
    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;

    /// Loads a project like [`Self::lock_project`], and keeps it only from being changed or deleted.
    async fn hold_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;

    /// Writes a project, which must be locked.
    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Deletes a project, which must be locked, with its roster and its tasks. No space may be linked to it any more.
    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError>;
}

/// The rows of rosters. All methods but [`RosterRows::lock_rosters_of`] and [`RosterRows::remove_from_rosters`] require that the project
/// is locked. It is enough to hold it for [`RosterRows::next_membership_numbers`], which locks it.
#[async_trait]
pub trait RosterRows {
    /// Reserves `count` consecutive numbers for new memberships of the roster, and returns the first, like
    /// [`OrganizationRows::next_member_number`]. Locks the project.
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError>;

    /// Returns the memberships that the users have of the roster, by ascending user id.
    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError>;

    /// Returns the number of admins of the roster.
    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError>;

    /// Inserts a membership. Returns [`Inserted::KeyTaken`] if the user is on the roster already. Several memberships are inserted by
    /// ascending user id.
    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError>;

    /// Writes a membership's role.
    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError>;

    /// Deletes a membership. Tasks keep their assignee until [`TaskRows::unassign_open_tasks`] is called.
    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError>;

    /// Locks the projects of the scope whose rosters the user is on, by ascending id.
    async fn lock_rosters_of(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;

    /// Removes the user from every roster of the scope, locking those projects by ascending id. Returns the removed memberships.
    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError>;
}

/// The rows of tasks.
#[async_trait]
pub trait TaskRows {
    /// Returns the next number for a task of the project, starting at 1. The project must be locked.
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError>;

    /// Returns the next number at the top level of the project's outline, starting at 1. It is greater than each number that was returned
    /// before, and than each that was passed to [`Self::raise_top_number`]. The project must be locked.
    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError>;

    /// Makes [`Self::next_top_number`] return numbers greater than `number` only. The project must be locked.
    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError>;

    /// Inserts a task. Returns [`Inserted::KeyTaken`] if another task of the project has its position in the outline.
    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// Returns the project of a task in a scope of which the viewer is an active member. Locks nothing.
    async fn project_of_task(&mut self, viewer: &Viewer, id: TaskId)
    -> Result<Option<ProjectId>, StoreError>;

    /// Loads and locks a task in a scope of which the viewer is an active member, and returns the viewer's standing towards its project.
    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError>;

    /// Writes a task, which must be locked. Returns [`Inserted::KeyTaken`] if another task of the project has its new position in the
    /// outline.
    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// Deletes a task, which must be locked.
    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError>;

    /// Removes the assignee of the user's open tasks ([`crate::task::TaskStatus::is_open`]) in one project, or in every project of the
    /// scope for `None`, with `at` as the time of change. Tasks with other statuses keep their assignee. Returns the ids of the changed
    /// tasks, in ascending order.
    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError>;
}

/// The state of a user for whom a key is about to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveKeys {
    /// The number of live keys that count against the limit; never more than the limit.
    pub count: u32,
    /// The user's number of readmissions.
    pub readmissions: Readmissions,
}

/// The rows of API keys.
#[async_trait]
pub trait KeyRows {
    /// Inserts a key under the digest of its secret. The parent must be locked, so that it is not revoked meanwhile.
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError>;

    /// Loads and locks a key of any user.
    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// Writes a key's revocation, its expiry, and whether it expires unless it is used.
    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError>;

    /// Returns the origin of a key.
    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError>;

    /// Loads and locks the keys of any user that are live at `now` and were created by one of `parents`, by ascending id. The parents
    /// must be locked, so that no further child is added meanwhile.
    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Loads and locks the user's keys that are live at `now` and reach this organization only, by ascending id.
    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Writes the parent of a key, which must be locked; `None` removes it.
    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError>;

    /// Locks the user for whom a key that counts against no limit is about to be created. Returns the user's number of readmissions.
    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError>;

    /// Writes the user's present number of readmissions to a key, so that the key gives access to every current membership of its user.
    /// The user must be locked.
    async fn raise_key(&mut self, key: KeyId) -> Result<(), StoreError>;

    /// Counts the user's keys that are live at `now`, up to `limit`: those that admins of the organization `issued_in` have issued, or
    /// for `None` all others. Locks the user, so that a concurrent count waits for this unit of work.
    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError>;

    /// Records the hour in which a key was last used, unless that hour or a later one is recorded already. Does nothing if the key does
    /// not exist.
    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError>;
}

/// The log of events.
#[async_trait]
pub trait EventLog {
    /// Appends an event in its scope's order. The event exists only if the unit of work is committed.
    async fn append(&mut self, event: &Event) -> Result<(), StoreError>;

    /// Erases the changes of every event so far about the user's membership of the scope. The events stay, in their order. The
    /// scope must be locked.
    async fn forget_member_events(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;
}
