//! The fields of a space that POST and PATCH read alike.

use loggia_domain::id::ProjectId;
use loggia_domain::space::{Priority, SpacePatch, SpaceStatus, Strength};
use loggia_domain::text::SpaceDescription;

use crate::problem::validation::{ValidationErrors, ValueError};
use crate::wire::body::{Fields, text};

/// Parses every field of a space but its name, which only POST requires.
pub(super) fn optional_fields(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<SpacePatch> {
    let description = body.nullable(errors, "description", text(SpaceDescription::parse));
    let project = body.nullable(errors, "projectId", text(ProjectId::parse));
    let status = body.optional(errors, "status", text(SpaceStatus::parse));
    let priority = body.optional(errors, "priority", text(Priority::parse));
    let strength = body
        .optional(errors, "currentStrength", |json| Strength::new(json.integer()?).map_err(ValueError::from));
    Some(SpacePatch {
        name: None,
        description: description?,
        project: project?,
        status: status?,
        priority: priority?,
        strength: strength?,
    })
}
