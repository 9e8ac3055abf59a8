//! The API keys of an organization's members.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use loggia_domain::policy::Action;

use crate::api::v1::api_keys::view::{ApiKeyJson, IssuedKeyJson, RevokedKeyJson};
use crate::api::v1::{api_keys, pages};
use crate::operation::Operation;
use crate::operation::description::{Link, Tag, created, data, json, list, ok};
use crate::operation::first_read::Prediction;
use crate::operation::response_header::Header;
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const REVOKED: SchemaOf = data::<RevokedKeyJson<'static>>;
const ISSUED: SchemaOf = data::<IssuedKeyJson<'static>>;

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/organizations/{id}/members/{userId}/api-keys",
    action: Some(Action::ListMemberKeys),
    summary: "List a member's API keys for the organization",
    id: "listMemberApiKeys",
    tag: Tag::Spaces,
    description: "Lists a member's keys that are confined to this organization, the oldest first. Requires an admin of the organization.",
    answers: &[
        ok("One page of the list, without secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    parameters: pages::LIMIT_AND_CURSOR,
    first_read: Prediction::RoleInOrganization,
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/organizations/{id}/members/{userId}/api-keys",
    action: Some(Action::ManageMemberKeys),
    summary: "Create an API key for a member",
    id: "createMemberApiKey",
    tag: Tag::Spaces,
    description: "Creates a key for one of the organization's own people or machines. Requires an admin of the organization. The key is confined to this organization. An account creates its own keys. The key expires no later than the key of the request, and is revoked with it.",
    body: json("NewMemberApiKey", create::body),
    answers: &[created("The created key; `key` is the secret.", ISSUED)],
    refusals: &[
        Code::FORBIDDEN,
        Code::BELONGS_TO_ACCOUNT,
        Code::USER_NOT_FOUND,
        Code::TOO_MANY_API_KEYS,
        Code::SECRET_ALREADY_SHOWN,
    ],
    links: &[Link {
        name: "revoke",
        operation: "revokeMemberApiKey",
        parameters: &[
            ("id", "$request.path.id"),
            ("userId", "$request.path.userId"),
            ("keyId", "$response.body#/data/id"),
        ],
    }],
    ..Operation::BARE
};

pub(crate) static REVOKE: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/organizations/{id}/members/{userId}/api-keys/{keyId}",
    action: Some(Action::ManageMemberKeys),
    summary: "Revoke a member's API key for the organization",
    id: "revokeMemberApiKey",
    tag: Tag::Spaces,
    description: "Revokes a member's key that is confined to the organization, and the live keys that it created unless `descendants=keep` is sent. Requires an admin of the organization.",
    answers: &[ok("The revoked key, and the number of keys revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    parameters: api_keys::revoke::PARAMETERS,
    ..Operation::BARE
};
