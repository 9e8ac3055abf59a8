//! `PATCH /api/v1/me`: the profile of the caller's account, which all of the caller's organizations show.

use loggia_domain::account::AccountPatch;
use loggia_domain::text::{AvatarUrl, PersonName};

use super::data;
use super::me::UserJson;
use crate::answer::{Answer, Reply};
use crate::call::Call;
use crate::extract::body::{Fields, text};
use crate::fault::{Fault, FaultCode, Findings};
use crate::openapi::Shape;

pub(crate) async fn handle(mut call: Call) -> Reply {
    let patch = call.object(read)?;
    let (user, member) = call.acting().change_own_profile(patch).await?;
    Answer::ok(&data(UserJson::of(&user, member.as_ref())))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, findings: &mut Findings) -> Option<AccountPatch> {
    let first_name = body.optional(findings, "firstName", text(PersonName::parse));
    let last_name = body.optional(findings, "lastName", text(PersonName::parse));
    let avatar = body.nullable(findings, "avatar", text(AvatarUrl::parse));
    let fault = Fault::new(FaultCode::IMMUTABLE, "can be changed by the operator of this instance only");
    body.refuse(findings, "email", fault);
    Some(AccountPatch { email: None, first_name: first_name?, last_name: last_name?, avatar: avatar? })
}
