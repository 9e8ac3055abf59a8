//! `PATCH /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::text::OrganizationName;

use super::organizations::show;
use crate::answer::Reply;
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let name = call.object(read)?;
    let id = call.id(OrganizationId::parse)?;
    let (_, role) = call.acting().organization(id).await?;
    call.notes.organization(Some(id));
    // Even without a change, the caller must be allowed to make one.
    let changed = call.expecting().update_organization(id, name).await;
    let current = async { show(&call.acting().organization(id).await?) };
    let organization = or_current_tag(changed, current).await?;
    show(&(organization, role))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<Option<OrganizationName>> {
    body.optional(findings, "name", text(OrganizationName::parse))
}
