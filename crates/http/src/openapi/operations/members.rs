//! Members of organizations.

use loggia_domain::roster::MAX_BATCH;

use crate::openapi::headers::Header;
use crate::openapi::operation::{Body, Link, SchemaOf, created, data, data_one_or_list, list, ok, one};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::spaces::view_member::OrganizationMemberJson;
use crate::spaces::{members_add, members_update};

const MEMBER: SchemaOf = data::<OrganizationMemberJson<'static>>;

pub(crate) static LIST: Operation = Operation {
    id: "listMembers",
    tag: Tag::Spaces,
    description: "Who has a place in the organization, also those who were deactivated.",
    answers: &[ok("A part of the list.", list::<OrganizationMemberJson<'static>>)
        .with(&[Header::Link, Header::TotalCount])],
    refusals: &[Code::FORBIDDEN],
    links: &[Link {
        name: "first",
        operation: "getMember",
        parameters: &[("id", "$request.path.id"), ("userId", "$response.body#/data/0/id")],
    }],
    ..Operation::BARE
};

pub(crate) static ADD: Operation = Operation {
    id: "addMembers",
    tag: Tag::Spaces,
    description: "The organization's admins add one person, or an array of them: an object in is an object out, an array in is an array out in that order, all or none. A person is found by e-mail address, or made; a machine has no address and is always made. `Location` and `ETag` are there for one alone.",
    body: Some(Body { name: "NewMember", shape: members_add::person, many: Some(MAX_BATCH) }),
    answers: &[created("They were added.", data_one_or_list::<OrganizationMemberJson<'static>>)],
    refusals: &[
        Code::FORBIDDEN,
        Code::ALREADY_A_MEMBER,
        Code::USERNAME_TAKEN,
        Code::EMPLOYEE_NUMBER_TAKEN,
        Code::USER_NOT_FOUND,
    ],
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
    record: true,
};

pub(crate) static GET: Operation = Operation {
    id: "getMember",
    tag: Tag::Spaces,
    description: "A user's place in the organization, with the profile shown there.",
    answers: &[ok("The member.", MEMBER)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    record: true,
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateMember",
    tag: Tag::Spaces,
    description: "The organization's admins change roles and profiles, and give access back by `\"active\": true`. No API key from before opens the organization again: a member who is active again needs a new one, which an admin issues. `kind` and `email` are the user's and not the organization's: they are refused. The last active admin stays one (409).",
    body: one("MemberPatch", members_update::body),
    answers: &[ok("The member as they are now.", MEMBER)],
    refusals: &[
        Code::FORBIDDEN,
        Code::USER_NOT_FOUND,
        Code::USERNAME_TAKEN,
        Code::EMPLOYEE_NUMBER_TAKEN,
        Code::LAST_ADMIN,
    ],
    record: true,
    ..Operation::BARE
};

pub(crate) static DEACTIVATE: Operation = Operation {
    id: "deactivateMember",
    tag: Tag::Spaces,
    description: "Takes access at once, and every place on a roster. The member stays readable as the author of what they made. The last active admin stays (409).",
    answers: &[ok("The member as they are now.", MEMBER).with(&[Header::ETag])],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    record: true,
    ..Operation::BARE
};
