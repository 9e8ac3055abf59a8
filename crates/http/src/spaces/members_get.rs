//! `GET /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::{OrganizationId, UserId};

use super::data;
use super::view_member::OrganizationMemberJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    show(&call, id, user).await
}

/// Shows the member as they are now.
pub(super) async fn show(call: &Call, id: OrganizationId, user: UserId) -> Reply {
    let member = call.acting().member(id, user).await?;
    call.notes.organization(Some(id));
    Answer::record(member.revision, &data(OrganizationMemberJson::from(&member)))
}
