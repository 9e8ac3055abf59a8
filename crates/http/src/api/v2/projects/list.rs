//! `GET /v2/projects`

use loggia_domain::page::{Direction, ProjectOrder, ProjectQuery};
use loggia_domain::port::ProjectView;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::text::SearchText;
use schemars::json_schema;

use super::view::ProjectJson;
use crate::api::v2::envelope::{self, ORGANIZATION, Place};
use crate::pipeline::call::Call;
use crate::problem::validation::Fault;
use crate::wire::paging::{CURSOR, PAGE, PER_PAGE};
use crate::wire::parameter::{Cost, Declaration, Parameter, search};
use crate::wire::response::{Answer, Reply};

static SEARCH: Parameter<SearchText> = search("Returns only records with this text in their names.");

static ORDER_BY: Parameter<ProjectOrder> = Parameter::new(
    "order_by",
    "The sort field; ties are sorted by id.",
    |_| json_schema!({"type": "string", "enum": ProjectOrder::WORDS, "default": ProjectOrder::Number.as_str()}),
    |text| ProjectOrder::parse(text).map_err(Fault::from),
)
.costing(Cost::Scan);

static SORT: Parameter<Direction> = Parameter::new(
    "sort",
    "The sort direction.",
    |_| json_schema!({"type": "string", "enum": Direction::WORDS, "default": Direction::Ascending.as_str()}),
    |text| Direction::parse(text).map_err(Fault::from),
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

pub(crate) async fn handle(mut call: Call) -> Reply {
    let request = read(&mut call);
    let (choice, query, place) = call.findings.accept(request)?;
    call.note_scope(choice);
    let page = call.loggia().list_projects(&call.caller, choice, &query, &place.request).await?;
    let position = |view: &ProjectView| query.order.position(&view.record);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, ProjectJson::from))
}

fn read(call: &mut Call) -> Option<(ScopeChoice, ProjectQuery, Place)> {
    let choice = call.scope_parameter(&ORGANIZATION);
    let (given, findings) = (&call.query, &mut call.findings);
    let search = given.read(findings, &SEARCH);
    let order = given.read(findings, &ORDER_BY);
    let direction = given.read(findings, &SORT);
    let (Some(choice), Some(search), Some(order), Some(direction)) = (choice, search, order, direction)
    else {
        // Errors of the page are reported along with the others.
        envelope::read(call, None);
        return None;
    };
    let query = ProjectQuery {
        search,
        order: order.unwrap_or(ProjectOrder::Number),
        direction: direction.unwrap_or(Direction::Ascending),
    };
    let list = format!("projects {:?} {query:?}", call.caller.scope(choice));
    Some((choice, query, envelope::read(call, Some(list))?))
}
