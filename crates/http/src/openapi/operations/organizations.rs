//! Organizations, and the caller.

use crate::openapi::headers::Header;
use crate::openapi::operation::{Link, SchemaOf, Success, created, data, list, ok, one};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::spaces::me::MeJson;
use crate::spaces::organizations::OwnOrganizationJson;
use crate::spaces::permissions::PermissionsJson;
use crate::spaces::{organizations_create, organizations_update};

const ORGANIZATION: SchemaOf = data::<OwnOrganizationJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("id", "$response.body#/data/id")];

pub(crate) static ME: Operation = Operation {
    id: "getMe",
    tag: Tag::Spaces,
    description: "The user and the key of the call, what the key may be used for, and which scopes it opens: the default scope, the personal one, and a page of the organizations, by id.",
    answers: &[ok("Who calls.", data::<MeJson<'static>>).with(&[Header::Link])],
    ..Operation::BARE
};

pub(crate) static PERMISSIONS: Operation = Operation {
    id: "getPermissions",
    tag: Tag::Spaces,
    description: "What the caller may do in a scope, with a project or with a space: one of the three parameters, or none for the default scope. The answer goes by the same policy as the calls themselves.",
    answers: &[ok("Every action there is, and whether it is allowed.", data::<PermissionsJson>)],
    refusals: &[Code::NO_ACCESS_TO_ORGANIZATION, Code::NOT_FOUND],
    ..Operation::BARE
};

pub(crate) static LIST: Operation = Operation {
    id: "listOrganizations",
    tag: Tag::Spaces,
    description: "The organizations in which the caller is an active member, with the role there, by id: in the order of their creation. A key that is confined to one shows that one.",
    answers: &[ok("A part of them.", list::<OwnOrganizationJson<'static>>).with(&[Header::Link])],
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
    description: "The caller becomes its admin. Needs a key that is not confined to one organization; an instance may leave the making of organizations to its operator.",
    body: one("NewOrganization", organizations_create::body),
    answers: &[created("It was made.", ORGANIZATION)],
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
    description: "Its active members see it.",
    answers: &[ok("The organization, and the caller's role in it.", ORGANIZATION)],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateOrganization",
    tag: Tag::Spaces,
    description: "Its admins rename it.",
    body: one("OrganizationPatch", organizations_update::body),
    answers: &[ok("The organization as it is now.", ORGANIZATION)],
    refusals: &[Code::FORBIDDEN],
    record: true,
    ..Operation::BARE
};

pub(crate) static LEAVE: Operation = Operation {
    id: "leaveOrganization",
    tag: Tag::Spaces,
    description: "Ends the caller's own membership, as a deactivation by an admin does: access at once, with any of the caller's keys, and every place on a roster. Open tasks there become unassigned. The caller stays readable as the author of what they made. An admin can make the membership active again; no API key from before opens the organization then. The last active admin stays (409). A second request finds no organization (404).",
    answers: &[Success { status: 204, description: "The caller has left.", content: None, headers: &[] }],
    refusals: &[Code::LAST_ADMIN],
    ..Operation::BARE
};
