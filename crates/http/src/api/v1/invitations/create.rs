//! `POST /api/v1/organizations/{id}/invitations`

use loggia_domain::id::{OrganizationId, ProjectId};
use loggia_domain::invitation::{InvitedProject, InvitedProjects, InvitedProjectsError};
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{MAX_BATCH, repeated};
use loggia_domain::service::{NewInvitation, NewInvitations};
use loggia_domain::text::EmailAddress;
use serde_json::json;

use super::view::IssuedInvitationJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::from_invitations::invitation_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::batch;
use crate::wire::body::{Fields, pointer_to, text};
use crate::wire::json::Json;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

/// People to invite, and whether the body is an array of them.
#[derive(Clone)]
struct Command {
    id: OrganizationId,
    people: NewInvitations,
    many: bool,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let json = request.document()?;
    let (many, errors) = (json.is_array(), &mut request.errors);
    let people = if many { read_many(json, errors) } else { read_one(json, errors) };
    let people = errors.accept(people)?;
    Ok(Command { id: request.id(OrganizationId::parse)?, people, many })
}

async fn run(Command { id, people, many }: Command, call: Call) -> Reply {
    let issued = call.acting().invite(id, &people).await;
    let issued = issued.map_err(|error| {
        invitation_problem(error, |index, field| batch::pointer_to_field(many, index, field))
    })?;
    call.notes.organization(Some(id));
    // An array is answered with an array, even of one element.
    let answer = match issued.as_slice() {
        [one] if !many => Answer::created(None, &data(IssuedInvitationJson::from(one))),
        all => {
            let all: Vec<_> = all.iter().map(IssuedInvitationJson::from).collect();
            Answer::created(None, &data(all))
        }
    };
    answer.map(Answer::with_a_secret)
}

fn read_one(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewInvitations> {
    NewInvitations::new(vec![read_person(json, "", errors)?.sound()?]).ok()
}

fn read_many(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewInvitations> {
    let address = |person: &Person| Some(person.email.as_ref()?.key());
    let people = batch::read_distinct(json, errors, read_person, "email", address)?;
    NewInvitations::new(people.into_iter().map(Person::sound).collect::<Option<_>>()?).ok()
}

/// The valid parts of an element.
struct Person {
    email: Option<EmailAddress>,
    role: Option<ScopeRole>,
    projects: Option<InvitedProjects>,
}

impl Person {
    fn sound(self) -> Option<NewInvitation> {
        Some(NewInvitation { email: self.email?, role: self.role?, projects: self.projects? })
    }
}

fn read_person(json: Json<'_>, pointer: &str, errors: &mut ValidationErrors) -> Option<Person> {
    let mut body = Fields::open(json, pointer, errors)?;
    let person = read_fields(&mut body, pointer, errors);
    body.done(errors);
    Some(person)
}

/// Returns the shape of one person in the body, as [`read_fields`] reads it.
pub(crate) fn person() -> Shape {
    Fields::describing(|body, errors| Some(read_fields(body, "", errors)))
        .with("role", "default", ScopeRole::Member.as_str())
        .with("projects", "default", json!([]))
        .with("projects", "description", "The projects whose rosters the person joins, each at most once.")
}

fn read_fields(body: &mut Fields<'_>, pointer: &str, errors: &mut ValidationErrors) -> Person {
    let email = body.required(errors, "email", text(EmailAddress::parse));
    let role = body.optional(errors, "role", text(ScopeRole::parse));
    let projects = body.list(errors, "projects", MAX_BATCH, project, read_project);
    Person {
        email,
        role: role.map(|role| role.unwrap_or(ScopeRole::Member)),
        projects: projects.and_then(|projects| distinct(projects, pointer, errors)),
    }
}

/// A project's id, and the role on its roster, as far as they are valid.
type ParsedProject = (Option<ProjectId>, Option<RosterRole>);

/// Returns the shape of a project, as [`read_project`] reads it.
fn project() -> Shape {
    Fields::describing(|body, errors| Some(read_project(body, errors))).with(
        "role",
        "default",
        RosterRole::Member.as_str(),
    )
}

fn read_project(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> ParsedProject {
    let project = body.required(errors, "node_id", text(ProjectId::parse));
    let role = body.optional(errors, "role", text(RosterRole::parse));
    (project, role.map(|role| role.unwrap_or(RosterRole::Member)))
}

/// Returns the projects if all of them are valid, and none occurs twice.
fn distinct(
    projects: Vec<Option<ParsedProject>>,
    pointer: &str,
    errors: &mut ValidationErrors,
) -> Option<InvitedProjects> {
    // Every duplicate is reported, beside all other errors.
    for index in repeated(projects.iter().map(|parsed| parsed.as_ref()?.0)) {
        let error = ValueError::new(
            FieldErrorCode::DUPLICATE_VALUE,
            InvitedProjectsError::Duplicate(index).to_string(),
        );
        errors.body(format!("{}/{index}/node_id", pointer_to(pointer, "projects")), error);
    }
    let sound = |parsed: Option<ParsedProject>| {
        let (project, role) = parsed?;
        Some(InvitedProject { project: project?, role: role? })
    };
    let projects: Option<Vec<_>> = projects.into_iter().map(sound).collect();
    InvitedProjects::new(projects?).ok()
}
