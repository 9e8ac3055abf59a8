//! `PATCH /api/v1/spaces/{id}`

use loggia_domain::id::{ProjectId, SpaceId};
use loggia_domain::port::Includes;
use loggia_domain::space::{Priority, SpacePatch, SpaceStatus, Strength};
use loggia_domain::text::{SpaceDescription, SpaceName};

use super::data;
use super::get::show;
use super::view::SpaceJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::extract::body::{Fields, text};
use crate::fault::{Fault, FaultCode, Findings};
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let patch = call.object(read)?;
    let id = call.id(SpaceId::parse)?;
    let changed = call.expecting().update_space(id, patch).await;
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
