//! `POST /v2/projects/{node_id}/add-member`

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::role::RosterRole;
use loggia_domain::roster::{NewMembership, NewMemberships};

use crate::api::v2::people::user;
use crate::api::v2::projects::view::MembershipJson;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::from_domain::roster_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::batch;
use crate::wire::body::{Fields, text};
use crate::wire::json::Json;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

/// People to add, and whether the body is an array of them.
#[derive(Clone)]
struct Command {
    id: ProjectId,
    people: NewMemberships,
    many: bool,
}

fn parse(request: &mut Request<'_>) -> Result<Command, Problem> {
    let json = request.document()?;
    let (many, errors) = (json.is_array(), &mut request.errors);
    let people = if many { read_many(json, errors) } else { read_one(json, errors) };
    let people = errors.accept(people)?;
    Ok(Command { id: request.id(ProjectId::parse)?, people, many })
}

async fn run(Command { id, people, many }: Command, call: Call) -> Reply {
    let added = call.acting().add_to_roster(id, &people).await;
    let added = added.map_err(|error| {
        roster_problem(error, |index| batch::pointer_to_field(many, index, "user_node_id"))
    })?;
    call.note_project(added.first().map(|view| &view.project));
    let added: Vec<_> = added.iter().map(MembershipJson::from).collect();
    // An array is answered with an array, even of one element.
    match added.as_slice() {
        [one] if !many => Answer::created(None, one),
        all => Answer::created(None, &all),
    }
}

fn read_one(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewMemberships> {
    NewMemberships::new(vec![read_person(json, "", errors)?.sound()?]).ok()
}

fn read_many(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewMemberships> {
    let people = batch::read_distinct(json, errors, read_person, "user_node_id", |person| person.user)?;
    NewMemberships::new(people.into_iter().map(Person::sound).collect::<Option<_>>()?).ok()
}

/// The valid parts of an element.
struct Person {
    user: Option<UserId>,
    role: Option<RosterRole>,
}

impl Person {
    fn sound(self) -> Option<NewMembership> {
        Some(NewMembership { user: self.user?, role: self.role? })
    }
}

/// Returns the shape of one person in the body, as [`read_fields`] reads it.
pub(crate) fn person() -> Shape {
    Fields::describing(|body, errors| Some(read_fields(body, errors))).with(
        "role",
        "default",
        RosterRole::Member.as_str(),
    )
}

fn read_person(json: Json<'_>, pointer: &str, errors: &mut ValidationErrors) -> Option<Person> {
    let mut body = Fields::open(json, pointer, errors)?;
    let person = read_fields(&mut body, errors);
    body.done(errors);
    Some(person)
}

fn read_fields(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Person {
    let hint = "is unknown; send the user's node id as user_node_id";
    body.refuse(errors, "member_id", ValueError::new(FieldErrorCode::UNKNOWN_FIELD, hint));
    let user = body.required(errors, "user_node_id", user);
    let role = body.optional(errors, "role", text(RosterRole::parse));
    Person { user, role: role.map(|role| role.unwrap_or(RosterRole::Member)) }
}
