//! `GET /api/v1/organizations`

use loggia_domain::organization::Organization;
use loggia_domain::page::{Position, organization_position};
use loggia_domain::role::ScopeRole;

use super::view::OwnOrganizationJson;
use crate::api::v1::pages::{self, Place};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<Place, Problem> {
    let list = format!("organizations {:?}", request.caller.viewer());
    let place = pages::place(request, list);
    request.errors.accept(place)
}

async fn run(place: Place, call: Call) -> Reply {
    let organizations = call.acting().list_organizations(&place.request).await?;
    pages::answer(&call, "/api/v1/organizations", &place, &organizations, position, OwnOrganizationJson::from)
}

/// Returns the position of an organization in the lists of the caller's organizations.
pub(crate) fn position((organization, _): &(Organization, ScopeRole)) -> Position {
    organization_position(organization.id)
}
