//! Projects.

use crate::openapi::operation::{Link, SchemaOf, Success, created, of, ok, one};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::projects::envelope::Envelope;
use crate::projects::view::ProjectJson;
use crate::projects::{create, delete, update};

const PROJECT: SchemaOf = of::<ProjectJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("node_id", "$response.body#/node_id")];

pub(crate) static LIST: Operation = Operation {
    id: "listProjects",
    tag: Tag::Projects,
    description: "The projects of one scope that the caller sees. A page past the end is empty; one that would begin beyond row 10 000 is refused: go on with `cursor`.",
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
    description: "Admins of the scope open projects, and join the roster as admin. `start_date` must not be after `end_date`; they may be the same.",
    body: one("NewProject", create::body),
    answers: &[created("It was opened.", PROJECT)],
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
    description: "Who sees a project: every member of its scope, or, if it is private, its roster and the scope's admins.",
    answers: &[ok("The project.", PROJECT)],
    record: true,
    ..Operation::BARE
};

pub(crate) static GET_UNVERSIONED: Operation = Operation {
    id: "getProjectUnversioned",
    description: "The same as `GET /v2/projects/{node_id}`, for clients that know this path.",
    ..copy(&GET)
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateProject",
    tag: Tag::Projects,
    description: "Admins of the project change it: the scope's, and those on its roster. The dates are checked as they are together after the change. No body, or `{}`, is 204, and nothing is written.",
    body: one("ProjectPatch", update::body),
    answers: &[
        ok("The project as it is now.", PROJECT),
        Success { status: 204, description: "There was nothing to change.", content: None, headers: &[] },
    ],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE_WITH_SLASH: Operation = Operation {
    id: "updateProjectWithSlash",
    description: "The same as `PATCH /v2/projects/{node_id}`, for clients that end the path with `/`; there is no redirect.",
    body: one("ProjectPatch", update::body),
    ..copy(&UPDATE)
};

pub(crate) static DELETE: Operation = Operation {
    id: "deleteProject",
    tag: Tag::Projects,
    description: "Admins of the scope delete projects. The roster and the tasks go with it, spaces lose their `projectId`, all or nothing.",
    answers: &[ok("It is gone.", of::<delete::Removed<'static>>)],
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
