//! `GET /v2/projects/{node_id}/members`

use loggia_domain::id::ProjectId;
use loggia_domain::page::membership_position;
use loggia_domain::port::MembershipView;

use crate::api::v2::envelope::{self, Place};
use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::roster_problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ProjectId, Place), Problem> {
    let id = request.id(ProjectId::parse);
    let list = format!("roster {:?}", id.as_ref().ok());
    let place = envelope::read(request, Some(list));
    let place = request.errors.accept(place)?;
    Ok((id?, place))
}

async fn run((id, place): (ProjectId, Place), call: Call) -> Reply {
    let page = call.acting().list_roster(id, &place.request).await;
    let page = page.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &MembershipView| membership_position(&view.membership);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, MembershipJson::from))
}
