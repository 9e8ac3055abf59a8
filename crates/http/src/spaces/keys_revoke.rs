//! `DELETE /api/v1/api-keys/{keyId}`

use super::data;
use super::view_key::ApiKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let key = call.loggia().revoke_own_key(&call.caller, call.key_in_path(0)).await?;
    call.notes.organization(key.default_scope.organization());
    Answer::ok(&data(ApiKeyJson::from(&key)))
}
