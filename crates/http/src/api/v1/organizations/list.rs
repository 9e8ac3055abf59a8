//! `GET /api/v1/organizations`

use loggia_domain::organization::Organization;
use loggia_domain::page::{Position, organization_position};
use loggia_domain::role::ScopeRole;

use super::view::OwnOrganizationJson;
use crate::api::v1::pages::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<RequestedPage, Problem> {
    let list = format!("organizations {:?}", request.caller.viewer());
    let requested = pages::requested_page(request, list);
    request.errors.accept(requested)
}

async fn run(requested: RequestedPage, call: Call) -> Reply {
    let organizations = call.acting().list_organizations(&requested.request).await?;
    pages::answer(
        &call,
        "/api/v1/organizations",
        &requested,
        &organizations,
        position,
        OwnOrganizationJson::from,
    )
}

/// Returns the position of an organization in the lists of the caller's organizations.
pub(crate) fn position((organization, _): &(Organization, ScopeRole)) -> Position {
    organization_position(organization.id)
}
