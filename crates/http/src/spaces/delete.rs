//! `DELETE /api/v1/spaces/{id}`

use std::collections::BTreeMap;

use loggia_domain::id::SpaceId;
use loggia_domain::port::Includes;

use super::data;
use super::get::show;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::conditional::or_current_tag;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(SpaceId::parse)?;
    let deleted = call.expecting().delete_space(id).await;
    let space = or_current_tag(deleted, show(&call, id, Includes::default())).await?;
    call.notes.organization(space.scope.organization());
    Answer::ok(&data(BTreeMap::<(), ()>::new()))
}
