//! `GET /api/v1/api-keys`

use loggia_domain::page::key_position;

use super::pages;
use super::view_key::ApiKeyJson;
use crate::answer::Reply;
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let list = format!("keys {:?}", call.caller.viewer());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let keys = call.acting().own_keys(&place.request).await?;
    pages::answer(&call, "/api/v1/api-keys", &place, &keys, key_position, ApiKeyJson::from)
}
