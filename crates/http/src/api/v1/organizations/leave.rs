//! `DELETE /api/v1/me/organizations/{id}`: the caller leaves the organization. The membership stays, inactive, so that the caller's records
//! keep their author; only an admin of the organization can make the membership active again.

use loggia_domain::id::OrganizationId;

use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<OrganizationId, Problem> {
    request.checked()?;
    request.id(OrganizationId::parse)
}

async fn run(id: OrganizationId, call: Call) -> Reply {
    call.acting().leave_organization(id).await?;
    call.notes.organization(Some(id));
    Answer::no_content()
}
