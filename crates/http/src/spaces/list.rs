//! `GET /api/v1/spaces`

use actix_web::http::header::{HeaderName, LINK};
use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, Page, PageRequest, SpaceOrder, SpaceQuery, Start};
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::text::SearchText;

use super::data;
use super::include;
use super::view::space_json;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::cursor::{Cursor, CursorKey};
use crate::extract::query::flag;
use crate::fault::Fault;
use crate::paging;

pub(crate) const PARAMETERS: &[&str] = &[
    "organizationId",
    "projectId",
    "status",
    "priority",
    "search",
    "sort",
    "include",
    "limit",
    "offset",
    "cursor",
    "count",
];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let request = read(&mut call);
    let request = call.findings.accept(request)?;
    call.note_scope(request.choice);
    let Request { choice, query, includes, page, list } = &request;
    let spaces = call.loggia().list_spaces(&call.caller, *choice, query, *includes, page).await?;
    let rows: Vec<_> = spaces.items.iter().map(|view| space_json(view, *includes)).collect();
    let mut answer = Answer::ok(&data(rows))?;
    answer = answer.with_header(LINK, &links(&call, query.order, page, list, &spaces))?;
    if let Some(total) = spaces.total {
        answer = answer.with_header(HeaderName::from_static("x-total-count"), &total.to_string())?;
    }
    Ok(answer)
}

struct Request {
    choice: ScopeChoice,
    query: SpaceQuery,
    includes: Includes,
    page: PageRequest,
    /// What a cursor of this list is bound to.
    list: String,
}

fn read(call: &mut Call) -> Option<Request> {
    let choice = call.scope_parameter("organizationId");
    let (given, findings) = (&call.query, &mut call.findings);
    let project = given.optional(findings, "projectId", ProjectId::parse);
    let status = given.optional(findings, "status", SpaceStatus::parse);
    let priority = given.optional(findings, "priority", Priority::parse);
    let search = given.optional(findings, "search", SearchText::parse);
    let sort = given.optional(findings, "sort", sort);
    let includes = given.optional(findings, "include", include::parse);
    let window = paging::limit_and_offset(given, findings);
    let count = given.optional(findings, "count", flag);

    let order = sort.map(|sort| sort.unwrap_or((SpaceOrder::CreatedAt, Direction::Descending)));
    let list = (|| {
        let (choice, (order, direction)) = (choice?, order?);
        let (project, status, priority, search) = (project?, status?, priority?, search?);
        let query = SpaceQuery { project, status, priority, search, order, direction };
        Some((choice, list_name(call.caller.scope(choice), &query), query))
    })();
    // Which list a cursor would have to be of is known only if all of that is sound.
    let Some((choice, list, query)) = list else {
        given.optional(findings, "cursor", CursorKey::check_form);
        return None;
    };
    let cursor = given.optional(findings, "cursor", |text| call.app.cursors.open(&list, text));
    let (size, offset) = window?;
    let start = match cursor? {
        Some(cursor) => cursor.start,
        None => Start::Offset(offset),
    };
    let page = PageRequest { start, size, count: count?.unwrap_or(false) };
    Some(Request { choice, query, includes: includes?.unwrap_or_default(), page, list })
}

/// A field's name, with `-` before it for descending.
fn sort(text: &str) -> Result<(SpaceOrder, Direction), Fault> {
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let allowed = SpaceOrder::WORDS.join(", ");
    let unknown =
        |_| Fault::new("NOT_ALLOWED", format!("must be one of {allowed}, or one of them with - before it"));
    SpaceOrder::parse(name).map(|order| (order, direction)).map_err(unknown)
}

/// What tells one list from another.
fn list_name(scope: Scope, query: &SpaceQuery) -> String {
    format!("spaces {scope:?} {query:?}")
}

/// The links to the parts of the list around this one (RFC 8288), relative to the request, so that no header that a client
/// sends gets into them.
fn links(
    call: &Call,
    order: SpaceOrder,
    request: &PageRequest,
    list: &str,
    page: &Page<SpaceView>,
) -> String {
    const PLACE: &[&str] = &["cursor", "offset"];
    let cursor = |start| call.app.cursors.seal(list, &Cursor { start, seen: None });
    let to = |with: &[(&str, &str)], without: &[&str]| {
        let query = call.query.link(without, with);
        if query.is_empty() { "/api/v1/spaces".to_owned() } else { format!("/api/v1/spaces?{query}") }
    };
    let mut links = vec![format!("<{}>; rel=\"first\"", to(&[], PLACE))];
    let previous = match (&request.start, page.items.first()) {
        (Start::Offset(offset), _) if page.before => {
            let size = request.size.get().min(offset.get());
            let (start, size) = ((offset.get() - size).to_string(), size.to_string());
            Some(to(&[("limit", &size), ("offset", &start)], &["cursor", "offset", "limit"]))
        }
        (Start::After(_) | Start::Before(_), Some(first)) if page.before => {
            let start = Start::Before(order.position(&first.space));
            cursor(start).map(|cursor| to(&[("cursor", &cursor)], PLACE))
        }
        _ => None,
    };
    links.extend(previous.map(|link| format!("<{link}>; rel=\"prev\"")));
    if let (true, Some(last)) = (page.after, page.items.last()) {
        let next = cursor(Start::After(order.position(&last.space)));
        links.extend(next.map(|cursor| format!("<{}>; rel=\"next\"", to(&[("cursor", &cursor)], PLACE))));
    }
    links.join(", ")
}
