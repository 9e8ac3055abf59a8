//! `GET /api/v1/spaces`

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, PageRequest, SpaceOrder, SpaceQuery, Start};
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::text::SearchText;

use super::pages::{Place, sort};
use super::view::space_json;
use super::{include, pages};
use crate::answer::Reply;
use crate::call::Call;
use crate::cursor::CursorKey;
use crate::extract::query::flag;
use crate::paging;
use crate::sort_fields::SortField as _;

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
    let Request { choice, query, includes, place } = &request;
    let spaces = call.acting().list_spaces(*choice, query, *includes, &place.request).await?;
    let position = |view: &SpaceView| query.order.position(&view.space);
    pages::answer(&call, "/api/v1/spaces", place, &spaces, position, |view| space_json(view, *includes))
}

struct Request {
    choice: ScopeChoice,
    query: SpaceQuery,
    includes: Includes,
    place: Place,
}

fn read(call: &mut Call) -> Option<Request> {
    let choice = call.scope_parameter("organizationId");
    let (given, findings) = (&call.query, &mut call.findings);
    let project = given.optional(findings, "projectId", ProjectId::parse);
    let status = given.optional(findings, "status", SpaceStatus::parse);
    let priority = given.optional(findings, "priority", Priority::parse);
    let search = given.optional(findings, "search", SearchText::parse);
    let sort = given.optional(findings, "sort", |text| sort(text, SpaceOrder::WORDS, SpaceOrder::parse));
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
    // The list that a cursor must belong to is known only if all of these are valid.
    let Some((choice, list, query)) = list else {
        given.optional(findings, "cursor", CursorKey::check_form);
        return None;
    };
    let cursors = call.app.cursors.of(call.caller.user);
    let cursor = given.optional(findings, "cursor", |text| cursors.open(&list, text));
    let (size, offset) = window?;
    let start = match cursor? {
        Some(cursor) => cursor.start,
        None => Start::Offset(offset),
    };
    let place = Place { request: PageRequest { start, size, count: count?.unwrap_or(false) }, list };
    Some(Request { choice, query, includes: includes?.unwrap_or_default(), place })
}

/// Returns the name of a list, to which its cursors are bound.
fn list_name(scope: Scope, query: &SpaceQuery) -> String {
    format!("spaces {scope:?} {query:?}")
}
