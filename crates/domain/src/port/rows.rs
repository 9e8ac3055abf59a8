//! The rows that a unit of work reads and writes, by aggregate.
//!
//! Every row is found through the viewer's scopes or by a scope that was found so: a row of another scope is `None`,
//! whatever its id.

use async_trait::async_trait;

use super::StoreError;
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

/// Whether a row went in. A key that is taken is an answer, not an error: the unit of work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// It is there.
    Yes,
    /// Its natural key belongs to another row; nothing was written.
    KeyTaken,
}

/// Whether a member's row went in, and if not, what was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum MemberInserted {
    /// It is there.
    Yes,
    /// The user has a place in the scope already.
    AlreadyAMember {
        /// Whether that place gives access.
        active: bool,
    },
    /// Another member of the scope has that username, compared folded.
    UsernameTaken,
    /// Another member of the scope has that employee number, compared folded.
    EmployeeNumberTaken,
}

/// Users, organizations and members.
#[async_trait]
pub trait OrganizationRows {
    /// Whether the store has any organization; keeps every other unit of work from making the first one.
    async fn lock_instance(&mut self) -> Result<bool, StoreError>;

    /// The user with that address, compared folded.
    async fn user_by_email(&mut self, email: &EmailAddress) -> Result<Option<User>, StoreError>;

    /// Adds a user; taken if the address is another's. A person comes together with their personal scope (without a
    /// member yet), a machine has none.
    async fn insert_user(&mut self, user: &User) -> Result<Inserted, StoreError>;

    /// Adds an organization together with its scope.
    async fn insert_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// Loads an organization that the viewer is an active member of, and the viewer's role; locks its scope, which
    /// keeps out every other change of the organization, of its members' standing and of its counters.
    async fn lock_organization(
        &mut self,
        viewer: &Viewer,
        id: OrganizationId,
    ) -> Result<Option<(Organization, ScopeRole)>, StoreError>;

    /// The same for the operator, who needs no place in it.
    async fn lock_any_organization(&mut self, id: OrganizationId)
    -> Result<Option<Organization>, StoreError>;

    /// Writes an organization that is locked.
    async fn update_organization(&mut self, organization: &Organization) -> Result<(), StoreError>;

    /// The next number for a member of the scope, from 1. Numbers are given out once; a unit of work
    /// that is undone gives its numbers back.
    async fn next_member_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Adds a member.
    async fn insert_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Writes a member's role, activity, profile, time of change and revision; the row must be locked by its scope.
    async fn update_member(&mut self, member: &Member) -> Result<MemberInserted, StoreError>;

    /// Counts a readmission of a user, and gives the new number to their membership, which must be locked by its scope. Locks the
    /// user, so that no two readmissions have one number.
    async fn readmit(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;

    /// The role of an active member, if the viewer's key opens the membership.
    async fn role_in_scope(&mut self, viewer: &Viewer, scope: Scope)
    -> Result<Option<ScopeRole>, StoreError>;

    /// Those of the users who have a place in the scope, active or not, by ascending id.
    async fn members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// The same; keeps their standing from being changed meanwhile.
    async fn hold_members(&mut self, scope: Scope, users: &[UserId]) -> Result<Vec<Member>, StoreError>;

    /// Adds one to the count of organizations that the user has made, and returns the count. Locks the user, so that a concurrent
    /// unit of work counts on from here.
    async fn count_organization_of(&mut self, maker: UserId) -> Result<u64, StoreError>;

    /// How many active admins the scope has.
    async fn count_active_admins(&mut self, scope: Scope) -> Result<u64, StoreError>;

    /// Marks a place in the unit of work to which [`Self::end_trial`] can go back. There is one at a time.
    async fn begin_trial(&mut self) -> Result<(), StoreError>;

    /// Forgets the place that was marked last. What was written since stays, or is undone as if it had never been
    /// written, for the same work either way.
    async fn end_trial(&mut self, keep: bool) -> Result<(), StoreError>;
}

/// Spaces.
#[async_trait]
pub trait SpaceRows {
    /// Adds a space.
    async fn insert_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Loads and locks a space of a scope that the viewer is an active member of, with the viewer's role there.
    async fn lock_space(
        &mut self,
        viewer: &Viewer,
        id: SpaceId,
    ) -> Result<Option<(Space, ScopeRole)>, StoreError>;

    /// Writes a space that is locked.
    async fn update_space(&mut self, space: &Space) -> Result<(), StoreError>;

    /// Deletes a space that is locked.
    async fn delete_space(&mut self, scope: Scope, id: SpaceId) -> Result<(), StoreError>;

    /// Lets every space that points at the project point at none, as changed at that time; tells which, by ascending id.
    async fn unlink_spaces(
        &mut self,
        scope: Scope,
        project: ProjectId,
        at: Timestamp,
    ) -> Result<Vec<SpaceId>, StoreError>;
}

/// Projects.
#[async_trait]
pub trait ProjectRows {
    /// The next number for a project of the scope, from 1, as [`OrganizationRows::next_member_number`].
    async fn next_project_number(&mut self, scope: Scope) -> Result<DisplayNumber, StoreError>;

    /// Adds a project with an empty roster.
    async fn insert_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Loads and locks a project of a scope that the viewer is an active member of, its roster and its counters with
    /// it, and tells what the viewer is to it. Whether the viewer *sees* it is the policy's to say.
    async fn lock_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;

    /// The same; keeps it only from being deleted or changed.
    async fn hold_project(
        &mut self,
        viewer: &Viewer,
        id: ProjectId,
    ) -> Result<Option<(Project, ProjectStanding)>, StoreError>;

    /// Writes a project that is locked.
    async fn update_project(&mut self, project: &Project) -> Result<(), StoreError>;

    /// Deletes a project that is locked, its roster and its tasks. No space may point at it any more.
    async fn delete_project(&mut self, scope: Scope, id: ProjectId) -> Result<(), StoreError>;
}

/// Rosters. All but [`RosterRows::lock_rosters_of`] and [`RosterRows::remove_from_rosters`] expect the project to be locked.
#[async_trait]
pub trait RosterRows {
    /// Numbers for `count` new places on the roster, rising from the one given back, as
    /// [`OrganizationRows::next_member_number`].
    async fn next_membership_numbers(
        &mut self,
        scope: Scope,
        project: ProjectId,
        count: usize,
    ) -> Result<DisplayNumber, StoreError>;

    /// The places of those of the users who are on the roster, by ascending user id.
    async fn memberships(
        &mut self,
        scope: Scope,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<Vec<Membership>, StoreError>;

    /// How many admins the roster has.
    async fn count_roster_admins(&mut self, scope: Scope, project: ProjectId) -> Result<u64, StoreError>;

    /// Adds a place; taken if the user is on the roster already. Several places are added by ascending user id.
    async fn insert_membership(
        &mut self,
        scope: Scope,
        membership: &Membership,
    ) -> Result<Inserted, StoreError>;

    /// Writes a place's role.
    async fn update_membership(&mut self, scope: Scope, membership: &Membership) -> Result<(), StoreError>;

    /// Takes a place off the roster. Tasks keep their assignee until they are told otherwise.
    async fn delete_membership(
        &mut self,
        scope: Scope,
        project: ProjectId,
        id: MembershipId,
    ) -> Result<(), StoreError>;

    /// Locks the projects of the scope on whose rosters the user is, by ascending id.
    async fn lock_rosters_of(&mut self, scope: Scope, user: UserId) -> Result<(), StoreError>;

    /// Takes the user off every roster of the scope, locking those projects by ascending id; tells which places went.
    async fn remove_from_rosters(
        &mut self,
        scope: Scope,
        user: UserId,
    ) -> Result<Vec<Membership>, StoreError>;
}

/// Tasks.
#[async_trait]
pub trait TaskRows {
    /// The next number for a task of the project, from 1; the project must be locked.
    async fn next_task_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
    ) -> Result<DisplayNumber, StoreError>;

    /// The next number at the top level of the project's outline, from 1; the project must be locked. It is greater than
    /// each that was given here before, and than each that [`Self::raise_top_number`] was told.
    async fn next_top_number(&mut self, scope: Scope, project: ProjectId) -> Result<i64, StoreError>;

    /// Lets [`Self::next_top_number`] give numbers greater than this one only; the project must be locked.
    async fn raise_top_number(
        &mut self,
        scope: Scope,
        project: ProjectId,
        number: u32,
    ) -> Result<(), StoreError>;

    /// Adds a task; taken if another task of the project has its place in the outline.
    async fn insert_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// The project of a task in a scope that the viewer is an active member of; locks nothing.
    async fn project_of_task(&mut self, viewer: &Viewer, id: TaskId)
    -> Result<Option<ProjectId>, StoreError>;

    /// Loads and locks a task of a scope that the viewer is an active member of, and tells what the viewer is to its
    /// project.
    async fn lock_task(
        &mut self,
        viewer: &Viewer,
        id: TaskId,
    ) -> Result<Option<(Task, ProjectStanding)>, StoreError>;

    /// Writes a task that is locked; taken if another task of the project has its new place in the outline.
    async fn update_task(&mut self, task: &Task) -> Result<Inserted, StoreError>;

    /// Deletes a task that is locked.
    async fn delete_task(&mut self, scope: Scope, id: TaskId) -> Result<(), StoreError>;

    /// Leaves the user's open tasks ([`crate::task::TaskStatus::is_open`]) in that project, or in every project of the
    /// scope, without assignee, as changed at that time; tells which, by ascending id. Those of other states stay.
    async fn unassign_open_tasks(
        &mut self,
        scope: Scope,
        project: Option<ProjectId>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError>;
}

/// The state of a user for whom a key is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveKeys {
    /// The number of live keys that count against the limit, at most the limit.
    pub count: u32,
    /// The user's number of readmissions.
    pub readmissions: Readmissions,
}

/// API keys.
#[async_trait]
pub trait KeyRows {
    /// Adds a key under the digest of its secret. The parent must be locked, so that it is not revoked meanwhile.
    async fn insert_key(
        &mut self,
        key: &ApiKey,
        hash: &KeyHash,
        origin: &KeyOrigin,
    ) -> Result<(), StoreError>;

    /// Loads and locks a key, whoever's it is.
    async fn lock_key(&mut self, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// Writes when a key was revoked, when it ends, and whether it ends unless it is used.
    async fn update_key(&mut self, key: &ApiKey) -> Result<(), StoreError>;

    /// Returns the origin of a key.
    async fn key_origin(&mut self, id: KeyId) -> Result<Option<KeyOrigin>, StoreError>;

    /// Loads and locks the keys that are live at that time and were made by one of these, of any user, by ascending id. The
    /// parents must be locked: then none is added meanwhile.
    async fn lock_live_children(
        &mut self,
        parents: &[KeyId],
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Loads and locks the user's keys that are live at that time and reach that organization alone, by ascending id.
    async fn lock_live_keys(
        &mut self,
        user: UserId,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>, StoreError>;

    /// Gives a key that is locked another parent, or none.
    async fn update_parent(&mut self, key: &ApiKey, parent: Option<KeyId>) -> Result<(), StoreError>;

    /// Locks the user of a key that is about to be made and counts against no limit; returns the user's number of readmissions.
    async fn lock_user(&mut self, user: UserId) -> Result<Readmissions, StoreError>;

    /// Counts the user's keys that are live at that time, up to `limit`: those that the organization's admins have issued, or
    /// for `None` all others. Locks the user, so that a concurrent count waits for this unit of work.
    async fn count_live_keys(
        &mut self,
        user: UserId,
        issued_in: Option<OrganizationId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<LiveKeys, StoreError>;

    /// Writes the hour in which a key was last used, unless that hour or a later one is written already. A key that is not
    /// there is left alone.
    async fn touch_key(&mut self, id: KeyId, hour: Timestamp) -> Result<(), StoreError>;
}

/// What happened.
#[async_trait]
pub trait EventLog {
    /// Appends an event to its scope's order. It is there only if the unit of work is committed.
    async fn append(&mut self, event: &Event) -> Result<(), StoreError>;
}
