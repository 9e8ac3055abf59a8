//! `POST /api/v1/organizations`

use loggia_domain::text::OrganizationName;

use super::view::OwnOrganizationJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<OrganizationName, Problem> {
    request.object(read)
}

async fn run(name: OrganizationName, call: Call) -> Reply {
    let made = call.acting().create_organization(name).await?;
    call.notes.organization(Some(made.0.id));
    let location = format!("/api/v1/organizations/{}", made.0.id);
    Answer::created(Some(location), &data(OwnOrganizationJson::from(&made)))?.tagged(made.0.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<OrganizationName> {
    body.required(errors, "name", text(OrganizationName::parse))
}
