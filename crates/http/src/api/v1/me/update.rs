//! `PATCH /api/v1/me`: the profile of the caller's account, which all of the caller's organizations show.

use loggia_domain::account::AccountPatch;
use loggia_domain::text::{AvatarUrl, PersonName};

use super::get::UserJson;
use crate::api::v1::data;
use crate::pipeline::call::Call;
use crate::pipeline::handler::handler;
use crate::pipeline::request::Request;
use crate::problem::validation::{ValidationErrors, ValueError};
use crate::problem::{FieldErrorCode, Problem};
use crate::wire::body::{Fields, text};
use crate::wire::response::{Answer, Reply};
use crate::wire::schema::Shape;

handler!(parse, run);

fn parse(request: &mut Request<'_>) -> Result<AccountPatch, Problem> {
    request.object(read)
}

async fn run(patch: AccountPatch, call: Call) -> Reply {
    let (user, member) = call.acting().change_own_profile(patch).await?;
    Answer::ok(&data(UserJson::new(&user, member.as_ref())))
}

/// Returns the shape of the body, as [`read`] reads it.
pub(crate) fn body() -> Shape {
    Fields::describing(read)
}

fn read(body: &mut Fields<'_>, errors: &mut ValidationErrors) -> Option<AccountPatch> {
    let first_name = body.optional(errors, "firstName", text(PersonName::parse));
    let last_name = body.optional(errors, "lastName", text(PersonName::parse));
    let avatar = body.nullable(errors, "avatar", text(AvatarUrl::parse));
    let error =
        ValueError::new(FieldErrorCode::IMMUTABLE, "can be changed by the operator of this instance only");
    body.refuse(errors, "email", error);
    Some(AccountPatch { email: None, first_name: first_name?, last_name: last_name?, avatar: avatar? })
}
