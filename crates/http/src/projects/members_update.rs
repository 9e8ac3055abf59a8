//! `PATCH /v2/projects/{node_id}/members/{user_node_id}`

use loggia_domain::id::ProjectId;
use loggia_domain::role::RosterRole;

use super::view::MembershipJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;
use crate::refusal::roster_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let role = call.object(read)?;
    let id = call.id(ProjectId::parse)?;
    let user = call.user_in_path();
    let changed = call.acting().change_roster_role(id, user, role).await;
    let changed = changed.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(Some(&changed.project));
    Answer::ok(&MembershipJson::from(&changed))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<RosterRole> {
    body.required(findings, "role", text(RosterRole::parse))
}
