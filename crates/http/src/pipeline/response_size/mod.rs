//! The maximum length of a call's response, known before the store is asked: as many records as the call asks for, with every text at its
//! maximum length.
//!
//! The lengths come from the published schemas of the responses, whose lengths come from the domain's types. So a new field counts as soon
//! as it is shown, and a field without a bound fails a test.

mod extent;
#[cfg(test)]
mod tests;

use loggia_domain::page::PageSize;
use loggia_domain::roster::MAX_BATCH;

use self::extent::{Extent, Reader};
use crate::limits::SMALL_ANSWER_BYTES;
use crate::operation::Operation;
use crate::wire::parameter::Rows;
use crate::wire::query::Query;
use crate::wire::{cursor, paging, schema};

/// The extents of the responses of one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extents {
    /// The extent with every relation that `include` may ask for.
    whole: Extent,
    /// The extent without relations.
    plain: Extent,
}

impl Extents {
    pub(super) fn new(operation: &Operation) -> Self {
        let extent = |is_plain| read(operation, is_plain).unwrap_or(Extent::UNBOUNDED);
        Self { whole: extent(false), plain: extent(true) }
    }
}

/// Returns the extent of the longest of an operation's responses, or the part of them that has no bound.
fn read(operation: &Operation, is_plain: bool) -> Result<Extent, String> {
    let mut generator = schema::generator();
    let contents = operation.answers.iter().filter_map(|answer| answer.content);
    let schemas: Vec<_> = contents.map(|(_, schema)| schema(&mut generator).to_value()).collect();
    let definitions = &generator.take_definitions(true);
    let any = serde_json::json!({"oneOf": schemas});
    Reader { definitions, is_plain: false }.extent(&any).and_then(|whole| match schemas.as_slice() {
        [one] if is_plain => Reader { definitions, is_plain }.extent(one),
        _ => Ok(whole),
    })
}

/// The maximum size of a response in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseSize {
    /// The length of its text.
    pub text: usize,
    /// The memory that it takes while it is read and written: its records and its text.
    pub memory: usize,
}

impl ResponseSize {
    /// Returns the maximum size of the successful response to a request, by the extents of the operation's responses.
    ///
    /// A record takes no more memory than its text does: its texts are the same bytes without quotes, names and escapes. The store reads
    /// one record more than is shown, to tell whether the list continues.
    pub(crate) fn new(operation: &Operation, extents: Extents, query: &Query, body: &[u8]) -> Self {
        let mut relations =
            operation.parameters.iter().filter(|parameter| parameter.adds_relations).peekable();
        let has_relations =
            relations.peek().is_none() || relations.any(|parameter| query.get(parameter.name).is_some());
        let extent = if has_relations { extents.whole } else { extents.plain };
        let (rows, nested) = rows(operation, query, body);
        let text = extent.bytes(rows, nested);
        let records = text.saturating_add(extent.row_bytes(nested));
        Self { text, memory: text.saturating_add(records) }
    }

    /// Returns the memory in bytes to reserve before the store is asked, or 0 for a small response.
    pub(crate) fn reserved(self) -> usize {
        if self.text <= SMALL_ANSWER_BYTES { 0 } else { self.memory }
    }
}

/// Returns the maximum number of rows of a response, and of rows within each of them. A number that is refused later counts as 1.
fn rows(operation: &Operation, query: &Query, body: &[u8]) -> (usize, usize) {
    let mut limits =
        operation.parameters.iter().filter_map(|parameter| Some((parameter.name, parameter.rows?)));
    let nested = limits.clone().find_map(|(name, rows)| match rows {
        Rows::Nested { default, max, in_all } => Some((number(query, name, default, max), in_all)),
        _ => None,
    });
    match limits.find(|(_, rows)| !matches!(rows, Rows::Nested { .. })) {
        Some((name, Rows::Limit { default, max })) => (number(query, name, default, max), 0),
        Some((name, Rows::PerPage { default, max })) => match nested {
            Some((nested, in_all)) => {
                let default = paging::default_per_page(u32::try_from(nested).unwrap_or(1), in_all);
                let most = usize::try_from(in_all).unwrap_or(usize::MAX) / nested.max(1);
                (per_page(query, name, default, max).min(most), nested)
            }
            None => (per_page(query, name, default, max), 0),
        },
        _ if operation.body.is_some_and(|body| body.many.is_some()) => {
            let is_object = body.trim_ascii_start().first() == Some(&b'{');
            (if is_object { 0 } else { MAX_BATCH }, 0)
        }
        _ => (usize::try_from(PageSize::MAX).unwrap_or(usize::MAX), 0),
    }
}

/// Returns the number of rows of a page. Beside a cursor it is the one that the cursor claims; a forged cursor is refused later.
fn per_page(query: &Query, name: &str, default: u32, max: u32) -> usize {
    let default = query
        .get(paging::CURSOR.name())
        .map_or(default, |cursor| cursor::claimed_page_size(cursor).unwrap_or(1));
    number(query, name, default, max)
}

fn number(query: &Query, name: &str, default: u32, max: u32) -> usize {
    let number = query.get(name).map_or(Some(default), |text| text.parse().ok());
    let number = number.filter(|number| (1..=max).contains(number)).unwrap_or(1);
    usize::try_from(number).unwrap_or(usize::MAX)
}
