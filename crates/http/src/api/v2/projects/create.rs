//! `POST /v2/projects`

use loggia_domain::instant::{DateRange, Timestamp};
use loggia_domain::project::{NewProject, Visibility};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::text::{ProjectDescription, ProjectName};

use super::view::ProjectJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::{Request, scope_field};
use crate::problem::Problem;
use crate::problem::from_domain::start_after_end;
use crate::problem::validation::ValidationErrors;
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(ScopeChoice, NewProject), Problem> {
    request.object(read)
}

async fn run((choice, new): (ScopeChoice, NewProject), call: Call) -> Reply {
    call.note_scope(choice);
    let view = call.acting().create_project(choice, new).await?;
    let location = format!("/v2/projects/{}", view.record.id);
    Answer::created(Some(location), &ProjectJson::from(&view))?.tagged(view.record.revision)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read).with("visibility", "default", Visibility::Organization.as_str())
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<(ScopeChoice, NewProject)> {
    let name = body.required(errors, "project_name", text(ProjectName::parse));
    let description = body.nullable(errors, "description", text(ProjectDescription::parse));
    let dates = dates(body, errors);
    let visibility = body.optional(errors, "visibility", text(Visibility::parse));
    let choice = scope_field(body, errors, "organization_id");
    let default = NewProject::named(name?);
    let new = NewProject {
        description: description?.flatten(),
        dates: dates?,
        visibility: visibility?.unwrap_or(default.visibility),
        ..default
    };
    Some((choice?, new))
}

/// Parses the dates of a new record.
pub(crate) fn dates(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<DateRange> {
    let start = body.nullable(errors, "start_date", text(Timestamp::parse));
    let end = body.nullable(errors, "end_date", text(Timestamp::parse));
    let dates = DateRange::new(start?.flatten(), end?.flatten());
    dates.map_err(|_| errors.body("/start_date".to_owned(), start_after_end())).ok()
}

/// A date in a patch, which leaves the date alone, clears it or sets it.
type PatchedDate = Option<Option<Timestamp>>;

/// Parses the dates of a patch. Two that are out of order are a validation error, whatever the record's dates are.
pub(crate) fn patched_dates(
    body: &mut Fields<'_>,
    errors: &mut ValidationErrors,
) -> Option<(PatchedDate, PatchedDate)> {
    let start = body.nullable(errors, "start_date", text(Timestamp::parse));
    let end = body.nullable(errors, "end_date", text(Timestamp::parse));
    let (start, end) = (start?, end?);
    let dates = DateRange::new(start.flatten(), end.flatten());
    dates.map_err(|_| errors.body("/start_date".to_owned(), start_after_end())).ok()?;
    Some((start, end))
}
