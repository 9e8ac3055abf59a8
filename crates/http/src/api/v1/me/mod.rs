//! The current user.

pub(crate) mod get;
pub(crate) mod update;

use loggia_domain::policy::Action;

use self::get::{MeJson, UserJson};
use crate::api::v1::pages;
use crate::operation::Operation;
use crate::operation::description::{Tag, data, ok, patch};
use crate::operation::response_header::Header;
use crate::problem::Code;

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/api/v1/me",
    action: Some(Action::ReadMe),
    summary: "Get the current user and API key",
    id: "getMe",
    tag: Tag::Spaces,
    description: "Returns the user and the key of the request, the key's abilities, and the scopes that it can access: the default scope, the personal scope, and a page of the organizations, by id.",
    answers: &[ok("The user and the key of the request.", data::<MeJson<'static>>).with(&[Header::Link])],
    parameters: pages::LIMIT_AND_CURSOR,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/api/v1/me",
    action: Some(Action::UpdateMe),
    summary: "Update the profile of the current user",
    id: "updateMe",
    tag: Tag::Spaces,
    description: "Updates the name and the picture of the caller's account. Every organization of which the caller is an active member shows the change; a former organization keeps the profile that it knew. Usernames, employee numbers and roles belong to the organizations, and the operator of the instance changes the e-mail address. Requires a key that is not confined to one organization.",
    body: patch("OneselfPatch", update::body),
    answers: &[ok("The updated user, as `GET /api/v1/me` shows them.", data::<UserJson<'static>>)],
    refusals: &[Code::KEY_IS_CONFINED],
    ..Operation::BARE
};
