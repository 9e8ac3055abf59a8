//! `DELETE /api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}`

use loggia_domain::id::OrganizationId;

use crate::api::v1::api_keys::revoke::descendants;
use crate::api::v1::api_keys::view::RevokedKeyJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    let descendants = descendants(&mut call)?;
    let (id, user, key) = (call.id(OrganizationId::parse)?, call.user_in_path(), call.key_in_path(2));
    let revoked = call.loggia().revoke_member_key(&call.caller, id, user, key, descendants).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}
