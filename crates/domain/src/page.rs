//! Parts of lists: by offset, or by a place in the order that costs the same however deep it lies.

mod lists;

use uuid::Uuid;

pub use lists::{
    AssigneeFilter, MemberOrder, MemberQuery, ProjectOrder, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery,
    key_position, membership_position, numbered_position, organization_position, task_position,
};

use crate::instant::Timestamp;
use crate::literal::literals;
use crate::task::OutlineNumber;

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
    /// Nothing: the rows of the list are ordered by their ids alone.
    Id,
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
    /// Whether to count the rows of the whole list. A count is run only for this, and only where the page itself does not tell, see
    /// [`Self::total`].
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
    /// The first page of a list, as large as a page may be, not counted.
    pub const FIRST: Self =
        Self { start: Start::Offset(Offset(0)), size: PageSize(PageSize::MAX), count: false };

    /// What to ask the store for.
    pub fn window(&self) -> Window {
        Window { start: self.start.clone(), rows: self.size.get() + 1 }
    }

    /// How many rows the whole list has, where those that the store gave tell: the first of them is the first of the list or has a known
    /// number of rows before it, and the list ends with them. Behind the list's end, no rows tell nothing.
    pub fn total<T>(&self, rows: &[T]) -> Option<u64> {
        let Start::Offset(offset) = &self.start else { return None };
        let (skipped, rows) = (u64::from(offset.get()), u64::try_from(rows.len()).ok()?);
        let is_end = rows <= u64::from(self.size.get()) && (rows > 0 || skipped == 0);
        is_end.then_some(skipped + rows)
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

#[cfg(test)]
mod tests;
