//! Spaces.

pub(crate) mod create;
pub(crate) mod delete;
mod fields;
pub(crate) mod get;
pub(crate) mod include;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use loggia_domain::policy::Action;
use schemars::{Schema, SchemaGenerator, json_schema};

use self::include::INCLUDE;
use self::view::SpaceJson;
use crate::api::v1::pages::ORGANIZATION;
use crate::operation::description::{Link, Tag, created, data, json, list, ok, patch};
use crate::operation::first_read::Prediction;
use crate::operation::response_header::Header;
use crate::operation::{Operation, Subject};
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const SPACE: SchemaOf = data::<SpaceJson<'static>>;

/// Returns the schema of the response to a deletion: an empty object.
fn deleted(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {"data": {"type": "object", "maxProperties": 0}},
        "required": ["data"],
    })
}

const FROM_ONE: &[(&str, &str)] = &[("id", "$response.body#/data/_id")];

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/spaces",
    action: Some(Action::ListSpaces),
    summary: "List spaces",
    id: "listSpaces",
    tag: Tag::Spaces,
    description: "Lists the spaces of one scope. The body is only `{\"data\": […]}`; `Link` contains the URLs of other pages.",
    answers: &[
        ok("One page of the list.", list::<SpaceJson<'static>>).with(&[Header::Link, Header::TotalCount])
    ],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[Link {
        name: "first",
        operation: "getSpace",
        parameters: &[("id", "$response.body#/data/0/_id")],
    }],
    parameters: list::PARAMETERS,
    first_read: Prediction::RoleInScope(&ORGANIZATION),
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/spaces",
    action: Some(Action::CreateSpace),
    summary: "Create a space",
    id: "createSpace",
    tag: Tag::Spaces,
    description: "Creates a space. Requires an admin or member of the scope. `projectId` must be a project of the same scope that the caller can see; any other id gets 400, whether or not the project exists.",
    body: json("NewSpace", create::body),
    answers: &[created("Created.", SPACE)],
    refusals: &[Code::FORBIDDEN, Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[
        Link { name: "get", operation: "getSpace", parameters: FROM_ONE },
        Link { name: "update", operation: "updateSpace", parameters: FROM_ONE },
        Link { name: "delete", operation: "deleteSpace", parameters: FROM_ONE },
    ],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/api/v1/spaces/{id}",
    action: Some(Action::ReadSpace),
    summary: "Get a space",
    id: "getSpace",
    tag: Tag::Spaces,
    description: "Returns a space. Every member of its scope may see it; a personal space is visible only to its user.",
    answers: &[ok("The space.", SPACE)],
    parameters: &[&INCLUDE.declaration],
    first_read: Prediction::Space { include: &INCLUDE },
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/api/v1/spaces/{id}",
    action: Some(Action::UpdateSpace),
    summary: "Update a space",
    id: "updateSpace",
    tag: Tag::Spaces,
    description: "Updates a space. Requires an admin or member of the scope. The scope cannot be changed: `organizationId` is rejected. `{}` changes nothing and gets 200.",
    body: patch("SpacePatch", update::body),
    answers: &[ok("The updated space.", SPACE)],
    refusals: &[Code::FORBIDDEN],
    links: &[Link { name: "get", operation: "getSpace", parameters: FROM_ONE }],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static DELETE: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/spaces/{id}",
    action: Some(Action::DeleteSpace),
    summary: "Delete a space",
    id: "deleteSpace",
    tag: Tag::Spaces,
    description: "Deletes a space. Requires an admin or member of the scope.",
    answers: &[ok("Deleted.", deleted)],
    refusals: &[Code::FORBIDDEN],
    subject: Subject::RemovedRecord,
    ..Operation::BARE
};
