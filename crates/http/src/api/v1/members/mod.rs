//! An organization's members.

pub(crate) mod add;
pub(crate) mod deactivate;
pub(crate) mod erase;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;
pub(crate) mod view;

use loggia_domain::policy::Action;
use loggia_domain::roster::MAX_BATCH;

use self::view::OrganizationMemberJson;
use crate::operation::description::{
    Body, BodyRule, Link, Tag, created, data, data_one_or_list, list, ok, patch,
};
use crate::operation::first_read::Prediction;
use crate::operation::response_header::Header;
use crate::operation::{Operation, Subject};
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const MEMBER: SchemaOf = data::<OrganizationMemberJson<'static>>;

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations/{id}/members",
    action: Some(Action::ReadMembers),
    summary: "List an organization's members",
    id: "listMembers",
    tag: Tag::Spaces,
    description: "Lists the organization's members, including deactivated ones.",
    answers: &[ok("One page of the list.", list::<OrganizationMemberJson<'static>>)
        .with(&[Header::Link, Header::TotalCount])],
    refusals: &[Code::FORBIDDEN],
    links: &[Link {
        name: "first",
        operation: "getMember",
        parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/0/id")],
    }],
    parameters: list::PARAMETERS,
    first_read: Prediction::RoleInOrganization,
    ..Operation::BARE
};

pub(crate) static ADD: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations/{id}/members",
    action: Some(Action::ManageMembers),
    summary: "Add members to an organization",
    id: "addMembers",
    tag: Tag::Spaces,
    description: "Creates one of the organization's own people or machines, or an array of them: an object returns an object, and an array returns an array in the same order; either all or none are created. Requires an admin of the organization. A user created here belongs to the organization and reaches nothing else; the address must differ from those of the organization's other own people. Accounts are invited instead. `Location` and `ETag` are sent for a single member only.",
    body: Some(Body { rule: BodyRule::Json, name: "NewMember", shape: add::person, many: Some(MAX_BATCH) }),
    answers: &[created(
        "The new membership or memberships.",
        data_one_or_list::<OrganizationMemberJson<'static>>,
    )],
    refusals: &[Code::FORBIDDEN, Code::ALREADY_A_MEMBER, Code::USERNAME_TAKEN, Code::EMPLOYEE_NUMBER_TAKEN],
    links: &[
        Link {
            name: "get",
            operation: "getMember",
            parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/id")],
        },
        Link {
            name: "update",
            operation: "updateMember",
            parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/id")],
        },
        Link {
            name: "keys",
            operation: "listMemberApiKeys",
            parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/id")],
        },
        Link {
            name: "createKey",
            operation: "createMemberApiKey",
            parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/id")],
        },
        Link {
            name: "deactivate",
            operation: "deactivateMember",
            parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/id")],
        },
    ],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static GET: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations/{id}/members/{userId}",
    action: Some(Action::ReadMembers),
    summary: "Get a member of an organization",
    id: "getMember",
    tag: Tag::Spaces,
    description: "Returns a user's membership in the organization, with the profile shown there.",
    answers: &[ok("The member.", MEMBER)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    first_read: Prediction::RoleInOrganization,
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    method: "PATCH",
    path: "/api/v1/organizations/{id}/members/{userId}",
    action: Some(Action::ManageMembers),
    summary: "Update a member of an organization",
    id: "updateMember",
    tag: Tag::Spaces,
    description: "Updates a member's role and profile, and reactivates a member with `\"active\": true`. Requires an admin of the organization. API keys from before a deactivation stay without access: a reactivated member needs a new key, which an admin creates. The names, the picture and the address of an account are its own, and an account joins again by accepting an invitation only. `kind` cannot be changed. The last active admin cannot be demoted (409).",
    body: patch("MemberPatch", update::body),
    answers: &[ok("The updated member.", MEMBER)],
    refusals: &[
        Code::FORBIDDEN,
        Code::USER_NOT_FOUND,
        Code::BELONGS_TO_ACCOUNT,
        Code::INVITATION_REQUIRED,
        Code::EMAIL_TAKEN,
        Code::USERNAME_TAKEN,
        Code::EMPLOYEE_NUMBER_TAKEN,
        Code::MEMBER_ERASED,
        Code::LAST_ADMIN,
    ],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static DEACTIVATE: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/organizations/{id}/members/{userId}",
    action: Some(Action::ManageMembers),
    summary: "Deactivate a member of an organization",
    id: "deactivateMember",
    tag: Tag::Spaces,
    description: "Deactivates a member, who loses access at once and is removed from every roster. The member stays readable as the author of existing records. The last active admin cannot be deactivated (409).",
    answers: &[ok("The updated member.", MEMBER).with(&[Header::ETag])],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::MEMBER_ERASED, Code::LAST_ADMIN],
    subject: Subject::Record,
    ..Operation::BARE
};

pub(crate) static ERASE: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations/{id}/members/{userId}/erase",
    action: Some(Action::EraseMember),
    summary: "Erase a person of an organization",
    id: "eraseMember",
    tag: Tag::Spaces,
    description: "Erases a person or a machine that belongs to the organization, for good. Requires an admin of the organization. The user loses access at once, is removed from every roster, and loses all API keys, with the keys that these have created. The e-mail address, the names and every other field of the profile are erased, also in the log of events; the address can be given to another person. What the user made stays, with `Deleted user` as its author; so do the labels of the user's API keys. Accounts belong to their person and are refused (403). The last active admin cannot be erased (409). Erasing a user again returns the same response. The stored response of an earlier request with an `Idempotency-Key` keeps the profile for at most 24 hours.",
    answers: &[ok("The erased member.", MEMBER)],
    refusals: &[Code::FORBIDDEN, Code::BELONGS_TO_ACCOUNT, Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    ..Operation::BARE
};
