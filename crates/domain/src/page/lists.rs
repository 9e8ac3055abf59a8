//! The lists there are: what each can be filtered and ordered by, and where a row stands in it.

use uuid::Uuid;

use super::{Direction, Position, SortValue};
use crate::id::{DisplayNumber, OrganizationId, ProjectId, UserId};
use crate::key::ApiKey;
use crate::literal::literals;
use crate::project::Project;
use crate::role::ScopeRole;
use crate::roster::Membership;
use crate::space::{Priority, Space, SpaceStatus};
use crate::task::{Task, TaskStatus};
use crate::text::SearchText;
use crate::user::Member;

literals! {
    /// What spaces are ordered by.
    SpaceOrder {
        /// When they were made.
        CreatedAt = "createdAt",
        /// When they last changed.
        UpdatedAt = "updatedAt",
        /// Their folded names.
        Name = "name",
        /// Their [`Priority::rank`].
        Priority = "priority",
        /// Their strength.
        Strength = "currentStrength",
    }
}

impl SpaceOrder {
    /// Where a space stands in a list of this order.
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

/// Which spaces, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceQuery {
    /// Only those that point at this project.
    pub project: Option<ProjectId>,
    /// Only those with this status.
    pub status: Option<SpaceStatus>,
    /// Only those with this priority.
    pub priority: Option<Priority>,
    /// Only those whose folded name contains the folded text.
    pub search: Option<SearchText>,
    /// What they are ordered by.
    pub order: SpaceOrder,
    /// Which way.
    pub direction: Direction,
}

impl SpaceQuery {
    /// Whether the list has every space of the scope.
    pub fn is_unfiltered(&self) -> bool {
        matches!(
            self,
            Self { project: None, status: None, priority: None, search: None, order: _, direction: _ }
        )
    }
}

impl Default for SpaceQuery {
    /// All of them, newest first.
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

literals! {
    /// What projects are ordered by.
    ProjectOrder {
        /// Their numbers.
        Number = "id",
        /// Their folded names.
        Name = "project_name",
        /// When they last changed.
        UpdatedAt = "updatedAt",
    }
}

impl ProjectOrder {
    /// Where a project stands in a list of this order.
    pub fn position(self, project: &Project) -> Position {
        let value = match self {
            Self::Number => SortValue::Number(project.number.get()),
            Self::Name => SortValue::Text(project.name.searched()),
            Self::UpdatedAt => SortValue::Time(project.updated_at),
        };
        Position { value, id: project.id.as_uuid() }
    }
}

/// Which projects, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectQuery {
    /// Only those whose folded name contains the folded text.
    pub search: Option<SearchText>,
    /// What they are ordered by.
    pub order: ProjectOrder,
    /// Which way.
    pub direction: Direction,
}

impl ProjectQuery {
    /// Whether the list has every project that the viewer sees.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { search: None, order: _, direction: _ })
    }
}

impl Default for ProjectQuery {
    /// All of them, by number.
    fn default() -> Self {
        Self { search: None, order: ProjectOrder::Number, direction: Direction::Ascending }
    }
}

literals! {
    /// What members are ordered by.
    MemberOrder {
        /// Their last names, then their first names, see [`crate::user::Profile::name_key`].
        Name = "name",
        /// When they came to the scope.
        CreatedAt = "createdAt",
    }
}

impl MemberOrder {
    /// Where a member stands in a list of this order.
    pub fn position(self, member: &Member) -> Position {
        let value = match self {
            Self::Name => SortValue::Text(member.profile.name_key()),
            Self::CreatedAt => SortValue::Time(member.created_at),
        };
        Position { value, id: member.user.as_uuid() }
    }
}

/// Which members, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuery {
    /// Only those with this role.
    pub role: Option<ScopeRole>,
    /// Only those with access, or only those without.
    pub active: Option<bool>,
    /// Only those whose [`crate::user::Profile::search_key`] contains the text as it is searched, or whose address contains it in any case.
    pub search: Option<SearchText>,
    /// What they are ordered by.
    pub order: MemberOrder,
    /// Which way.
    pub direction: Direction,
}

impl MemberQuery {
    /// Whether the list has every member.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { role: None, active: None, search: None, order: _, direction: _ })
    }
}

impl Default for MemberQuery {
    /// All of them, by name.
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

/// Whose tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Nobody's.
    Nobody,
    /// This user's.
    User(UserId),
}

/// Which tasks of a project; they are ordered by their place in the outline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only those with this status.
    pub status: Option<TaskStatus>,
    /// Only this assignee's.
    pub assignee: Option<AssigneeFilter>,
}

impl TaskQuery {
    /// Whether the list has every task of the project.
    pub fn is_unfiltered(&self) -> bool {
        matches!(self, Self { status: None, assignee: None })
    }
}

/// Where a task stands in its project's list: by its place in the outline.
pub fn task_position(task: &Task) -> Position {
    Position { value: SortValue::Outline(task.outline.clone()), id: task.id.as_uuid() }
}

/// Where a place stands in its roster's list: by its number.
pub fn membership_position(membership: &Membership) -> Position {
    numbered_position(membership.number, membership.id.as_uuid())
}

/// Returns the position of an organization in a list of a user's organizations: its id. Ids are given in the order of creation.
pub fn organization_position(id: OrganizationId) -> Position {
    Position { value: SortValue::Id, id: id.as_uuid() }
}

/// Returns the position of a key in a list of a user's keys, the oldest first: its time of creation, then its id.
pub fn key_position(key: &ApiKey) -> Position {
    Position { value: SortValue::Time(key.created_at), id: key.id.as_uuid() }
}

/// Where something numbered stands in a list that is ordered by the number.
pub fn numbered_position(number: DisplayNumber, id: Uuid) -> Position {
    Position { value: SortValue::Number(number.get()), id }
}
