//! `GET /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::OrganizationId;

use super::data;
use super::view_member::OrganizationMemberJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    let member = call.loggia().member(&call.caller, id, user).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(OrganizationMemberJson::from(&member)))
}
