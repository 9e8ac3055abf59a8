//! `DELETE /v2/projects/{node_id}/members/me`: the caller leaves the roster.

use loggia_domain::id::ProjectId;

use super::remove::Removed;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::roster_problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<ProjectId, Problem> {
    request.checked()?;
    request.id(ProjectId::parse)
}

async fn run(id: ProjectId, call: Call) -> Reply {
    let left = call.acting().leave_roster(id).await;
    let left = left.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(Some(&left.project));
    Answer::ok(&Removed::from(&left))
}
