//! `GET /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::{OrganizationId, UserId};

use super::view::OrganizationMemberJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    show(&call, id, user).await
}

/// Shows the member as they are now.
pub(super) async fn show(call: &Call, id: OrganizationId, user: UserId) -> Reply {
    let member = call.loggia().member(&call.caller, id, user).await?;
    call.notes.organization(Some(id));
    Answer::record(member.revision, &data(OrganizationMemberJson::from(&member)))
}
