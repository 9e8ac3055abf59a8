//! The filters and orders of each list, and the cursor position of a row in it.

use uuid::Uuid;

use super::{Direction, Position, SortValue};
use crate::id::{DisplayNumber, InvitationId, OrganizationId, ProjectId, UserId};
use crate::key::ApiKey;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::space::{Priority, Space, SpaceStatus};
use crate::task::{Task, TaskStatus};
use crate::text::SearchText;
use crate::user::Member;

/// The order of a list of spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpaceOrder {
    /// By time of creation.
    CreatedAt,
    /// By time of the last change.
    UpdatedAt,
    /// By name, in its search form.
    Name,
    /// By [`Priority::rank`].
    Priority,
    /// By strength.
    Strength,
}

impl SpaceOrder {
    /// Every order, in the order of declaration.
    pub const ALL: &'static [Self] =
        &[Self::CreatedAt, Self::UpdatedAt, Self::Name, Self::Priority, Self::Strength];

    /// Returns the cursor position of a space in a list of this order.
    pub fn position(self, space: &Space) -> Position {
        let value = match self {
            Self::CreatedAt => SortValue::Time(space.created_at),
            Self::UpdatedAt => SortValue::Time(space.updated_at),
            Self::Name => SortValue::Text(space.name.searched()),
            Self::Priority => SortValue::Number(space.priority.rank()),
            Self::Strength => SortValue::Number(i64::from(space.strength.get())),
        };
        Position { value, id: space.id.as_uuid() }
    }
}

/// The filters and the order of a list of spaces. Filters are combined with AND; `None` does not filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceQuery {
    /// Spaces that are linked to this project.
    pub project: Option<ProjectId>,
    /// Spaces with this status.
    pub status: Option<SpaceStatus>,
    /// Spaces with this priority.
    pub priority: Option<Priority>,
    /// Spaces whose name contains the text, both in their search form.
    pub search: Option<SearchText>,
    /// The order of the list.
    pub order: SpaceOrder,
    /// The direction of the list.
    pub direction: Direction,
}

impl SpaceQuery {
    /// Returns `true` if the list contains every space of the scope.
    pub fn is_unfiltered(&self) -> bool {
        matches!(
            self,
            Self { project: None, status: None, priority: None, search: None, order: _, direction: _ }
        )
    }
}

impl Default for SpaceQuery {
    /// Returns the query for all spaces, newest first.
    fn default() -> Self {
        Self {
            project: None,
            status: None,
            priority: None,
            search: None,
            order: SpaceOrder::CreatedAt,
            direction: Direction::Descending,
        }
    }
}

/// The order of a list of projects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProjectOrder {
    /// By number.
    Number,
    /// By name, in its search form.
    Name,
    /// By time of the last change.
    UpdatedAt,
}

impl ProjectOrder {
    /// Every order, in the order of declaration.
    pub const ALL: &'static [Self] = &[Self::Number, Self::Name, Self::UpdatedAt];

    /// Returns the cursor position of a project in a list of this order.
    pub fn position(self, project: &Project) -> Position {
        let value = match self {
            Self::Number => SortValue::Number(project.number.get()),
            Self::Name => SortValue::Text(project.name.searched()),
            Self::UpdatedAt => SortValue::Time(project.updated_at),
        };
        Position { value, id: project.id.as_uuid() }
    }
}

/// The filter and the order of a list of projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectQuery {
    /// Projects whose name contains the text, both in their search form; `None` does not filter.
    pub search: Option<SearchText>,
    /// The order of the list.
    pub order: ProjectOrder,
    /// The direction of the list.
    pub direction: Direction,
}

impl ProjectQuery {
    /// Returns `true` if the list contains every project that the viewer sees.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { search: None, order: _, direction: _ })
    }
}

impl Default for ProjectQuery {
    /// Returns the query for all projects, by number.
    fn default() -> Self {
        Self { search: None, order: ProjectOrder::Number, direction: Direction::Ascending }
    }
}

/// The order of a list of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberOrder {
    /// By last name, then by first name, see [`crate::user::Profile::name_key`].
    Name,
    /// By the time at which the member was added to the scope.
    CreatedAt,
}

impl MemberOrder {
    /// Every order, in the order of declaration.
    pub const ALL: &'static [Self] = &[Self::Name, Self::CreatedAt];

    /// Returns the cursor position of a member in a list of this order.
    pub fn position(self, member: &Member) -> Position {
        let value = match self {
            Self::Name => SortValue::Text(member.profile.name_key()),
            Self::CreatedAt => SortValue::Time(member.created_at),
        };
        Position { value, id: member.user.as_uuid() }
    }
}

/// The filters and the order of a list of members. Filters are combined with AND; `None` does not filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuery {
    /// Members with this role.
    pub role: Option<ScopeRole>,
    /// Members with access (`true`), or without (`false`).
    pub active: Option<bool>,
    /// Members whose [`crate::user::Member::search_key`] contains the text in its search form.
    pub search: Option<SearchText>,
    /// The order of the list.
    pub order: MemberOrder,
    /// The direction of the list.
    pub direction: Direction,
}

impl MemberQuery {
    /// Returns `true` if the list contains every member of the scope.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { role: None, active: None, search: None, order: _, direction: _ })
    }
}

impl Default for MemberQuery {
    /// Returns the query for all members, by name.
    fn default() -> Self {
        Self {
            role: None,
            active: None,
            search: None,
            order: MemberOrder::Name,
            direction: Direction::Ascending,
        }
    }
}

/// A filter by assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Tasks without assignee.
    Nobody,
    /// Tasks of this user.
    User(UserId),
}

/// The filters of a list of a project's tasks, which is ordered by the outline. Filters are combined with AND; `None` does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Tasks with this status.
    pub status: Option<TaskStatus>,
    /// Tasks with this assignee.
    pub assignee: Option<AssigneeFilter>,
}

impl TaskQuery {
    /// Returns `true` if the list contains every task of the project.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { status: None, assignee: None })
    }
}

/// Returns the cursor position of a task in its project's list: its position in the outline, then its id.
pub fn task_position(task: &Task) -> Position {
    Position { value: SortValue::Outline(task.outline.clone()), id: task.id.as_uuid() }
}

/// Returns the cursor position of a membership in its roster's list: its number, then its id.
pub fn membership_position(membership: &Membership) -> Position {
    numbered_position(membership.number, membership.id.as_uuid())
}

/// Returns the cursor position of an organization in a list of a user's organizations: its id. Ids are assigned in the order of creation.
pub fn organization_position(id: OrganizationId) -> Position {
    Position { value: SortValue::Id, id: id.as_uuid() }
}

/// Returns the cursor position of an invitation in a list of an organization's invitations: its id. Ids are assigned in the order of
/// creation.
pub fn invitation_position(id: InvitationId) -> Position {
    Position { value: SortValue::Id, id: id.as_uuid() }
}

/// Returns the cursor position of a key in a list of a user's keys, oldest first: its time of creation, then its id.
pub fn key_position(key: &ApiKey) -> Position {
    Position { value: SortValue::Time(key.created_at), id: key.id.as_uuid() }
}

/// Returns the cursor position of a record in a list that is ordered by number.
pub fn numbered_position(number: DisplayNumber, id: Uuid) -> Position {
    Position { value: SortValue::Number(number.get()), id }
}
