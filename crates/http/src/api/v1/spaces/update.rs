//! `PATCH /api/v1/spaces/{id}`

use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::port::Includes;
use loggia_domain::space::{Priority, SpacePatch, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};

use super::get::show;
use super::view::SpaceJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::preconditions::or_current_tag;
use crate::problem::FaultCode;
use crate::problem::validation::{Fault, Findings};
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let patch = call.object(read)?;
    let id = call.id(SpaceId::parse)?;
    let changed = call.loggia().update_space(&call.caller, id, patch).await;
    let space = or_current_tag(changed, show(&call, id, Includes::default())).await?;
    call.notes.organization(space.scope.organization());
    Answer::record(space.revision, &data(SpaceJson::from(&space)))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

pub(crate) fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<SpacePatch> {
    let name = body.optional(findings, "name", text(SpaceName::parse));
    let description = body.nullable(findings, "description", text(SpaceDescription::parse));
    let project = body.nullable(findings, "projectId", text(ProjectId::parse));
    let status = body.optional(findings, "status", text(SpaceStatus::parse));
    let priority = body.optional(findings, "priority", text(Priority::parse));
    let strength = body
        .optional(findings, "currentStrength", |json| Strength::new(json.integer()?).map_err(Fault::from));
    body.refuse(
        findings,
        "organizationId",
        Fault::new(FaultCode::IMMUTABLE, "cannot be changed after the space is created"),
    );
    Some(SpacePatch {
        name: name?,
        description: description?,
        project: project?,
        status: status?,
        priority: priority?,
        strength: strength?,
    })
}
