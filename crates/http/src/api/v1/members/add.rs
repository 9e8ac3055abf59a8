//! `POST /api/v1/organizations/{id}/members`

use loggia_domain::id::OrganizationId;
use loggia_domain::role::ScopeRole;
use loggia_domain::service::{NewIdentity, NewMember, NewMembers};
use loggia_domain::text::{AvatarUrl, EmailAddress, EmployeeNumber, PersonName, Username};
use loggia_domain::user::{Profile, UserKind};
use serde_json::json;

use super::view::OrganizationMemberJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::from_organizations::member_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::batch;
use crate::wire::body::{Fields, pointer_to, text};
use crate::wire::json::Json;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

/// People to add, and whether the body is an array of them.
#[derive(Clone)]
struct Command {
    id: OrganizationId,
    people: NewMembers,
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
    let added = call.acting().add_members(id, &people).await;
    let added = added
        .map_err(|error| member_problem(error, |index, field| batch::pointer_to_field(many, index, field)))?;
    call.notes.organization(Some(id));
    // An array is answered with an array, even of one element.
    match added.as_slice() {
        [one] if !many => {
            let location = format!("/api/v1/organizations/{id}/members/{}", one.user);
            Answer::created(Some(location), &data(OrganizationMemberJson::from(one)))?.tagged(one.revision)
        }
        all => {
            let all: Vec<_> = all.iter().map(OrganizationMemberJson::from).collect();
            Answer::created(None, &data(all))
        }
    }
}

fn read_one(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewMembers> {
    Some(read_person(json, "", errors)?.sound()?.into())
}

fn read_many(json: Json<'_>, errors: &mut ValidationErrors) -> Option<NewMembers> {
    let people = batch::read_distinct(json, errors, read_person, "email", Person::address)?;
    NewMembers::new(people.into_iter().map(Person::sound).collect::<Option<_>>()?).ok()
}

/// The valid parts of an element.
struct Person {
    identity: Option<NewIdentity>,
    profile: Option<Profile>,
    role: Option<ScopeRole>,
}

impl Person {
    fn sound(self) -> Option<NewMember> {
        Some(NewMember { identity: self.identity?, profile: self.profile?, role: self.role? })
    }

    /// Returns the e-mail address in the form in which addresses are compared.
    fn address(&self) -> Option<String> {
        match self.identity.as_ref()? {
            NewIdentity::Person(email) => Some(email.key()),
            NewIdentity::Machine => None,
        }
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
    let machine =
        json!({"properties": {"kind": {"const": UserKind::Machine.as_str()}}, "required": ["kind"]});
    Fields::describing(|body, errors| Some(read_fields(body, "", errors)))
        .with("kind", "default", UserKind::Person.as_str())
        .with("role", "default", ScopeRole::Member.as_str())
        // A person has an address, a machine has none.
        .rule("if", machine)
        .rule("then", json!({"properties": {"email": {"type": "null"}}}))
        .rule("else", json!({"properties": {"email": {"type": "string"}}, "required": ["email"]}))
}

fn read_fields(body: &mut Fields<'_>, pointer: &str, errors: &mut ValidationErrors) -> Person {
    let identity = read_identity(body, pointer, errors);
    let role = body.optional(errors, "role", text(ScopeRole::parse));
    let profile = read_profile(body, errors);
    Person { identity, profile, role: role.map(|role| role.unwrap_or(ScopeRole::Member)) }
}

/// Parses the kind and the e-mail address. A person has an address, a machine has none.
fn read_identity(body: &mut Fields<'_>, pointer: &str, errors: &mut ValidationErrors) -> Option<NewIdentity> {
    let kind = body.optional(errors, "kind", text(UserKind::parse));
    let email = body.nullable(errors, "email", text(EmailAddress::parse));
    let error = match (kind?.unwrap_or(UserKind::Person), email?) {
        (UserKind::Person, Some(Some(email))) => return Some(NewIdentity::Person(email)),
        (UserKind::Person, Some(None)) => {
            ValueError::new(FieldErrorCode::NULL_NOT_ALLOWED, "must not be null")
        }
        (UserKind::Person, None) => ValueError::new(FieldErrorCode::REQUIRED, "is required"),
        (UserKind::Machine, None | Some(None)) => return Some(NewIdentity::Machine),
        (UserKind::Machine, Some(Some(_))) => {
            ValueError::new(FieldErrorCode::NOT_ALLOWED, "must be absent: a machine has none")
        }
    };
    errors.body(pointer_to(pointer, "email"), error);
    None
}

fn read_profile(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<Profile> {
    let first_name = body.required(errors, "firstName", text(PersonName::parse));
    let last_name = body.required(errors, "lastName", text(PersonName::parse));
    let username = body.nullable(errors, "username", text(Username::parse));
    let employee_number = body.nullable(errors, "employeeNumber", text(EmployeeNumber::parse));
    let avatar = body.nullable(errors, "avatar", text(AvatarUrl::parse));
    Some(Profile {
        first_name: first_name?,
        last_name: last_name?,
        username: username?.flatten(),
        employee_number: employee_number?.flatten(),
        avatar: avatar?.flatten(),
    })
}
