//! `GET /api/v1/api-keys`

use loggia_domain::page::key_position;

use super::view::ApiKeyJson;
use crate::api::v1::pages;
use crate::pipeline::call::Call;
use crate::wire::response::Reply;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let list = format!("keys {:?}", call.caller.viewer());
    let place = pages::place(&mut call, list);
    let place = call.findings.accept(place)?;
    let keys = call.loggia().own_keys(&call.caller, &place.request).await?;
    pages::answer(&call, "/api/v1/api-keys", &place, &keys, key_position, ApiKeyJson::from)
}
