//! `PATCH /v2/projects/{node_id}/members/{user_node_id}`

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::role::RosterRole;

use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::roster_problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ProjectId, UserId, RosterRole), Problem> {
    let role = request.object(read)?;
    Ok((request.id(ProjectId::parse)?, request.user_in_path(), role))
}

async fn run((id, user, role): (ProjectId, UserId, RosterRole), call: Call) -> Reply {
    let changed = call.acting().change_roster_role(id, user, role).await;
    let changed = changed.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(Some(&changed.project));
    Answer::ok(&MembershipJson::from(&changed))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<RosterRole> {
    body.required(errors, "role", text(RosterRole::parse))
}
