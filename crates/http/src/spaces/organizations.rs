//! `GET /api/v1/organizations` and `GET /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::organization::Organization;
use loggia_domain::page::{Position, organization_position};
use loggia_domain::role::ScopeRole;
use schemars::JsonSchema;
use serde::Serialize;

use super::view::OrganizationJson;
use super::{data, pages};
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::openapi::Of;

/// An organization, and the caller's role in it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Organization")]
pub(crate) struct OwnOrganizationJson<'a> {
    #[serde(flatten)]
    organization: OrganizationJson<'a>,
    #[schemars(with = "Of<ScopeRole>")]
    role: &'static str,
}

impl<'a> From<&'a (Organization, ScopeRole)> for OwnOrganizationJson<'a> {
    fn from((organization, role): &'a (Organization, ScopeRole)) -> Self {
        Self { organization: organization.into(), role: role.as_str() }
    }
}

/// Returns the position of an organization in the lists of the caller's organizations.
pub(super) fn position((organization, _): &(Organization, ScopeRole)) -> Position {
    organization_position(organization.id)
}

pub(crate) async fn list(mut call: Call) -> Reply {
    let list = format!("organizations {:?}", call.caller.viewer());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let organizations = call.acting().list_organizations(&place.request).await?;
    pages::answer(&call, "/api/v1/organizations", &place, &organizations, position, OwnOrganizationJson::from)
}

pub(crate) async fn get(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(OrganizationId::parse)?;
    let found = call.acting().organization(id).await?;
    call.notes.organization(Some(id));
    show(&found)
}

/// Shows an organization.
pub(super) fn show(found: &(Organization, ScopeRole)) -> Reply {
    Answer::record(found.0.revision, &data(OwnOrganizationJson::from(found)))
}
