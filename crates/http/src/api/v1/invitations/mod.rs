//! Invitations to an organization.

pub(crate) mod accept;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod resend;
pub(crate) mod view;
pub(crate) mod withdraw;

use loggia_domain::policy::Action;
use loggia_domain::roster::MAX_BATCH;

use self::view::{InvitationJson, IssuedInvitationJson};
use crate::api::v1::organizations::view::OwnOrganizationJson;
use crate::api::v1::pages;
use crate::operation::Operation;
use crate::operation::description::{
    Body, BodyRule, Link, Success, Tag, created, data, data_one_or_list, json, list, ok,
};
use crate::operation::first_read::Prediction;
use crate::operation::response_header::Header;
use crate::problem::Code;

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations/{id}/invitations",
    action: Some(Action::ListInvitations),
    summary: "List an organization's invitations",
    id: "listInvitations",
    tag: Tag::Spaces,
    description: "Lists the organization's invitations, the oldest first, including expired ones. An invitation that was accepted or withdrawn no longer exists. Requires an admin of the organization.",
    answers: &[
        ok("One page of the list, without tokens.", list::<InvitationJson<'static>>).with(&[Header::Link])
    ],
    refusals: &[Code::FORBIDDEN],
    parameters: pages::LIMIT_AND_CURSOR,
    first_read: Prediction::RoleInOrganization,
    ..Operation::BARE
};

const FROM_ONE: &[(&str, &str)] = &[("id", "$request.path.id"), ("invitationId", "$response.body#/data/id")];

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations/{id}/invitations",
    action: Some(Action::ManageInvitations),
    summary: "Invite people to an organization",
    id: "createInvitations",
    tag: Tag::Spaces,
    description: "Invites one person, or an array of people: an object returns an object, and an array returns an array in the same order; either all or none are invited. Requires an admin of the organization. Only this response contains the token of each invitation, with which an account accepts it. An invitation expires after 14 days. Neither the response nor its time depends on whether the address is known.",
    body: Some(Body {
        rule: BodyRule::Json,
        name: "NewInvitation",
        shape: create::person,
        many: Some(MAX_BATCH),
    }),
    answers: &[created(
        "The new invitation or invitations; `token` is the secret.",
        data_one_or_list::<IssuedInvitationJson<'static>>,
    )
    .with(&[])],
    refusals: &[Code::FORBIDDEN, Code::ALREADY_INVITED, Code::SECRET_ALREADY_SHOWN],
    links: &[
        Link { name: "resend", operation: "resendInvitation", parameters: FROM_ONE },
        Link { name: "withdraw", operation: "withdrawInvitation", parameters: FROM_ONE },
    ],
    ..Operation::BARE
};

pub(crate) static WITHDRAW: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/organizations/{id}/invitations/{invitationId}",
    action: Some(Action::ManageInvitations),
    summary: "Withdraw an invitation",
    id: "withdrawInvitation",
    tag: Tag::Spaces,
    description: "Withdraws an invitation, whose token ends at once. Requires an admin of the organization. A second request gets 404.",
    answers: &[Success {
        status: 204,
        description: "The invitation was withdrawn.",
        content: None,
        headers: &[],
    }],
    refusals: &[Code::FORBIDDEN],
    ..Operation::BARE
};

pub(crate) static RESEND: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations/{id}/invitations/{invitationId}/resend",
    action: Some(Action::ManageInvitations),
    summary: "Send an invitation again",
    id: "resendInvitation",
    tag: Tag::Spaces,
    description: "Replaces the token of an invitation, and its expiry by one in 14 days, also if it has expired. The old token ends at once. Requires an admin of the organization.",
    answers: &[ok("The invitation; `token` is the new secret.", data::<IssuedInvitationJson<'static>>)],
    refusals: &[Code::FORBIDDEN, Code::SECRET_ALREADY_SHOWN],
    ..Operation::BARE
};

pub(crate) static ACCEPT: Operation = Operation {
    method: "POST",
    path: "/api/v1/invitations/accept",
    action: Some(Action::AcceptInvitation),
    summary: "Accept an invitation",
    id: "acceptInvitation",
    tag: Tag::Spaces,
    description: "Accepts an invitation: the account of the API key becomes a member of the organization, with the role of the invitation, and joins the rosters of its projects that still exist. A former member becomes active again, with exactly that role and those projects; other API keys from before stay without access. The address of the invitation need not be that of the account. Requires a key that is not confined to one organization. A token that is malformed, unknown, used, withdrawn or expired gets the same 404, and so does one from a member who is no longer an admin of the organization.",
    body: json("Acceptance", accept::body),
    answers: &[ok("The organization, and the caller's role in it.", data::<OwnOrganizationJson<'static>>)],
    refusals: &[Code::KEY_IS_CONFINED, Code::KEY_TOO_OLD, Code::INVITATION_NOT_FOUND, Code::ALREADY_A_MEMBER],
    links: &[Link {
        name: "get",
        operation: "getOrganization",
        parameters: &[("id", "$response.body#/data/id")],
    }],
    ..Operation::BARE
};
