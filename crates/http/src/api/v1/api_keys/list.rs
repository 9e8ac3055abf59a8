//! `GET /api/v1/api-keys`

use loggia_domain::page::key_position;

use super::view::ApiKeyJson;
use crate::api::v1::pages::{self, Place};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<Place, Problem> {
    let list = format!("keys {:?}", request.caller.viewer());
    let place = pages::place(request, list);
    request.errors.accept(place)
}

async fn run(place: Place, call: Call) -> Reply {
    let keys = call.acting().own_keys(&place.request).await?;
    pages::answer(&call, "/api/v1/api-keys", &place, &keys, key_position, ApiKeyJson::from)
}
