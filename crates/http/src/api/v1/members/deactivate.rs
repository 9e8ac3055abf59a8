//! `DELETE /api/v1/organizations/{id}/members/{userId}`: deactivates a member. The membership stays, so that the records that the member
//! made keep their author; a patch with `"active": true` restores access.

use loggia_domain::user::MemberPatch;

use super::update::update;
use crate::pipeline::call::Call;
use crate::wire::response::Reply;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    update(&call, MemberPatch { active: Some(false), ..MemberPatch::default() }).await
}
