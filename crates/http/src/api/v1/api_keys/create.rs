//! `POST /api/v1/api-keys`

use loggia_domain::instant::Timestamp;
use loggia_domain::key::{Ability, Caller};
use loggia_domain::scope::{Reach, Scope, ScopeChoice};
use loggia_domain::service::{IssuedKey, NewKey, NewMemberKey};
use loggia_domain::text::KeyName;

use super::view::IssuedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::{Request, scope_field};
use crate::problem::from_organizations::new_key_problem;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<NewKey, Problem> {
    let caller = request.caller;
    request.object(|body, errors| new_key(read(body, errors)?, errors, &caller))
}

async fn run(new: NewKey, call: Call) -> Reply {
    call.notes.organization(new.default_scope.organization());
    let issued = call.acting().create_own_key(new).await.map_err(new_key_problem)?;
    created(&issued)
}

/// Returns the response that shows the secret of the current user's new key.
pub(super) fn created(issued: &IssuedKey) -> Reply {
    let location = format!("/api/v1/api-keys/{}", issued.key.id);
    Answer::created(Some(location), &data(IssuedKeyJson::from(issued))).map(Answer::with_a_secret)
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    with_end(Fields::describing(read)).with("ability", "default", Ability::Write.as_str()).with(
        "confinedToOrganization",
        "description",
        "Whether the key is confined to its default organization; absent: as far as the key of the request reaches.",
    )
}

/// Adds the description of `expiresAt`, which states its default.
pub(crate) fn with_end(body: Shape) -> Shape {
    let words = "The expiry, in the future and not after the expiry of the key of the request. Absent or null: the expiry of that key, if it has one.";
    body.with("expiresAt", "description", words)
}

/// The fields of a body, before they are combined with the caller's own scopes.
struct Wanted {
    common: Option<NewMemberKey>,
    choice: ScopeChoice,
    confined: Option<bool>,
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<Wanted> {
    let common = read_common(body, errors);
    let choice = scope_field(body, errors, "defaultOrganizationId");
    let confined = body.optional(errors, "confinedToOrganization", |json| json.boolean());
    Some(Wanted { common, choice: choice?, confined: confined? })
}

fn new_key(wanted: Wanted, errors: &mut ValidationErrors, caller: &Caller) -> Option<NewKey> {
    let default_scope = caller.scope(wanted.choice);
    let reach = match (wanted.confined, default_scope) {
        (Some(true), Scope::Organization(only)) => Reach::Only(only),
        (Some(true), Scope::Personal(_)) => {
            let detail =
                "requires an organization as the default scope: a key cannot be confined to a personal scope";
            errors.body(
                "/confinedToOrganization".to_owned(),
                ValueError::new(FieldErrorCode::NOT_ALLOWED, detail),
            );
            return None;
        }
        (Some(false), _) => Reach::Everywhere,
        // The reach of the key of the call.
        (None, _) => caller.reach,
    };
    let NewMemberKey { name, ability, expires_at } = wanted.common?;
    Some(NewKey { name, default_scope, reach, ability, expires_at })
}

/// Parses the fields that every new key has.
pub(crate) fn read_common(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<NewMemberKey> {
    let name = body.required(errors, "name", text(KeyName::parse));
    let ability = body.optional(errors, "ability", text(Ability::parse));
    let expires_at = body.nullable(errors, "expiresAt", text(Timestamp::parse));
    Some(NewMemberKey {
        name: name?,
        ability: ability?.unwrap_or(Ability::Write),
        expires_at: expires_at?.flatten(),
    })
}
