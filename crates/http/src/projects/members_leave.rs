//! `DELETE /v2/projects/{node_id}/members/me`: the caller leaves the roster.

use loggia_domain::id::ProjectId;

use super::members_remove::Removed;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::refusal::roster_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(ProjectId::parse)?;
    let left = call.acting().leave_roster(id).await;
    let left = left.map_err(|error| roster_problem(error, |_| String::new()))?;
    call.note_project(Some(&left.project));
    Answer::ok(&Removed::from(&left))
}
