//! `PATCH /v2/projects/{node_id}`, with or without a final `/`

use loggia_domain::id::ProjectId;
use loggia_domain::project::{ProjectPatch, Visibility};
use loggia_domain::text::{ProjectDescription, ProjectName};

use super::create::patched_dates;
use super::get::show;
use super::view::ProjectJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;
use crate::extract::body::{Fields, text};
use crate::fault::Findings;
use crate::openapi::Shape;
use crate::refusal::project_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let patch = if call.body.is_empty() {
        call.checked()?;
        None
    } else {
        call.object(read)?
    };
    let id = call.id(ProjectId::parse)?;
    let date = date_to_blame(patch.as_ref().is_some_and(|patch| patch.start.is_some()));
    // Even without a change, the caller must be allowed to make one.
    let view = call.expecting().update_project(id, patch.clone().unwrap_or_default()).await;
    let view = view.map_err(|error| project_problem(error, date));
    let view = or_current_tag(view, show(&call, id)).await?;
    call.notes.organization(view.record.scope.organization());
    match patch {
        Some(_) => Answer::record(view.record.revision, &ProjectJson::from(&view)),
        None => Answer::no_content(),
    }
}

/// Returns the field to report if two dates are out of order together: the one that the client sent.
pub(super) fn date_to_blame(start_was_sent: bool) -> &'static str {
    if start_was_sent { "start_date" } else { "end_date" }
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

/// Parses the body. Returns `Some(None)` for a patch without a field.
pub(crate) fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<Option<ProjectPatch>> {
    if body.is_empty() {
        return Some(None);
    }
    let name = body.optional(findings, "project_name", text(ProjectName::parse));
    let description = body.nullable(findings, "description", text(ProjectDescription::parse));
    let dates = patched_dates(body, findings);
    let visibility = body.optional(findings, "visibility", text(Visibility::parse));
    let (start, end) = dates?;
    Some(Some(ProjectPatch { name: name?, description: description?, start, end, visibility: visibility? }))
}
