//! `PATCH /v2/projects/{node_id}`, with or without a final `/`

use loggia_domain::id::ProjectId;
use loggia_domain::project::{ProjectPatch, Visibility};
use loggia_domain::text::{ProjectDescription, ProjectName};

use super::create::patched_dates;
use super::get::show;
use super::view::ProjectJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_domain::project_problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ProjectId, Option<ProjectPatch>), Problem> {
    let patch = if request.has_no_body() {
        request.checked()?;
        None
    } else {
        request.object(read)?
    };
    Ok((request.id(ProjectId::parse)?, patch))
}

async fn run((id, patch): (ProjectId, Option<ProjectPatch>), call: Call) -> Reply {
    let is_empty = patch.is_none();
    let date = date_to_blame(patch.as_ref().is_some_and(|patch| patch.start.is_some()));
    // Even without a change, the caller must be allowed to make one.
    let view = call.expecting().update_project(id, patch.unwrap_or_default()).await;
    let view = view.map_err(|error| project_problem(error, date));
    let view = or_current_tag(view, show(&call, id)).await?;
    call.notes.organization(view.record.scope.organization());
    match is_empty {
        false => Answer::record(view.record.revision, &ProjectJson::from(&view)),
        true => Answer::no_content(),
    }
}

/// Returns the field to report if two dates are out of order together: the one that the client sent.
pub(crate) fn date_to_blame(start_was_sent: bool) -> &'static str {
    if start_was_sent { "start_date" } else { "end_date" }
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

/// Parses the body. Returns `Some(None)` for a patch without a field.
pub(crate) fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<Option<ProjectPatch>> {
    if body.is_empty() {
        return Some(None);
    }
    let name = body.optional(errors, "project_name", text(ProjectName::parse));
    let description = body.nullable(errors, "description", text(ProjectDescription::parse));
    let dates = patched_dates(body, errors);
    let visibility = body.optional(errors, "visibility", text(Visibility::parse));
    let (start, end) = dates?;
    Some(Some(ProjectPatch { name: name?, description: description?, start, end, visibility: visibility? }))
}
