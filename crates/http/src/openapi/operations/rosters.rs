//! Members of projects.

use loggia_domain::roster::MAX_BATCH;

use crate::openapi::operation::{Body, JSON, SchemaOf, Success, of, ok, one, one_or_list};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::projects::envelope::Envelope;
use crate::projects::view::MembershipJson;
use crate::projects::{members_add, members_remove, members_update};

const ADDED: SchemaOf = one_or_list::<MembershipJson<'static>>;

pub(crate) static LIST: Operation = Operation {
    id: "listProjectMembers",
    tag: Tag::Projects,
    description: "For members of the project only: even a scope's admin who is not on the roster is refused (403).",
    answers: &[ok("A page.", of::<Envelope<MembershipJson<'static>>>)],
    refusals: &[Code::FORBIDDEN],
    ..Operation::BARE
};

pub(crate) static ADD: Operation = Operation {
    id: "addProjectMembers",
    tag: Tag::Projects,
    description: "Admins of the project add one person, or an array of them: an object in is an object out, an array in is an array out in that order, all or none. Who is no active member of the scope is not found (404), who is on the roster already is a 400; both name the index. Name people by `user_node_id`; `member_id` is refused.",
    body: Some(Body { name: "NewProjectMember", shape: members_add::person, many: Some(MAX_BATCH) }),
    answers: &[Success {
        status: 201,
        description: "They were added.",
        content: Some((JSON, ADDED)),
        headers: &[],
    }],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::ALREADY_A_MEMBER],
    ..Operation::BARE
};

pub(crate) static REMOVE: Operation = Operation {
    id: "removeProjectMember",
    tag: Tag::Projects,
    description: "Admins of the project take somebody off its roster, named by the user's node id as `member_node_id` (or `user_node_id`; both may stand there if they are the same). Checked in this order: the project (404), the caller (403), the user (404), oneself (400), not on the roster (400), an admin of the project by its roster or by its scope (400). The person's open tasks in the project become unassigned; done and cancelled ones keep the name.",
    body: one("ProjectMemberRemoval", members_remove::body),
    answers: &[ok("The place as it was.", of::<members_remove::Removed<'static>>)],
    refusals: &[
        Code::FORBIDDEN,
        Code::USER_NOT_FOUND,
        Code::CANNOT_REMOVE_SELF,
        Code::NOT_A_MEMBER,
        Code::CANNOT_REMOVE_ADMIN,
    ],
    ..Operation::BARE
};

pub(crate) static UPDATE: Operation = Operation {
    id: "updateProjectMember",
    tag: Tag::Projects,
    description: "Admins of the project change roles on its roster. A roster keeps at least one admin (409).",
    body: one("ProjectMemberPatch", members_update::body),
    answers: &[ok("The place as it is now.", of::<MembershipJson<'static>>)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    ..Operation::BARE
};

pub(crate) static LEAVE: Operation = Operation {
    id: "leaveProject",
    tag: Tag::Projects,
    description: "Takes the caller off the project's roster, also an admin, whom nobody else can remove. The roster's last admin stays (409). The caller's open tasks in the project become unassigned; done and cancelled ones keep the name. A caller who sees the project and is not on its roster is not found there (404 `USER_NOT_FOUND`).",
    answers: &[ok("The place as it was.", of::<members_remove::Removed<'static>>)],
    refusals: &[Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    ..Operation::BARE
};
