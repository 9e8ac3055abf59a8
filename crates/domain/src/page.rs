//! Pages of lists: by offset, or by a cursor position, whose cost does not depend on its depth in the list.

mod lists;
mod select;

use uuid::Uuid;

pub use lists::{
    AssigneeFilter, MemberOrder, MemberQuery, ProjectOrder, ProjectQuery, SpaceOrder, SpaceQuery, TaskQuery,
    invitation_position, key_position, membership_position, numbered_position, organization_position,
    task_position,
};

use crate::instant::Timestamp;
use crate::literal::literals;
pub use crate::range::OutOfRange;
use crate::serialization::as_number;
use crate::task::OutlineNumber;

/// The maximum number of rows of a page: 1 to [`PageSize::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    /// The maximum number of rows of a page.
    pub const MAX: u32 = 100;

    /// Creates a page size of 1 to [`Self::MAX`] rows.
    ///
    /// # Errors
    /// Fails with [`OutOfRange`] for any other number.
    pub const fn new(rows: u32) -> Result<Self, OutOfRange> {
        if rows >= 1 && rows <= Self::MAX {
            Ok(Self(rows))
        } else {
            Err(OutOfRange { min: 1, max: Self::MAX })
        }
    }

    /// Returns the number of rows.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The number of rows to skip: 0 to [`Offset::MAX`]. Skipping costs as much as reading the skipped rows, so deeper pages start at a
/// [`Position`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset(u32);

impl Offset {
    /// The maximum offset.
    pub const MAX: u32 = 10_000;

    /// Creates an offset of 0 to [`Self::MAX`] rows.
    ///
    /// # Errors
    /// Fails with [`OutOfRange`] if `rows` is greater than [`Self::MAX`].
    pub const fn new(rows: u32) -> Result<Self, OutOfRange> {
        if rows <= Self::MAX { Ok(Self(rows)) } else { Err(OutOfRange { min: 0, max: Self::MAX }) }
    }

    /// Returns the number of rows.
    pub const fn get(self) -> u32 {
        self.0
    }
}

as_number!(PageSize: u32, get, PageSize::new);
as_number!(Offset: u32, get, Offset::new);

/// The value by which a row of a list is ordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Timestamp),
    /// Text in its search form, see [`crate::text::search_form`]; ordered by its bytes.
    Text(String),
    /// A position in an outline.
    Outline(OutlineNumber),
    /// No value: the rows of the list are ordered by their ids alone.
    Id,
}

/// The cursor position of a row in a list: the value that the list is ordered by, and the row's id, which orders rows of equal value.
///
/// Both are ordered in the list's direction: a descending list has descending ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The value of the column that the list is ordered by.
    pub value: SortValue,
    /// The row's id.
    pub id: Uuid,
}

/// The start or the end of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The page starts after this number of rows.
    Offset(Offset),
    /// The page starts just after this position.
    After(Position),
    /// The page ends just before this position.
    Before(Position),
}

/// A request for one page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The start or the end of the page.
    pub start: Start,
    /// The maximum number of rows.
    pub size: PageSize,
    /// `true` to count the rows of the whole list. The store counts them only if the page itself does not determine the number, see
    /// [`Self::total`].
    pub count: bool,
}

/// The rows that a store is asked for: those of a [`PageRequest`] and one more, which shows whether the list continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The start or the end of the rows.
    pub start: Start,
    /// The maximum number of rows.
    pub rows: u32,
}

impl Window {
    /// Every row of a list, for a store that counts or searches it whole.
    pub const ALL: Self = Self { start: Start::Offset(Offset(0)), rows: u32::MAX };
}

impl PageRequest {
    /// The first page of a list, of the maximum size and without a count.
    pub const FIRST: Self = Self::first(PageSize(PageSize::MAX));

    /// Returns the request for the first page of a list, without a count.
    pub const fn first(size: PageSize) -> Self {
        Self { start: Start::Offset(Offset(0)), size, count: false }
    }

    /// Returns the rows to ask the store for.
    pub fn window(&self) -> Window {
        Window { start: self.start.clone(), rows: self.size.get() + 1 }
    }

    /// Returns the number of rows of the whole list if `rows`, which the store returned for [`Self::window`], determine it.
    ///
    /// The rows determine the number if the page starts at an offset and the list ends within the page. An empty page determines the
    /// number at offset 0 only: at any other offset the list may end anywhere before.
    pub fn total<T>(&self, rows: &[T]) -> Option<u64> {
        let Start::Offset(offset) = &self.start else { return None };
        let (skipped, rows) = (u64::from(offset.get()), u64::try_from(rows.len()).ok()?);
        let is_end = rows <= u64::from(self.size.get()) && (rows > 0 || skipped == 0);
        is_end.then_some(skipped + rows)
    }

    /// Reduces `rows`, which the store returned in the list's order for [`Self::window`], to the page.
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

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// `true` if the list has rows before these. Always `true` for a page that starts after a position.
    pub before: bool,
    /// `true` if the list has rows after these. Always `true` for a page that ends before a position.
    pub after: bool,
    /// The number of rows of the whole list, if a count was requested.
    pub total: Option<u64>,
}

literals! {
    /// The direction of a list.
    Direction {
        /// From the lowest value to the highest.
        Ascending = "asc",
        /// From the highest value to the lowest.
        Descending = "desc",
    }
}

#[cfg(test)]
mod tests;
