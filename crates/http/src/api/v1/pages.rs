//! Lists in this dialect: their order, their links, and the response that carries a page.

use actix_web::http::header::{HeaderName, LINK};
use loggia_domain::literal::UnknownLiteral;
use loggia_domain::page::{Direction, Offset, Page, PageRequest, Position, Start};
use loggia_domain::scope::ScopeChoice;
use schemars::json_schema;
use serde::Serialize;

use super::data;
use crate::pipeline::call::Call;
use crate::pipeline::request::{Request, scope_parameter};
use crate::problem::FieldErrorCode;
use crate::problem::validation::ValueError;
use crate::wire::cursor::Cursor;
use crate::wire::paging::{self, CURSOR, LIMIT};
use crate::wire::parameter::{Declaration, Parameter};
use crate::wire::query::flag;
use crate::wire::response::{Answer, Reply};
use crate::wire::serialization::Rows;

/// The requested page of a list.
#[derive(Clone)]
pub(super) struct RequestedPage {
    pub(super) request: PageRequest,
    /// The name of the list, to which its cursors are bound.
    pub(super) list: String,
}

/// The parameters of a list without filters or orders.
pub(crate) static LIMIT_AND_CURSOR: &[&Declaration] = &[&LIMIT.declaration, &CURSOR.declaration];

/// The scope of a list.
pub(crate) static ORGANIZATION: Parameter<ScopeChoice> = scope_parameter("organizationId");

/// Whether a list is counted.
pub(super) static COUNT: Parameter<bool> = Parameter::new(
    "count",
    "Whether to count the records: `X-Total-Count` then contains their number.",
    |_| json_schema!({"type": "boolean", "default": false}),
    flag,
);

/// Parses [`LIMIT_AND_CURSOR`]. A cursor must belong to that list.
pub(super) fn requested_page(request: &mut Request<'_>, list: String) -> Option<RequestedPage> {
    let cursors = request.cursors();
    let (given, errors) = (&request.query, &mut request.errors);
    let size = paging::limit(given, errors);
    let cursor = given.read_by(errors, &CURSOR, |text| cursors.open(&list, text));
    let start = cursor?.map_or(Start::Offset(Offset::default()), |cursor| cursor.start);
    Some(RequestedPage { request: PageRequest { start, size: size?, count: false }, list })
}

/// Parses a field's name, with `-` before it for descending order.
pub(crate) fn sort<T>(
    text: &str,
    words: &[&str],
    parse: impl Fn(&str) -> Result<T, UnknownLiteral>,
) -> Result<(T, Direction), ValueError> {
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let allowed = words.join(", ");
    let unknown = |_| {
        ValueError::new(
            FieldErrorCode::NOT_ALLOWED,
            format!("must be one of {allowed}, optionally prefixed with -"),
        )
    };
    parse(name).map(|order| (order, direction)).map_err(unknown)
}

/// Returns the words, each also with `-` before it for descending order.
pub(super) fn signed(words: &[&str]) -> Vec<String> {
    words.iter().flat_map(|word| [(*word).to_owned(), format!("-{word}")]).collect()
}

/// Returns the response: the rows as `json` shows them, the links, and the total if it was requested.
pub(super) fn answer<'a, T, J: Serialize>(
    call: &Call,
    path: &str,
    requested: &RequestedPage,
    page: &'a Page<T>,
    position: impl Fn(&T) -> Position,
    json: impl Fn(&'a T) -> J,
) -> Reply {
    let mut answer = Answer::ok(&data(Rows::new(&page.items, json)))?;
    answer = linked(answer, call, path, requested, page, position)?;
    if let Some(total) = page.total {
        answer = answer.with_header(HeaderName::from_static("x-total-count"), &total.to_string())?;
    }
    Ok(answer)
}

/// Adds the links to the adjacent parts of the list.
pub(super) fn linked<T>(
    answer: Answer,
    call: &Call,
    path: &str,
    requested: &RequestedPage,
    page: &Page<T>,
    position: impl Fn(&T) -> Position,
) -> Reply {
    answer.with_header(LINK, &links(call, path, requested, page, position))
}

/// Returns the links to the first part of the list and to the adjacent ones (RFC 8288).
fn links<T>(
    call: &Call,
    path: &str,
    requested: &RequestedPage,
    page: &Page<T>,
    position: impl Fn(&T) -> Position,
) -> String {
    const POSITION: &[&str] = &["cursor", "offset"];
    let RequestedPage { request, list } = requested;
    let base = &call.base;
    let cursor = |start| call.cursors().seal(list, &Cursor { start, seen: None });
    let to = |with: &[(&str, &str)], without: &[&str]| {
        let query = call.query.link(without, with);
        if query.is_empty() { format!("{base}{path}") } else { format!("{base}{path}?{query}") }
    };
    let mut links = vec![format!("<{}>; rel=\"first\"", to(&[], POSITION))];
    let previous = match (&request.start, page.items.first()) {
        (Start::Offset(offset), _) if page.before => {
            let size = request.size.get().min(offset.get());
            let (start, size) = ((offset.get() - size).to_string(), size.to_string());
            Some(to(&[("limit", &size), ("offset", &start)], &["cursor", "offset", "limit"]))
        }
        (Start::After(_) | Start::Before(_), Some(first)) if page.before => {
            cursor(Start::Before(position(first))).map(|cursor| to(&[("cursor", &cursor)], POSITION))
        }
        _ => None,
    };
    links.extend(previous.map(|link| format!("<{link}>; rel=\"prev\"")));
    if let (true, Some(last)) = (page.after, page.items.last()) {
        let next = cursor(Start::After(position(last)));
        links.extend(next.map(|cursor| format!("<{}>; rel=\"next\"", to(&[("cursor", &cursor)], POSITION))));
    }
    links.join(", ")
}
