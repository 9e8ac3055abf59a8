//! `DELETE /api/v1/organizations/{id}/members/{userId}`: takes access. The place stays, so that what the member made keeps its
//! author; a patch with `"active": true` gives it back.

use loggia_domain::user::MemberPatch;

use super::members_update::update;
use crate::answer::Reply;
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    update(&call, MemberPatch { active: Some(false), ..MemberPatch::default() }).await
}
