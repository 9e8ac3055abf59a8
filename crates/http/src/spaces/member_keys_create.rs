//! `POST /api/v1/organizations/{id}/members/{userId}/api-keys`

use loggia_domain::id::OrganizationId;
use loggia_domain::key::Ability;

use super::data;
use super::keys_create::{read_common, with_end};
use super::view_key::IssuedKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::Fields;
use crate::openapi::Shape;
use crate::refusal::member_key_problem;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let new = call.object(read_common)?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
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
