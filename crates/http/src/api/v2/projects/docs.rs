//! Projects.

use super::view::ProjectJson;
use super::{create, delete, update};
use crate::api::v2::envelope::Envelope;
use crate::operation::description::{Link, Operation, SchemaOf, Success, Tag, created, of, ok, one};
use crate::problem::Code;

const PROJECT: SchemaOf = of::<ProjectJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("node_id", "$response.body#/node_id")];

pub(crate) static LIST: Operation = Operation {
    id: "listProjects",
    tag: Tag::Projects,
    description: "Lists the projects of one scope that the caller may see. A page past the end is empty; a page that would begin beyond row 10 000 is rejected: continue with `cursor`.",
    answers: &[ok("A page.", of::<Envelope<ProjectJson<'static>>>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[Link {
        name: "first",
        operation: "getProject",
        parameters: &[("node_id", "$response.body#/result/0/node_id")],
    }],
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    id: "createProject",
    tag: Tag::Projects,
    description: "Creates a project, whose roster the caller joins as admin. Requires an admin of the scope. `start_date` must not be after `end_date`; they may be equal.",
    body: one("NewProject", create::body),
    answers: &[created("The created project.", PROJECT)],
    refusals: &[Code::FORBIDDEN, Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[
        Link { name: "get", operation: "getProject", parameters: FROM_ONE },
        Link { name: "update", operation: "updateProject", parameters: FROM_ONE },
        Link { name: "delete", operation: "deleteProject", parameters: FROM_ONE },
        Link { name: "members", operation: "listProjectMembers", parameters: FROM_ONE },
        Link { name: "addMembers", operation: "addProjectMembers", parameters: FROM_ONE },
        Link { name: "removeMember", operation: "removeProjectMember", parameters: FROM_ONE },
        Link { name: "createTask", operation: "createTask", parameters: FROM_ONE },
        Link { name: "getUnversioned", operation: "getProjectUnversioned", parameters: FROM_ONE },
    ],
    record: true,
};

pub(crate) static GET: Operation = Operation {
    id: "getProject",
    tag: Tag::Projects,
    description: "Returns a project. Every member of its scope may see it, or, if it is private, its roster and the scope's admins.",
    answers: &[ok("The project.", PROJECT)],
    record: true,
    ..Operation::BARE
};

pub(crate) static GET_UNVERSIONED: Operation = Operation {
    id: "getProjectUnversioned",
    description: "Is the same as `GET /v2/projects/{node_id}`, for clients that use this path.",
    ..copy(&GET)
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateProject",
    tag: Tag::Projects,
    description: "Updates a project. Requires an admin of the project: an admin of the scope or of the roster. The dates are validated as they are after the change. An absent body or `{}` gets 204, and nothing is written.",
    body: one("ProjectPatch", update::body),
    answers: &[
        ok("The updated project.", PROJECT),
        Success { status: 204, description: "The request changed nothing.", content: None, headers: &[] },
    ],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE_WITH_SLASH: Operation = Operation {
    id: "updateProjectWithSlash",
    description: "Is the same as `PATCH /v2/projects/{node_id}`, for clients that end the path with `/`; there is no redirect.",
    body: one("ProjectPatch", update::body),
    ..copy(&UPDATE)
};

pub(crate) static DELETE: Operation = Operation {
    id: "deleteProject",
    tag: Tag::Projects,
    description: "Deletes a project with its roster and tasks, and clears the `projectId` of its spaces, in one transaction. Requires an admin of the scope.",
    answers: &[ok("Deleted.", of::<delete::Removed<'static>>)],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};

/// Copies a description without its body, for another path to the same endpoint.
const fn copy(operation: &Operation) -> Operation {
    Operation {
        id: operation.id,
        tag: operation.tag,
        description: operation.description,
        body: None,
        answers: operation.answers,
        refusals: operation.refusals,
        links: operation.links,
        record: operation.record,
    }
}
