//! The maximum length of a call's response, known before the store is asked: as many records as the call asks for, with every text at its
//! maximum length.
//!
//! The lengths come from the published schemas of the responses, whose lengths come from the domain's types. So a new field counts as soon
//! as it is shown, and a field without a bound fails a test.

mod extent;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use loggia_domain::page::PageSize;
use loggia_domain::roster::MAX_BATCH;
use serde_json::{Map, Value};

use self::extent::{Extent, Reader};
use crate::api::v2::envelope::DEFAULT_PER_PAGE;
use crate::api::v2::tasks::mine::{self, DEFAULT_TASKS_LIMIT, MOST_TASKS, MOST_TASKS_IN_ALL};
use crate::document::openapi;
use crate::limits::SMALL_ANSWER_BYTES;
use crate::operation::Endpoint;
use crate::problem::validation::Findings;
use crate::wire::cursor;
use crate::wire::paging::DEFAULT_LIMIT;
use crate::wire::query::Query;

/// The extents of the responses of one operation.
#[derive(Clone, Copy, Debug)]
struct Extents {
    /// The extent with every relation that `include` may ask for.
    whole: Extent,
    /// The extent without relations.
    plain: Extent,
}

impl Extents {
    const UNBOUNDED: Self = Self { whole: Extent::UNBOUNDED, plain: Extent::UNBOUNDED };
}

/// The extents, by the ids of the operations.
static EXTENTS: LazyLock<HashMap<&'static str, Extents>> = LazyLock::new(|| {
    let (schemas, definitions) = openapi::response_schemas();
    schemas
        .into_iter()
        .map(|(id, schemas)| {
            let extent = |is_plain| read(&schemas, &definitions, is_plain).unwrap_or(Extent::UNBOUNDED);
            (id, Extents { whole: extent(false), plain: extent(true) })
        })
        .collect()
});

/// Returns the extent of the longest of an operation's responses.
fn read(schemas: &[Value], definitions: &Map<String, Value>, is_plain: bool) -> Result<Extent, String> {
    let any = serde_json::json!({"oneOf": schemas});
    Reader { definitions, is_plain: false }.extent(&any).and_then(|whole| match schemas {
        [one] if is_plain => Reader { definitions, is_plain }.extent(one),
        _ => Ok(whole),
    })
}

/// Computes the extents, so that the first call need not wait for them.
pub(crate) fn prepare() {
    LazyLock::force(&EXTENTS);
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
    /// Returns the maximum size of an endpoint's successful response to a request.
    ///
    /// A record takes no more memory than its text does: its texts are the same bytes without quotes, names and escapes. The store reads
    /// one record more than is shown, to tell whether the list continues.
    pub(crate) fn new(endpoint: &Endpoint, query: &Query, body: &[u8]) -> Self {
        let extents = EXTENTS.get(endpoint.operation.id).copied().unwrap_or(Extents::UNBOUNDED);
        let has_relations = query.get("include").is_some() || !endpoint.parameters.contains(&"include");
        let extent = if has_relations { extents.whole } else { extents.plain };
        let (rows, nested) = rows(endpoint, query, body);
        let text = extent.bytes(rows, nested);
        let records = text.saturating_add(extent.row_bytes(nested));
        Self { text, memory: text.saturating_add(records) }
    }

    /// Returns the memory in bytes to reserve before the store is asked, or 0 for a small response.
    pub(crate) fn reserved(self) -> usize {
        if self.text <= SMALL_ANSWER_BYTES { 0 } else { self.memory }
    }
}

impl Endpoint {
    /// Returns the maximum size of the response to a request with that query and no body.
    pub fn response_size(&self, query: &str) -> ResponseSize {
        ResponseSize::new(self, &Query::parse(query, self.parameters, &mut Findings::default()), b"")
    }
}

/// Returns the maximum number of rows of a response, and of rows within each of them. A number that is refused later counts as 1.
fn rows(endpoint: &Endpoint, query: &Query, body: &[u8]) -> (usize, usize) {
    let takes = |parameter| endpoint.parameters.contains(&parameter);
    if takes("limit") {
        return (number(query, "limit", DEFAULT_LIMIT, PageSize::MAX), 0);
    }
    if takes("tasks_limit") {
        let nested = number(query, "tasks_limit", DEFAULT_TASKS_LIMIT, MOST_TASKS);
        let most = usize::try_from(MOST_TASKS_IN_ALL).unwrap_or(usize::MAX) / nested.max(1);
        let default = mine::default_per_page(u32::try_from(nested).unwrap_or(1));
        return (per_page(query, default).min(most), nested);
    }
    if takes("per_page") {
        return (per_page(query, DEFAULT_PER_PAGE), 0);
    }
    if endpoint.operation.body.as_ref().is_some_and(|body| body.many.is_some()) {
        let is_object = body.trim_ascii_start().first() == Some(&b'{');
        return (if is_object { 0 } else { MAX_BATCH }, 0);
    }
    (usize::try_from(PageSize::MAX).unwrap_or(usize::MAX), 0)
}

/// Returns the number of rows of a page. Beside a cursor it is the one that the cursor claims; a forged cursor is refused later.
fn per_page(query: &Query, default: u32) -> usize {
    let default =
        query.get("cursor").map_or(default, |cursor| cursor::claimed_page_size(cursor).unwrap_or(1));
    number(query, "per_page", default, PageSize::MAX)
}

fn number(query: &Query, name: &str, default: u32, max: u32) -> usize {
    let number = query.get(name).map_or(Some(default), |text| text.parse().ok());
    let number = number.filter(|number| (1..=max).contains(number)).unwrap_or(1);
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the endpoints that need a key, each with the extent of its responses or the part of them that has no bound.
#[cfg(test)]
fn all() -> Vec<(&'static Endpoint, Result<Extent, String>)> {
    let (schemas, definitions) = openapi::response_schemas();
    let extent = |endpoint: &Endpoint| read(&schemas[endpoint.operation.id], &definitions, false);
    crate::operation::ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.action.is_some())
        .map(|endpoint| (endpoint, extent(endpoint)))
        .collect()
}
