//! `GET /api/v1/organizations/{id}/members/{userId}/api-keys`

use loggia_domain::id::OrganizationId;
use loggia_domain::page::key_position;

use super::pages;
use super::view_key::ApiKeyJson;
use crate::answer::Reply;
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let (id, user) = (call.id(OrganizationId::parse), call.user_in_path());
    let list = format!("member keys {:?} {user:?}", id.as_ref().ok());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let id = id?;
    let keys = call.acting().member_keys(id, user, &place.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/members/{user}/api-keys");
    pages::answer(&call, &path, &place, &keys, key_position, ApiKeyJson::from)
}
