//! `POST /api/v1/organizations/{id}/members/{userId}/erase`: erases a person or a machine that belongs to the organization. The
//! membership stays, so that records keep their author, who has no name any more.

use loggia_domain::id::OrganizationId;
use loggia_domain::service::Authority;

use super::view::OrganizationMemberJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::wire::response::{Answer, Reply};

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    let erased = call.loggia().erase_member(Authority::Caller(&call.caller), id, user).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(OrganizationMemberJson::from(&erased)))
}
