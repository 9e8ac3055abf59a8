//! `POST /api/v1/spaces`

use loggia_domain::scope::ScopeChoice;
use loggia_domain::space::{NewSpace, Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::SpaceName;

use super::fields::optional_fields;
use super::view::SpaceJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::{Request, scope_field};
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ScopeChoice, NewSpace), Problem> {
    request.object(read)
}

async fn run((choice, new): (ScopeChoice, NewSpace), call: Call) -> Reply {
    call.note_scope(choice);
    let space: Space = call.acting().create_space(choice, new).await?;
    let location = format!("/api/v1/spaces/{}", space.id);
    Answer::created(Some(location), &data(SpaceJson::from(&space)))?.tagged(space.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
        .with("status", "default", SpaceStatus::Draft.as_str())
        .with("priority", "default", Priority::None.as_str())
        .with("currentStrength", "default", Strength::default().get())
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<(ScopeChoice, NewSpace)> {
    let name = body.required(errors, "name", text(SpaceName::parse));
    let fields = optional_fields(body, errors);
    let choice = scope_field(body, errors, "organizationId");
    Some((choice?, NewSpace::named(name?).with(fields?)))
}
