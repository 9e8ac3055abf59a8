//! `POST /api/v1/organizations/{id}/members/{userId}/api-keys`

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::key::Ability;
use loggia_domain::service::NewMemberKey;

use crate::api::v1::api_keys::create::{read_common, with_end};
use crate::api::v1::api_keys::view::IssuedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::problem::from_organizations::member_key_problem;
use crate::wire::body::Fields;
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId, NewMemberKey), Problem> {
    let new = request.object(read_common)?;
    Ok((request.id(OrganizationId::parse)?, request.user_in_path(), new))
}

async fn run((id, user, new): (OrganizationId, UserId, NewMemberKey), call: Call) -> Reply {
    let issued = call.acting().issue_member_key(id, user, new).await;
    let issued = issued.map_err(member_key_problem)?;
    call.notes.organization(Some(id));
    let location = format!("/api/v1/organizations/{id}/members/{user}/api-keys/{}", issued.key.id);
    Answer::created(Some(location), &data(IssuedKeyJson::from(&issued))).map(Answer::with_a_secret)
}

/// Returns the shape of the body, as [`read_common`] reads it.
pub(crate) fn body() -> Shape {
    with_end(Fields::describing(read_common)).with("ability", "default", Ability::Write.as_str())
}
