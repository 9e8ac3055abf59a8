//! `GET /api/v1/organizations/{id}/members/{userId}/api-keys`

use loggia_domain::id::OrganizationId;

use super::data;
use super::view_key::ApiKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    let keys = call.loggia().member_keys(&call.caller, id, user).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(keys.iter().map(ApiKeyJson::from).collect::<Vec<_>>()))
}
