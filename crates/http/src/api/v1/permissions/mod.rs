//! The permissions of the current user.

pub(crate) mod get;

use loggia_domain::policy::Action;

use self::get::{PROJECT, PermissionsJson, SPACE};
use crate::api::v1::pages::ORGANIZATION;
use crate::operation::Operation;
use crate::operation::description::{Tag, data, ok};
use crate::operation::first_read::Prediction;
use crate::problem::Code;

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/api/v1/me/permissions",
    action: Some(Action::ReadPermissions),
    summary: "Get the permissions of the current user",
    id: "getPermissions",
    tag: Tag::Spaces,
    description: "Returns what the caller may do in a scope, with a project or with a space: send one of the three parameters, or none for the default scope. The response follows the same policy as the requests themselves.",
    answers: &[ok("Every action, and whether it is allowed.", data::<PermissionsJson>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION, Code::NOT_FOUND],
    parameters: get::PARAMETERS,
    first_read: Prediction::Permissions { scope: &ORGANIZATION, project: &PROJECT, space: &SPACE },
    ..Operation::BARE
};
