//! Organizations, and the caller.

use super::get::OwnOrganizationJson;
use super::{create, update};
use crate::api::v1::me;
use crate::api::v1::me::get::{MeJson, UserJson};
use crate::api::v1::permissions::get::PermissionsJson;
use crate::document::openapi::headers::Header;
use crate::operation::description::{Link, Operation, SchemaOf, Success, Tag, created, data, list, ok, one};
use crate::problem::Code;

const ORGANIZATION: SchemaOf = data::<OwnOrganizationJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("id", "$response.body#/data/id")];

pub(crate) static ME: Operation = Operation {
    id: "getMe",
    tag: Tag::Spaces,
    description: "Returns the user and the key of the request, the key's abilities, and the scopes that it can access: the default scope, the personal scope, and a page of the organizations, by id.",
    answers: &[ok("The user and the key of the request.", data::<MeJson<'static>>).with(&[Header::Link])],
    ..Operation::BARE
};

pub(crate) static UPDATE_ME: Operation = Operation {
    id: "updateMe",
    tag: Tag::Spaces,
    description: "Updates the name and the picture of the caller's account. Every organization of which the caller is an active member shows the change; a former organization keeps the profile that it knew. Usernames, employee numbers and roles belong to the organizations, and the operator of the instance changes the e-mail address. Requires a key that is not confined to one organization.",
    body: one("OneselfPatch", me::update::body),
    answers: &[ok("The updated user, as `GET /api/v1/me` shows them.", data::<UserJson<'static>>)],
    refusals: &[Code::KEY_IS_CONFINED],
    ..Operation::BARE
};

pub(crate) static PERMISSIONS: Operation = Operation {
    id: "getPermissions",
    tag: Tag::Spaces,
    description: "Returns what the caller may do in a scope, with a project or with a space: send one of the three parameters, or none for the default scope. The response follows the same policy as the requests themselves.",
    answers: &[ok("Every action, and whether it is allowed.", data::<PermissionsJson>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION, Code::NOT_FOUND],
    ..Operation::BARE
};

pub(crate) static LIST: Operation = Operation {
    id: "listOrganizations",
    tag: Tag::Spaces,
    description: "Lists the organizations of which the caller is an active member, with the caller's role, by id, that is, in the order of their creation. A key that is confined to one organization lists only that one.",
    answers: &[ok("One page of the list.", list::<OwnOrganizationJson<'static>>).with(&[Header::Link])],
    links: &[Link {
        name: "first",
        operation: "getOrganization",
        parameters: &[("id", "$response.body#/data/0/id")],
    }],
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    id: "createOrganization",
    tag: Tag::Spaces,
    description: "Creates an organization, whose admin the caller becomes. Requires a key that is not confined to one organization. An instance may reserve the creation of organizations to its operator.",
    body: one("NewOrganization", create::body),
    answers: &[created("Created.", ORGANIZATION)],
    refusals: &[
        Code::FORBIDDEN,
        Code::KEY_IS_CONFINED,
        Code::ORGANIZATION_CREATION_CLOSED,
        Code::TOO_MANY_ORGANIZATIONS,
    ],
    links: &[
        Link { name: "get", operation: "getOrganization", parameters: FROM_ONE },
        Link { name: "update", operation: "updateOrganization", parameters: FROM_ONE },
        Link { name: "members", operation: "listMembers", parameters: FROM_ONE },
        Link { name: "addMembers", operation: "addMembers", parameters: FROM_ONE },
    ],
    record: true,
};

pub(crate) static GET: Operation = Operation {
    id: "getOrganization",
    tag: Tag::Spaces,
    description: "Returns an organization. Requires an active member.",
    answers: &[ok("The organization, and the caller's role in it.", ORGANIZATION)],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateOrganization",
    tag: Tag::Spaces,
    description: "Renames an organization. Requires an admin of the organization.",
    body: one("OrganizationPatch", update::body),
    answers: &[ok("The updated organization.", ORGANIZATION)],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};

pub(crate) static LEAVE: Operation = Operation {
    id: "leaveOrganization",
    tag: Tag::Spaces,
    description: "Ends the caller's own membership, as a deactivation by an admin does: all of the caller's keys lose access to the organization at once, and the caller is removed from all of its rosters. The caller's open tasks there become unassigned. The caller stays readable as the author of existing records. An account joins again by accepting an invitation; other API keys from before stay without access. A key that is confined to the organization cannot leave it (403 `KEY_IS_CONFINED`), so the organization's own people and machines do not. The last active admin cannot leave (409). A second request gets 404.",
    answers: &[Success {
        status: 204,
        description: "The caller left the organization.",
        content: None,
        headers: &[],
    }],
    refusals: &[Code::KEY_IS_CONFINED, Code::LAST_ADMIN],
    ..Operation::BARE
};
