//! `GET /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::organization::Organization;
use loggia_domain::role::ScopeRole;

use super::view::OwnOrganizationJson;
use crate::api::v1::data;
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
    let found = call.acting().organization(id).await?;
    call.notes.organization(Some(id));
    show(&found)
}

/// Shows an organization.
pub(super) fn show(found: &(Organization, ScopeRole)) -> Reply {
    Answer::record(found.0.revision, &data(OwnOrganizationJson::from(found)))
}
