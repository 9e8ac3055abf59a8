//! Organizations.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use loggia_domain::policy::Action;

use self::view::OwnOrganizationJson;
use crate::api::v1::pages;
use crate::operation::description::{Link, Success, Tag, created, data, json, list, ok, patch};
use crate::operation::first_read::Prediction;
use crate::operation::response_header::Header;
use crate::operation::{Operation, Subject};
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const ORGANIZATION: SchemaOf = data::<OwnOrganizationJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("id", "$response.body#/data/id")];

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations",
    action: Some(Action::ListOrganizations),
    summary: "List organizations of the current user",
    id: "listOrganizations",
    tag: Tag::Spaces,
    description: "Lists the organizations of which the caller is an active member, with the caller's role, by id, that is, in the order of their creation. A key that is confined to one organization lists only that one.",
    answers: &[ok("One page of the list.", list::<OwnOrganizationJson<'static>>).with(&[Header::Link])],
    links: &[Link {
        name: "first",
        operation: "getOrganization",
        parameters: &[("id", "$response.body#/data/0/id")],
    }],
    parameters: pages::LIMIT_AND_CURSOR,
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations",
    action: Some(Action::CreateOrganization),
    summary: "Create an organization",
    id: "createOrganization",
    tag: Tag::Spaces,
    description: "Creates an organization, whose admin the caller becomes. Requires a key that is not confined to one organization. An instance may reserve the creation of organizations to its operator.",
    body: json("NewOrganization", create::body),
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
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations/{id}",
    action: Some(Action::ReadOrganization),
    summary: "Get an organization",
    id: "getOrganization",
    tag: Tag::Spaces,
    description: "Returns an organization. Requires an active member.",
    answers: &[ok("The organization, and the caller's role in it.", ORGANIZATION)],
    first_read: Prediction::RoleInOrganization,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/api/v1/organizations/{id}",
    action: Some(Action::UpdateOrganization),
    summary: "Rename an organization",
    id: "updateOrganization",
    tag: Tag::Spaces,
    description: "Renames an organization. Requires an admin of the organization.",
    body: patch("OrganizationPatch", update::body),
    answers: &[ok("The updated organization.", ORGANIZATION)],
    refusals: &[Code::FORBIDDEN],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static LEAVE: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/me/organizations/{id}",
    action: Some(Action::LeaveOrganization),
    summary: "Leave an organization",
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
