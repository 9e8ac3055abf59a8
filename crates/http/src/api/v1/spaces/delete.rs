//! `DELETE /api/v1/spaces/{id}`

use std::collections::BTreeMap;

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;

use super::get::show;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::preconditions::or_current_tag;
use crate::pipeline::request::Request;
use crate::problem::Problem;
use crate::wire::response::{Answer, Reply};

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<SpaceId, Problem> {
    request.checked()?;
    request.id(SpaceId::parse)
}

async fn run(id: SpaceId, call: Call) -> Reply {
    let deleted = call.expecting().delete_space(id).await;
    let space = or_current_tag(deleted, show(&call, id, Includes::default())).await?;
    call.notes.organization(space.scope.organization());
    Answer::ok(&data(BTreeMap::<(), ()>::new()))
}
