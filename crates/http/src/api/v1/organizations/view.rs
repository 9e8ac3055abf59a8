//! The representation of an organization with the caller's role, in this dialect.

use loggia_domain::organization::Organization;
use loggia_domain::role::ScopeRole;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::v1::spaces::view::OrganizationJson;
use crate::wire::schema::Of;

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
