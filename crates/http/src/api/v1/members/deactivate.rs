//! `DELETE /api/v1/organizations/{id}/members/{userId}`: deactivates a member. The membership stays, so that the records that the member
//! made keep their author; a patch with `"active": true` restores access.

use loggia_domain::id::{OrganizationId, UserId};
use loggia_domain::user::MemberPatch;

use super::update::run;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId, MemberPatch), Problem> {
    request.checked()?;
    let patch = MemberPatch { active: Some(false), ..MemberPatch::default() };
    Ok((request.id(OrganizationId::parse)?, request.user_in_path(), patch))
}
