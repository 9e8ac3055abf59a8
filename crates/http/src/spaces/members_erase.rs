//! `POST /api/v1/organizations/{id}/members/{userId}/erase`: erases a person or a machine that belongs to the organization. The
//! membership stays, so that records keep their author, who has no name any more.

use loggia_domain::id::OrganizationId;

use super::data;
use super::view_member::OrganizationMemberJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let (id, user) = (call.id(OrganizationId::parse)?, call.user_in_path());
    let erased = call.acting().erase_member(id, user).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(OrganizationMemberJson::from(&erased)))
}
