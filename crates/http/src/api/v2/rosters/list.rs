//! `GET /v2/projects/{node_id}/members`

use loggia_domain::id::ProjectId;
use loggia_domain::page::membership_position;
use loggia_domain::port::MembershipView;

use crate::api::v2::envelope::{self, RequestedPage};
use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::roster_problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ProjectId, RequestedPage), Problem> {
    let id = request.id(ProjectId::parse);
    let list = format!("roster {:?}", id.as_ref().ok());
    let requested = envelope::read(request, Some(list));
    let requested = request.errors.accept(requested)?;
    Ok((id?, requested))
}

async fn run((id, requested): (ProjectId, RequestedPage), call: Call) -> Reply {
    let page = call.acting().list_roster(id, &requested.request).await;
    let page = page.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &MembershipView| membership_position(&view.membership);
    Answer::ok(&envelope::wrap(&call, &requested, &page, position, MembershipJson::from))
}
