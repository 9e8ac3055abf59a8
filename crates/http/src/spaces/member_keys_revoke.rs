//! `DELETE /api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}`

use loggia_domain::id::OrganizationId;

use super::data;
use super::keys_revoke::descendants;
use super::view_key::RevokedKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let descendants = descendants(&mut call)?;
    let (id, user, key) = (call.id(OrganizationId::parse)?, call.user_in_path(), call.key_in_path(2));
    let revoked = call.acting().revoke_member_key(id, user, key, descendants).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(RevokedKeyJson::from(&revoked)))
}
