//! Projects.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use loggia_domain::policy::Action;

use self::view::ProjectJson;
use crate::api::v2::envelope::{Envelope, ORGANIZATION};
use crate::operation::description::{Link, Success, Tag, created, json, ok, optional_patch, schema_of};
use crate::operation::first_read::Prediction;
use crate::operation::{Operation, Subject};
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const PROJECT: SchemaOf = schema_of::<ProjectJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("node_id", "$response.body#/node_id")];

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/v2/projects",
    action: Some(Action::ListProjects),
    summary: "List projects",
    id: "listProjects",
    tag: Tag::Projects,
    description: "Lists the projects of one scope that the caller may see. A page past the end is empty; a page that would begin beyond row 10 000 is rejected: continue with `cursor`.",
    answers: &[ok("A page.", schema_of::<Envelope<ProjectJson<'static>>>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION],
    links: &[Link {
        name: "first",
        operation: "getProject",
        parameters: &[("node_id", "$response.body#/result/0/node_id")],
    }],
    parameters: list::PARAMETERS,
    first_read: Prediction::RoleInScope(&ORGANIZATION),
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/v2/projects",
    action: Some(Action::CreateProject),
    summary: "Create a project",
    id: "createProject",
    tag: Tag::Projects,
    description: "Creates a project, whose roster the caller joins as admin. Requires an admin of the scope. `start_date` must not be after `end_date`; they may be equal.",
    body: json("NewProject", create::body),
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
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/v2/projects/{node_id}",
    action: Some(Action::ReadProject),
    summary: "Get a project",
    id: "getProject",
    tag: Tag::Projects,
    description: "Returns a project. Every member of its scope may see it, or, if it is private, its roster and the scope's admins.",
    answers: &[ok("The project.", PROJECT)],
    first_read: Prediction::Project,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static GET_UNVERSIONED: Operation = Operation {
    method: "GET",
    path: "/projects/{node_id}",
    action: Some(Action::ReadProject),
    summary: "Get a project",
    id: "getProjectUnversioned",
    description: "Is the same as `GET /v2/projects/{node_id}`, for clients that use this path.",
    ..GET
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/v2/projects/{node_id}",
    action: Some(Action::UpdateProject),
    summary: "Update a project",
    id: "updateProject",
    tag: Tag::Projects,
    description: "Updates a project. Requires an admin of the project: an admin of the scope or of the roster. The dates are validated as they are after the change. An absent body or `{}` gets 204, and nothing is written.",
    body: optional_patch("ProjectPatch", update::body),
    answers: &[
        ok("The updated project.", PROJECT),
        Success { status: 204, description: "The request changed nothing.", content: None, headers: &[] },
    ],
    refusals: &[Code::FORBIDDEN],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static UPDATE_WITH_SLASH: Operation = Operation {
    method: "PATCH",
    path: "/v2/projects/{node_id}/",
    action: Some(Action::UpdateProject),
    summary: "Update a project",
    id: "updateProjectWithSlash",
    description: "Is the same as `PATCH /v2/projects/{node_id}`, for clients that end the path with `/`; there is no redirect.",
    body: optional_patch("ProjectPatch", update::body),
    ..UPDATE
};

pub(crate) static DELETE: Operation = Operation {
    method: "DELETE",
    path: "/v2/projects/{node_id}",
    action: Some(Action::DeleteProject),
    summary: "Delete a project",
    id: "deleteProject",
    tag: Tag::Projects,
    description: "Deletes a project with its roster and tasks, and clears the `projectId` of its spaces, in one transaction. Requires an admin of the scope.",
    answers: &[ok("Deleted.", schema_of::<delete::Removed<'static>>)],
    refusals: &[Code::FORBIDDEN],
    subject: Subject::RemovedRecord,
    ..Operation::BARE
};
