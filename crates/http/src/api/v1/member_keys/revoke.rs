//! `DELETE /api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}`

use loggia_domain::id::{KeyId, OrganizationId, UserId};
use loggia_domain::key::Descendants;

use crate::api::v1::api_keys::revoke::descendants;
use crate::api::v1::api_keys::view::RevokedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId, KeyId, Descendants), Problem> {
    let descendants = descendants(request)?;
    let (id, user) = (request.id(OrganizationId::parse)?, request.user_in_path());
    Ok((id, user, request.key_in_path(2), descendants))
}

async fn run(
    (id, user, key, descendants): (OrganizationId, UserId, KeyId, Descendants),
    call: Call,
) -> Reply {
    let revoked = call.acting().revoke_member_key(id, user, key, descendants).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}
