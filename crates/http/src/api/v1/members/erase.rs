//! `POST /api/v1/organizations/{id}/members/{userId}/erase`: erases a person or a machine that belongs to the organization. The
//! membership stays, so that records keep their author, who has no name any more.

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
    let erased = call.acting().erase_member(id, user).await?;
    call.notes.organization(Some(id));
    Answer::ok(&data(OrganizationMemberJson::from(&erased)))
}
