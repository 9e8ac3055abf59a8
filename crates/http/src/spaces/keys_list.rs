//! `GET /api/v1/api-keys`

use super::data;
use super::view_key::ApiKeyJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let keys = call.loggia().own_keys(&call.caller).await?;
    Answer::ok(&data(keys.iter().map(ApiKeyJson::from).collect::<Vec<_>>()))
}
