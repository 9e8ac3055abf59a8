//! `GET /v2/projects`

use loggia_domain::page::{Direction, ProjectOrder, ProjectQuery};
use loggia_domain::port::ProjectView;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::text::SearchText;
use schemars::json_schema;

use super::view::ProjectJson;
use crate::api::v2::envelope::{self, ORGANIZATION, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValueError;
use crate::wire::paging::{CURSOR, PAGE, PER_PAGE};
use crate::wire::parameter::{Cost, Declaration, Parameter, search};
use crate::wire::response::{Answer, Reply};
use crate::wire::sort_fields::SortField as _;

static SEARCH: Parameter<SearchText> = search("Returns only records with this text in their names.");

static ORDER_BY: Parameter<ProjectOrder> = Parameter::new(
    "order_by",
    "The sort field; ties are sorted by id.",
    |_| json_schema!({"type": "string", "enum": ProjectOrder::WORDS, "default": ProjectOrder::Number.as_str()}),
    |text| ProjectOrder::parse(text).map_err(ValueError::from),
)
.costing(Cost::Scan);

static SORT: Parameter<Direction> = Parameter::new(
    "sort",
    "The sort direction.",
    |_| json_schema!({"type": "string", "enum": Direction::WORDS, "default": Direction::Ascending.as_str()}),
    |text| Direction::parse(text).map_err(ValueError::from),
);

pub(crate) static PARAMETERS: &[&Declaration] = &[
    &ORGANIZATION.declaration,
    &SEARCH.declaration,
    &ORDER_BY.declaration,
    &SORT.declaration,
    &PAGE.declaration,
    &PER_PAGE.declaration,
    &CURSOR.declaration,
];

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ScopeChoice, ProjectQuery, RequestedPage), Problem> {
    let list = read(request);
    request.errors.accept(list)
}

async fn run((choice, query, requested): (ScopeChoice, ProjectQuery, RequestedPage), call: Call) -> Reply {
    call.note_scope(choice);
    let page = call.acting().list_projects(choice, &query, &requested.request).await?;
    let position = |view: &ProjectView| query.order.position(&view.record);
    Answer::ok(&envelope::wrap(&call, &requested, &page, position, ProjectJson::from))
}

fn read(request: &mut Request<'_>) -> Option<(ScopeChoice, ProjectQuery, RequestedPage)> {
    let choice = request.scope_parameter(&ORGANIZATION);
    let (given, errors) = (&request.query, &mut request.errors);
    let search = given.read(errors, &SEARCH);
    let order = given.read(errors, &ORDER_BY);
    let direction = given.read(errors, &SORT);
    let (Some(choice), Some(search), Some(order), Some(direction)) = (choice, search, order, direction)
    else {
        // Errors of the page are reported along with the others.
        envelope::read(request, None);
        return None;
    };
    let query = ProjectQuery {
        search,
        order: order.unwrap_or(ProjectOrder::Number),
        direction: direction.unwrap_or(Direction::Ascending),
    };
    let list = format!("projects {:?} {query:?}", request.caller.scope(choice));
    Some((choice, query, envelope::read(request, Some(list))?))
}
