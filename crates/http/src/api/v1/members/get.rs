//! `GET /api/v1/organizations/{id}/members/{userId}`

use loggia_domain::id::{OrganizationId, UserId};

use super::view::OrganizationMemberJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<(OrganizationId, UserId), Problem> {
    request.checked()?;
    Ok((request.id(OrganizationId::parse)?, request.user_in_path()))
}

async fn run((id, user): (OrganizationId, UserId), call: Call) -> Reply {
    show(&call, id, user).await
}

/// Shows the member as they are now.
pub(super) async fn show(call: &Call, id: OrganizationId, user: UserId) -> Reply {
    let member = call.acting().member(id, user).await?;
    call.notes.organization(Some(id));
    Answer::record(member.revision, &data(OrganizationMemberJson::from(&member)))
}
