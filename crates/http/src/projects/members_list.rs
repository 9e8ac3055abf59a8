//! `GET /v2/projects/{node_id}/members`

use loggia_domain::id::ProjectId;
use loggia_domain::page::membership_position;
use loggia_domain::port::MembershipView;

use super::envelope;
use super::view::MembershipJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::refusal::roster_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let id = call.id(ProjectId::parse);
    let list = format!("roster {:?}", id.as_ref().ok());
    let place = envelope::read(&mut call, Some(list));
    let place = call.findings.accept(place)?;
    let page = call.acting().list_roster(id?, &place.request).await;
    let page = page.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(page.items.first().map(|view| &view.project));
    let position = |view: &MembershipView| membership_position(&view.membership);
    Answer::ok(&envelope::wrap(&call, &place, &page, position, MembershipJson::from))
}
