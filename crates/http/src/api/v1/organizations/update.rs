//! `PATCH /api/v1/organizations/{id}`

use loggia_domain::id::OrganizationId;
use loggia_domain::text::OrganizationName;

use super::get::show;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::Reply;
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, Option<OrganizationName>), Problem> {
    let name = request.object(read)?;
    Ok((request.id(OrganizationId::parse)?, name))
}

async fn run((id, name): (OrganizationId, Option<OrganizationName>), call: Call) -> Reply {
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

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<Option<OrganizationName>> {
    body.optional(errors, "name", text(OrganizationName::parse))
}
