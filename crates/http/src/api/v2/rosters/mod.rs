//! A project's members.

pub(crate) mod add;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod update;

use loggia_domain::policy::Action;
use loggia_domain::roster::MAX_BATCH;

use crate::api::v2::envelope::{Envelope, PAGES};
use crate::api::v2::projects::view::MembershipJson;
use crate::operation::Operation;
use crate::operation::description::{Body, BodyRule, JSON, Success, Tag, ok, one_or_list, patch, schema_of};
use crate::operation::first_read::Prediction;
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const ADDED: SchemaOf = one_or_list::<MembershipJson<'static>>;

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/v2/projects/{node_id}/members",
    action: Some(Action::ReadRoster),
    summary: "List a project's members",
    id: "listProjectMembers",
    tag: Tag::Projects,
    description: "Lists the members of a project. Requires a member of the project: an admin of the scope who is not on the roster gets 403.",
    answers: &[ok("A page.", schema_of::<Envelope<MembershipJson<'static>>>)],
    refusals: &[Code::FORBIDDEN],
    parameters: PAGES,
    first_read: Prediction::ProjectStanding,
    ..Operation::BARE
};

pub(crate) static ADD: Operation = Operation {
    method: "POST",
    path: "/v2/projects/{node_id}/add-member",
    action: Some(Action::ManageRoster),
    summary: "Add members to a project",
    id: "addProjectMembers",
    tag: Tag::Projects,
    description: "Adds one member, or an array of members: an object returns an object, and an array returns an array in the same order; either all or none are added. Requires an admin of the project. A user who is not an active member of the scope gets 404, and a user who is already on the roster gets 400; both errors contain the index. Send the user's id as `user_node_id`; `member_id` is rejected.",
    body: Some(Body {
        rule: BodyRule::Json,
        name: "NewProjectMember",
        shape: add::person,
        many: Some(MAX_BATCH),
    }),
    answers: &[Success {
        status: 201,
        description: "The new membership or memberships.",
        content: Some((JSON, ADDED)),
        headers: &[],
    }],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::ALREADY_A_MEMBER],
    ..Operation::BARE
};

pub(crate) static REMOVE: Operation = Operation {
    method: "PATCH",
    path: "/v2/projects/{node_id}/remove-member",
    action: Some(Action::ManageRoster),
    summary: "Remove a member from a project",
    id: "removeProjectMember",
    tag: Tag::Projects,
    description: "Removes a member from the roster. Requires an admin of the project. Send the user's node id as `member_node_id` or `user_node_id`, or as both with equal values. The checks are, in this order: the project (404), the caller (403), the user (404), the caller's own id (400), not on the roster (400), an admin of the project by its roster or by its scope (400). The member's open tasks in the project become unassigned; done and cancelled tasks keep their assignee.",
    body: patch("ProjectMemberRemoval", remove::body),
    answers: &[ok("The former membership.", schema_of::<remove::Removed<'static>>)],
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
    method: "PATCH",
    path: "/v2/projects/{node_id}/members/{user_node_id}",
    action: Some(Action::ManageRoster),
    summary: "Update a project member's role",
    id: "updateProjectMember",
    tag: Tag::Projects,
    description: "Updates the role of a member on the roster. Requires an admin of the project. The last admin of a roster cannot be demoted (409).",
    body: patch("ProjectMemberPatch", update::body),
    answers: &[ok("The updated membership.", schema_of::<MembershipJson<'static>>)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    ..Operation::BARE
};

pub(crate) static LEAVE: Operation = Operation {
    method: "DELETE",
    path: "/v2/projects/{node_id}/members/me",
    action: Some(Action::LeaveRoster),
    summary: "Leave a project",
    id: "leaveProject",
    tag: Tag::Projects,
    description: "Removes the caller from the project's roster. An admin, whom `remove-member` refuses to remove, can leave too, but not the roster's last one (409). The caller's open tasks in the project become unassigned; done and cancelled tasks keep their assignee. A caller who sees the project but is not on its roster gets 404 `USER_NOT_FOUND`.",
    answers: &[ok("The former membership.", schema_of::<remove::Removed<'static>>)],
    refusals: &[Code::USER_NOT_FOUND, Code::LAST_ADMIN],
    ..Operation::BARE
};
