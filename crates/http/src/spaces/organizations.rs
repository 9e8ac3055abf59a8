//! `GET /api/v1/organizations` and `GET /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::organization::Organization;
use loggia_domain::role::ScopeRole;
use schemars::JsonSchema;
use serde::Serialize;

use super::data;
use super::view::OrganizationJson;
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

pub(crate) async fn list(mut call: Call) -> Reply {
    call.checked()?;
    let organizations = call.loggia().list_organizations(&call.caller).await?;
    let rows: Vec<_> = organizations.iter().map(OwnOrganizationJson::from).collect();
    Answer::ok(&data(rows))
}

pub(crate) async fn get(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(OrganizationId::parse)?;
    let found = call.loggia().organization(&call.caller, id).await?;
    call.notes.organization(Some(id));
    show(&found)
}

/// Shows an organization.
pub(super) fn show(found: &(Organization, ScopeRole)) -> Reply {
    Answer::record(found.0.revision, &data(OwnOrganizationJson::from(found)))
}
