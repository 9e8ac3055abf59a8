//! The part of a list that a step asks for.

use loggia_domain::instant::Timestamp;
use loggia_domain::page::{Offset, PageRequest, PageSize, Position, SortValue, Start};
use loggia_domain::task::OutlineNumber;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::{reference, texts, times, values};

/// The type of a list's sort key, as far as cursor positions need it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sort {
    Number,
    Time,
    Text,
    Outline,
    Id,
}

/// A cursor position for a list of any order. No row needs to have the position, since rows change while a caller pages.
#[derive(Clone, Debug)]
pub(crate) enum CursorPosition {
    /// The last known position of a record.
    Known(u8),
    /// A position that no row needs to have had.
    MadeUp(MadeUp),
}

/// A sort key for each order, and an id.
#[derive(Clone, Debug)]
pub(crate) struct MadeUp {
    number: i64,
    time: Timestamp,
    text: String,
    outline: OutlineNumber,
    id: Uuid,
}

#[derive(Clone, Debug)]
enum Begin {
    Offset(Offset),
    After(CursorPosition),
    Before(CursorPosition),
}

/// A part of a list.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    begin: Begin,
    size: PageSize,
    count: bool,
}

impl Part {
    /// Returns the first page with the greatest page size.
    pub(crate) fn first() -> Self {
        let PageRequest { size, count, .. } = PageRequest::FIRST;
        Self { begin: Begin::Offset(Offset::default()), size, count }
    }

    /// Returns the request for a list of that order; `known` returns the positions of known records.
    pub(crate) fn request(&self, sort: Sort, known: impl Fn(u8) -> Option<Position>) -> PageRequest {
        let position = |cursor: &CursorPosition| match cursor {
            CursorPosition::Known(number) => known(*number),
            CursorPosition::MadeUp(made_up) => Some(made_up.position(sort)),
        };
        let start = match &self.begin {
            Begin::Offset(offset) => Some(Start::Offset(*offset)),
            Begin::After(cursor) => position(cursor).map(Start::After),
            Begin::Before(cursor) => position(cursor).map(Start::Before),
        };
        // Without a known position, the page begins at the beginning of the list.
        let start = start.unwrap_or(Start::Offset(Offset::default()));
        PageRequest { start, size: self.size, count: self.count }
    }
}

impl MadeUp {
    fn position(&self, sort: Sort) -> Position {
        let value = match sort {
            Sort::Number => SortValue::Number(self.number),
            Sort::Time => SortValue::Time(self.time),
            Sort::Text => SortValue::Text(self.text.clone()),
            Sort::Outline => SortValue::Outline(self.outline.clone()),
            Sort::Id => SortValue::Id,
        };
        Position { value, id: self.id }
    }
}

fn made_up() -> BoxedStrategy<MadeUp> {
    let number = select(vec![0i64, 1, 2, 3, 5, 10, -1, i64::MIN, i64::MAX]);
    let id = any::<u8>().prop_map(reference::made_up);
    (number, times::time(), texts::space_name(), values::outline(), id)
        .prop_map(|(number, time, name, outline, id)| MadeUp {
            number,
            time,
            text: name.searched(),
            outline,
            id,
        })
        .boxed()
}

/// Generates mostly small pages, so that most lists have several.
pub(crate) fn part() -> BoxedStrategy<Part> {
    let cursor = || {
        prop_oneof![
            3 => any::<u8>().prop_map(CursorPosition::Known),
            1 => made_up().prop_map(CursorPosition::MadeUp),
        ]
    };
    let begin = prop_oneof![
        3 => select(vec![0u32, 0, 0, 1, 2, 3, 7, Offset::MAX])
            .prop_map(|rows| Begin::Offset(Offset::new(rows).expect("an offset"))),
        2 => cursor().prop_map(Begin::After),
        2 => cursor().prop_map(Begin::Before),
    ];
    let size =
        select(vec![1u32, 2, 3, 5, PageSize::MAX]).prop_map(|rows| PageSize::new(rows).expect("a size"));
    (begin, size, any::<bool>()).prop_map(|(begin, size, count)| Part { begin, size, count }).boxed()
}
