//! `POST /api/v1/spaces`

use loggia_domain::id::ProjectId;
use loggia_domain::scope::ScopeChoice;
use loggia_domain::space::{NewSpace, Priority, Space, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};

use super::view::SpaceJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::{Request, scope_field};
use crate::problem::Problem;
use crate::problem::validation::{Fault, ValidationErrors};
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
    let description = body.nullable(errors, "description", text(SpaceDescription::parse));
    let choice = scope_field(body, errors, "organizationId");
    let project = body.nullable(errors, "projectId", text(ProjectId::parse));
    let status = body.optional(errors, "status", text(SpaceStatus::parse));
    let priority = body.optional(errors, "priority", text(Priority::parse));
    let strength =
        body.optional(errors, "currentStrength", |json| Strength::new(json.integer()?).map_err(Fault::from));
    let default = NewSpace::named(name?);
    let new = NewSpace {
        description: description?.flatten(),
        project: project?.flatten(),
        status: status?.unwrap_or(default.status),
        priority: priority?.unwrap_or(default.priority),
        strength: strength?.unwrap_or(default.strength),
        ..default
    };
    Some((choice?, new))
}
