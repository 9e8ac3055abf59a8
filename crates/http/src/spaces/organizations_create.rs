//! `POST /api/v1/organizations`

use loggia_domain::text::OrganizationName;

use super::data;
use super::organizations::OwnOrganizationJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let name = call.object(read)?;
    let made = call.acting().create_organization(name).await?;
    call.notes.organization(Some(made.0.id));
    let location = format!("/api/v1/organizations/{}", made.0.id);
    Answer::created(Some(location), &data(OwnOrganizationJson::from(&made)))?.tagged(made.0.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<OrganizationName> {
    body.required(findings, "name", text(OrganizationName::parse))
}
