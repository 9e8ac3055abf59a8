//! Spaces.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::openapi::headers::Header;
use crate::openapi::operation::{Link, SchemaOf, created, data, list, ok, one};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::spaces::view::SpaceJson;
use crate::spaces::{create, update};

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
    description: "The spaces of one scope. The body is never more than `{\"data\": […]}`; where the list goes on is in `Link`.",
    answers: &[
        ok("A part of the list.", list::<SpaceJson<'static>>).with(&[Header::Link, Header::TotalCount])
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
    description: "Admins and members of the scope make spaces. `projectId` must be a project of the same scope that the caller can see; anything else is a 400, the same for what is not there and what is not theirs.",
    body: one("NewSpace", create::body),
    answers: &[created("It was made.", SPACE)],
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
    description: "Every member of its scope sees a space; a personal one is its user's alone.",
    answers: &[ok("The space.", SPACE)],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateSpace",
    tag: Tag::Spaces,
    description: "Admins and members of the scope change spaces. Its scope is fixed: `organizationId` is refused. `{}` changes nothing and answers 200.",
    body: one("SpacePatch", update::body),
    answers: &[ok("The space as it is now.", SPACE)],
    refusals: &[Code::FORBIDDEN],
    links: &[Link { name: "get", operation: "getSpace", parameters: FROM_ONE }],
    record: true,
};

pub(crate) static DELETE: Operation = Operation {
    id: "deleteSpace",
    tag: Tag::Spaces,
    description: "Admins and members of the scope delete spaces.",
    answers: &[ok("It is gone.", deleted)],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};
