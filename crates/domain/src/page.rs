//! Parts of lists: by offset, or by a place in the order that costs the same however deep it lies.

use uuid::Uuid;

use crate::id::{DisplayNumber, ProjectId, UserId};
use crate::instant::Timestamp;
use crate::literal::literals;
use crate::project::Project;
use crate::roster::Membership;
use crate::space::{Priority, Space, SpaceStatus};
use crate::task::{OutlineNumber, Task, TaskStatus};
use crate::text::SearchText;

/// How many rows a page may have: 1 to [`PageSize::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

/// The number is no page size, or no offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {min} to {max}")]
pub struct OutOfRange {
    /// The least that is allowed.
    pub min: u32,
    /// The greatest that is allowed.
    pub max: u32,
}

impl PageSize {
    /// The greatest page.
    pub const MAX: u32 = 100;

    /// Takes 1 to [`Self::MAX`].
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub const fn new(rows: u32) -> Result<Self, OutOfRange> {
        if rows >= 1 && rows <= Self::MAX {
            Ok(Self(rows))
        } else {
            Err(OutOfRange { min: 1, max: Self::MAX })
        }
    }

    /// The number of rows.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// How many rows to skip: 0 to [`Offset::MAX`]. Beyond that a position is the way, for skipping costs what is skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset(u32);

impl Offset {
    /// The greatest offset.
    pub const MAX: u32 = 10_000;

    /// Takes 0 to [`Self::MAX`].
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub const fn new(rows: u32) -> Result<Self, OutOfRange> {
        if rows <= Self::MAX { Ok(Self(rows)) } else { Err(OutOfRange { min: 0, max: Self::MAX }) }
    }

    /// The number of rows.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// What rows of a list are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
    /// Folded text, see [`crate::text::fold`]; ordered by its bytes.
    Text(String),
    /// A place in an outline.
    Outline(OutlineNumber),
}

/// A row's place in a list: what the list is ordered by, and the row's id for those that are equal in that.
///
/// Both run in the list's direction: a descending list has its ids descending too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The value in the column of the order.
    pub value: SortValue,
    /// The row's id.
    pub id: Uuid,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// So many rows from the list's beginning.
    Offset(Offset),
    /// Just after this position.
    After(Position),
    /// So that it ends just before this position.
    Before(Position),
}

/// A part of a list that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where it begins.
    pub start: Start,
    /// How many rows at most.
    pub size: PageSize,
    /// Whether to count the rows of the whole list; without it no count is run.
    pub count: bool,
}

/// What a store is asked to fetch: like [`PageRequest`], with one more row, which tells whether the list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Where it begins.
    pub start: Start,
    /// How many rows at most.
    pub rows: u32,
}

impl PageRequest {
    /// What to ask the store for.
    pub fn window(&self) -> Window {
        Window { start: self.start.clone(), rows: self.size.get() + 1 }
    }

    /// Cuts what the store gave, in the list's order, down to the page.
    pub fn cut<T>(&self, mut rows: Vec<T>, total: Option<u64>) -> Page<T> {
        let size = usize::try_from(self.size.get()).unwrap_or(usize::MAX);
        let longer = rows.len() > size;
        let (before, after) = match &self.start {
            Start::Offset(offset) => (offset.get() > 0, longer),
            Start::After(_) => (true, longer),
            Start::Before(_) => (longer, true),
        };
        if longer && matches!(self.start, Start::Before(_)) {
            rows.remove(0);
        }
        rows.truncate(size);
        Page { items: rows, before, after, total }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Whether the list has rows before these. True of every page that starts after a position.
    pub before: bool,
    /// Whether the list has rows after these. True of every page that ends before a position.
    pub after: bool,
    /// How many rows the whole list has, if that was asked for.
    pub total: Option<u64>,
}

literals! {
    /// Which way a list runs.
    Direction {
        /// From the least up.
        Ascending = "asc",
        /// From the greatest down.
        Descending = "desc",
    }
}

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
            Self::Name => SortValue::Text(space.name.folded()),
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
            Self::Name => SortValue::Text(project.name.folded()),
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

impl Default for ProjectQuery {
    /// All of them, by number.
    fn default() -> Self {
        Self { search: None, order: ProjectOrder::Number, direction: Direction::Ascending }
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

/// Where a task stands in its project's list: by its place in the outline.
pub fn task_position(task: &Task) -> Position {
    Position { value: SortValue::Outline(task.outline.clone()), id: task.id.as_uuid() }
}

/// Where a place stands in its roster's list: by its number.
pub fn membership_position(membership: &Membership) -> Position {
    numbered_position(membership.number, membership.id.as_uuid())
}

/// Where something numbered stands in a list that is ordered by the number.
pub fn numbered_position(number: DisplayNumber, id: Uuid) -> Position {
    Position { value: SortValue::Number(number.get()), id }
}

#[cfg(test)]
mod tests;
