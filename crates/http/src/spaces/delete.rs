//! `DELETE /api/v1/spaces/{id}`

use std::collections::BTreeMap;

use loggia_domain::id::SpaceId;

use super::data;
use crate::answer::{Answer, Reply};
use crate::call::Call;

pub(crate) async fn handle(mut call: Call) -> Reply {
    call.checked()?;
    let id = call.id(SpaceId::parse)?;
    let space = call.loggia().delete_space(&call.caller, id).await?;
    call.notes.organization(space.scope.organization());
    Answer::ok(&data(BTreeMap::<(), ()>::new()))
}
