//! Which part of a list a step asks for.

use loggia_domain::instant::Timestamp;
use loggia_domain::page::{Offset, PageRequest, PageSize, Position, SortValue, Start};
use loggia_domain::task::OutlineNumber;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::{reference, texts, times, values};

/// What a list is ordered by, as far as positions go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sort {
    Number,
    Time,
    Text,
    Outline,
    Id,
}

/// A place in a list of any order. It need not be one of the list's: rows are changed and deleted while people page.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Where something stood when it was last seen.
    Known(u8),
    /// Where nothing need ever have stood.
    MadeUp(MadeUp),
}

/// A value for each order, and an id.
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
    After(Place),
    Before(Place),
}

/// A part of a list.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    begin: Begin,
    size: PageSize,
    count: bool,
}

impl Part {
    /// As much of a list as a page may have, from its beginning.
    pub(crate) fn first() -> Self {
        let PageRequest { size, count, .. } = PageRequest::FIRST;
        Self { begin: Begin::Offset(Offset::default()), size, count }
    }

    /// The request it stands for in a list of that order, where `known` tells where things stand.
    pub(crate) fn request(&self, sort: Sort, known: impl Fn(u8) -> Option<Position>) -> PageRequest {
        let position = |place: &Place| match place {
            Place::Known(number) => known(*number),
            Place::MadeUp(made_up) => Some(made_up.position(sort)),
        };
        let start = match &self.begin {
            Begin::Offset(offset) => Some(Start::Offset(*offset)),
            Begin::After(place) => position(place).map(Start::After),
            Begin::Before(place) => position(place).map(Start::Before),
        };
        // Where nothing is known yet there is no place to start from but the beginning.
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

/// Mostly small pages, so that most lists have several.
pub(crate) fn part() -> BoxedStrategy<Part> {
    let place =
        || prop_oneof![3 => any::<u8>().prop_map(Place::Known), 1 => made_up().prop_map(Place::MadeUp)];
    let begin = prop_oneof![
        3 => select(vec![0u32, 0, 0, 1, 2, 3, 7, Offset::MAX])
            .prop_map(|rows| Begin::Offset(Offset::new(rows).expect("an offset"))),
        2 => place().prop_map(Begin::After),
        2 => place().prop_map(Begin::Before),
    ];
    let size =
        select(vec![1u32, 2, 3, 5, PageSize::MAX]).prop_map(|rows| PageSize::new(rows).expect("a size"));
    (begin, size, any::<bool>()).prop_map(|(begin, size, count)| Part { begin, size, count }).boxed()
}
