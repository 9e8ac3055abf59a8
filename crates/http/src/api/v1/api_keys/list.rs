//! `GET /api/v1/api-keys`

use loggia_domain::page::key_position;

use super::view::ApiKeyJson;
use crate::api::v1::pages::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<RequestedPage, Problem> {
    let list = format!("keys {:?}", request.caller.viewer());
    let requested = pages::requested_page(request, list);
    request.errors.accept(requested)
}

async fn run(requested: RequestedPage, call: Call) -> Reply {
    let keys = call.acting().own_keys(&requested.request).await?;
    pages::answer(&call, "/api/v1/api-keys", &requested, &keys, key_position, ApiKeyJson::from)
}
