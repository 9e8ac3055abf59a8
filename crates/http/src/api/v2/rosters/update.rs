//! `PATCH /v2/projects/{node_id}/members/{user_node_id}`

use loggia_domain::id::ProjectId;
use loggia_domain::role::RosterRole;

use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::problem::from_domain::roster_problem;
use crate::problem::validation::Findings;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let role = call.object(read)?;
    let id = call.id(ProjectId::parse)?;
    let user = call.user_in_path();
    let changed = call.loggia().change_roster_role(&call.caller, id, user, role).await;
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
