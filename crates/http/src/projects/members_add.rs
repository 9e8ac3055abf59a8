//! `POST /v2/projects/{node_id}/add-member`

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::role::RosterRole;
use loggia_domain::roster::{NewMembership, NewMemberships};

use super::people::user;
use super::view::MembershipJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::batch;
use crate::extract::body::{Fields, text};
use crate::extract::json::Json;
use crate::fault::{Fault, FaultCode, Findings};
use crate::openapi::Shape;
use crate::refusal::roster_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let body = call.body.clone();
    let json = call.document(&body)?;
    let many = json.is_array();
    let people = if many { read_many(json, &mut call.findings) } else { read_one(json, &mut call.findings) };
    let people = call.findings.accept(people)?;
    let id = call.id(ProjectId::parse)?;
    let added = call.acting().add_to_roster(id, &people).await;
    let added =
        added.map_err(|error| roster_problem(error, |index| batch::place(many, index, "user_node_id")))?;
    call.note_project(added.first().map(|view| &view.project));
    let added: Vec<_> = added.iter().map(MembershipJson::from).collect();
    // An array is answered with an array, even of one element.
    match added.as_slice() {
        [one] if !many => Answer::created(None, one),
        all => Answer::created(None, &all),
    }
}

fn read_one(json: Json<'_>, findings: &mut Findings) -> Option<NewMemberships> {
    NewMemberships::new(vec![read_person(json, "", findings)?.sound()?]).ok()
}

fn read_many(json: Json<'_>, findings: &mut Findings) -> Option<NewMemberships> {
    let people = batch::read_distinct(json, findings, read_person, "user_node_id", |person| person.user)?;
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
    Fields::describing(|body, findings| Some(read_fields(body, findings))).with(
        "role",
        "default",
        RosterRole::Member.as_str(),
    )
}

fn read_person(json: Json<'_>, pointer: &str, findings: &mut Findings) -> Option<Person> {
    let mut body = Fields::open(json, pointer, findings)?;
    let person = read_fields(&mut body, findings);
    body.done(findings);
    Some(person)
}

fn read_fields(body: &mut Fields<'_>, findings: &mut Findings) -> Person {
    let hint = "is unknown; send the user's node id as user_node_id";
    body.refuse(findings, "member_id", Fault::new(FaultCode::UNKNOWN_FIELD, hint));
    let user = body.required(findings, "user_node_id", user);
    let role = body.optional(findings, "role", text(RosterRole::parse));
    Person { user, role: role.map(|role| role.unwrap_or(RosterRole::Member)) }
}
