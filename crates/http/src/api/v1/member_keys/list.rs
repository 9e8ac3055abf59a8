//! `GET /api/v1/organizations/{id}/members/{userId}/api-keys`

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::page::key_position;

use crate::api::v1::api_keys::view::ApiKeyJson;
use crate::api::v1::pages::{self, RequestedPage};
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::Reply;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId, RequestedPage), Problem> {
    let (id, user) = (request.id(OrganizationId::parse), request.user_in_path());
    let list = format!("member keys {:?} {user:?}", id.as_ref().ok());
    let requested = pages::requested_page(request, list);
    let requested = request.errors.accept(requested)?;
    Ok((id?, user, requested))
}

async fn run((id, user, requested): (OrganizationId, UserId, RequestedPage), call: Call) -> Reply {
    let keys = call.acting().member_keys(id, user, &requested.request).await?;
    call.notes.organization(Some(id));
    let path = format!("/api/v1/organizations/{id}/members/{user}/api-keys");
    pages::answer(&call, &path, &requested, &keys, key_position, ApiKeyJson::from)
}
