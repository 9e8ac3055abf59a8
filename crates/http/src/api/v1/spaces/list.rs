//! `GET /api/v1/spaces`

use loggia_domain::id::ProjectId;
use loggia_domain::page::{Direction, PageRequest, SpaceOrder, SpaceQuery, Start};
use loggia_domain::port::{Includes, SpaceView};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::space::{Priority, SpaceStatus};
use loggia_domain::text::SearchText;
use schemars::json_schema;

use super::include::INCLUDE;
use super::view::space_json;
use crate::api::v1::pages::{self, COUNT, ORGANIZATION, RequestedPage, sort};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValueError;
use crate::wire::paging::{self, CURSOR, LIMIT, OFFSET};
use crate::wire::parameter::{Cost, Declaration, Parameter, schema_of, search};
use crate::wire::response::Reply;
use crate::wire::sort_fields::SortField as _;

pub(crate) static PROJECT: Parameter<ProjectId> = Parameter::new(
    "projectId",
    "Returns only spaces that refer to this project.",
    schema_of::<ProjectId>,
    |text| ProjectId::parse(text).map_err(ValueError::from),
)
.costing(Cost::Scan);

pub(crate) static STATUS: Parameter<SpaceStatus> =
    Parameter::new("status", "Returns only records with this status.", schema_of::<SpaceStatus>, |text| {
        SpaceStatus::parse(text).map_err(ValueError::from)
    })
    .costing(Cost::Scan);

pub(crate) static PRIORITY: Parameter<Priority> =
    Parameter::new("priority", "Returns only spaces with this priority.", schema_of::<Priority>, |text| {
        Priority::parse(text).map_err(ValueError::from)
    })
    .costing(Cost::Scan);

pub(crate) static SEARCH: Parameter<SearchText> =
    search("Returns only records with this text in their names.");

pub(crate) static SORT: Parameter<(SpaceOrder, Direction)> = Parameter::new(
    "sort",
    "The sort field, prefixed with `-` for descending order; ties are sorted by id. By default the newest first.",
    |_| json_schema!({"type": "string", "enum": pages::signed(SpaceOrder::WORDS), "default": "-createdAt"}),
    |text| sort(text, SpaceOrder::WORDS, SpaceOrder::parse),
);

pub(crate) static PARAMETERS: &[&Declaration] = &[
    &ORGANIZATION.declaration,
    &PROJECT.declaration,
    &STATUS.declaration,
    &PRIORITY.declaration,
    &SEARCH.declaration,
    &SORT.declaration,
    &INCLUDE.declaration,
    &LIMIT.declaration,
    &OFFSET.declaration,
    &CURSOR.declaration,
    &COUNT.declaration,
];

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let command = read(request);
    request.errors.accept(command)
}

async fn run(command: Command, call: Call) -> Reply {
    let Command { choice, query, includes, requested } = &command;
    call.note_scope(*choice);
    let spaces = call.acting().list_spaces(*choice, query, *includes, &requested.request).await?;
    let position = |view: &SpaceView| query.order.position(&view.space);
    pages::answer(&call, "/api/v1/spaces", requested, &spaces, position, |view| space_json(view, *includes))
}

/// A page of spaces to list.
#[derive(Clone)]
struct Command {
    choice: ScopeChoice,
    query: SpaceQuery,
    includes: Includes,
    requested: RequestedPage,
}

fn read(request: &mut Request<'_>) -> Option<Command> {
    let choice = request.scope_parameter(&ORGANIZATION);
    let cursors = request.cursors();
    let (given, errors) = (&request.query, &mut request.errors);
    let project = given.read(errors, &PROJECT);
    let status = given.read(errors, &STATUS);
    let priority = given.read(errors, &PRIORITY);
    let search = given.read(errors, &SEARCH);
    let sort = given.read(errors, &SORT);
    let includes = given.read(errors, &INCLUDE);
    let window = paging::limit_and_offset(given, errors);
    let count = given.read(errors, &COUNT);

    let order = sort.map(|sort| sort.unwrap_or((SpaceOrder::CreatedAt, Direction::Descending)));
    let list = (|| {
        let (choice, (order, direction)) = (choice?, order?);
        let (project, status, priority, search) = (project?, status?, priority?, search?);
        let query = SpaceQuery { project, status, priority, search, order, direction };
        Some((choice, list_name(request.caller.scope(choice), &query), query))
    })();
    // The list that a cursor must belong to is known only if all of these are valid.
    let Some((choice, list, query)) = list else {
        given.read(errors, &CURSOR);
        return None;
    };
    let cursor = given.read_by(errors, &CURSOR, |text| cursors.open(&list, text));
    let (size, offset) = window?;
    let start = match cursor? {
        Some(cursor) => cursor.start,
        None => Start::Offset(offset),
    };
    let requested =
        RequestedPage { request: PageRequest { start, size, count: count?.unwrap_or(false) }, list };
    Some(Command { choice, query, includes: includes?.unwrap_or_default(), requested })
}

/// Returns the name of a list, to which its cursors are bound.
fn list_name(scope: Scope, query: &SpaceQuery) -> String {
    format!("spaces {scope:?} {query:?}")
}
