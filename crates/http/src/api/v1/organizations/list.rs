//! `GET /api/v1/organizations`

use loggia_domain::organization::Organization;
use loggia_domain::page::{Position, organization_position};
use loggia_domain::role::ScopeRole;

use super::view::OwnOrganizationJson;
use crate::api::v1::pages;
use crate::pipeline::call::Call;
use crate::wire::response::Reply;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let list = format!("organizations {:?}", call.caller.viewer());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let organizations = call.loggia().list_organizations(&call.caller, &place.request).await?;
    pages::answer(&call, "/api/v1/organizations", &place, &organizations, position, OwnOrganizationJson::from)
}

/// Returns the position of an organization in the lists of the caller's organizations.
pub(crate) fn position((organization, _): &(Organization, ScopeRole)) -> Position {
    organization_position(organization.id)
}
