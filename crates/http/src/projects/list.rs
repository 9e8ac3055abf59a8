//! `GET /v2/projects`

use loggia_domain::page::{Direction, ProjectOrder, ProjectQuery};
use loggia_domain::port::ProjectView;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::text::SearchText;

use super::envelope::{self, Place};
use super::view::ProjectJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::sort_fields::SortField as _;

pub(crate) const PARAMETERS: &[&str] =
    &["organization_id", "search", "order_by", "sort", "page", "per_page", "cursor"];

pub(crate) async fn handle(mut call: Call) -> Reply {
    let request = read(&mut call);
    let (choice, query, place) = call.findings.accept(request)?;
    call.note_scope(choice);
    let page = call.acting().list_projects(choice, &query, &place.request).await?;
    let position = |view: &ProjectView| query.order.position(&view.record);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, ProjectJson::from))
}

fn read(call: &mut Call) -> Option<(ScopeChoice, ProjectQuery, Place)> {
    let choice = call.scope_parameter("organization_id");
    let (given, findings) = (&call.query, &mut call.findings);
    let search = given.optional(findings, "search", SearchText::parse);
    let order = given.optional(findings, "order_by", ProjectOrder::parse);
    let direction = given.optional(findings, "sort", Direction::parse);
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
