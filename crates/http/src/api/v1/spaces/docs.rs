//! Spaces.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::view::SpaceJson;
use super::{create, update};
use crate::document::openapi::headers::Header;
use crate::operation::description::{Link, Operation, SchemaOf, Tag, created, data, list, ok, one};
use crate::problem::Code;

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
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    id: "createSpace",
    tag: Tag::Spaces,
    description: "Creates a space. Requires an admin or member of the scope. `projectId` must be a project of the same scope that the caller can see; any other id gets 400, whether or not the project exists.",
    body: one("NewSpace", create::body),
    answers: &[created("Created.", SPACE)],
    refusals: &[Code::FORBIDDEN, Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[
        Link { name: "get", operation: "getSpace", parameters: FROM_ONE },
        Link { name: "update", operation: "updateSpace", parameters: FROM_ONE },
        Link { name: "delete", operation: "deleteSpace", parameters: FROM_ONE },
    ],
    record: true,
};

pub(crate) static GET: Operation = Operation {
    id: "getSpace",
    tag: Tag::Spaces,
    description: "Returns a space. Every member of its scope may see it; a personal space is visible only to its user.",
    answers: &[ok("The space.", SPACE)],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateSpace",
    tag: Tag::Spaces,
    description: "Updates a space. Requires an admin or member of the scope. The scope cannot be changed: `organizationId` is rejected. `{}` changes nothing and gets 200.",
    body: one("SpacePatch", update::body),
    answers: &[ok("The updated space.", SPACE)],
    refusals: &[Code::FORBIDDEN],
    links: &[Link { name: "get", operation: "getSpace", parameters: FROM_ONE }],
    record: true,
};

pub(crate) static DELETE: Operation = Operation {
    id: "deleteSpace",
    tag: Tag::Spaces,
    description: "Deletes a space. Requires an admin or member of the scope.",
    answers: &[ok("Deleted.", deleted)],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};
