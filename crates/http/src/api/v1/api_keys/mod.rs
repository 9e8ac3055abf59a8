//! The API keys of the current user.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod view;

use loggia_domain::policy::Action;

use self::view::{ApiKeyJson, IssuedKeyJson, RevokedKeyJson};
use crate::api::v1::pages;
use crate::operation::Operation;
use crate::operation::description::{Link, Tag, created, data, json, list, ok};
use crate::operation::response_header::Header;
use crate::problem::Code;
use crate::wire::parameter::SchemaOf;

const REVOKED: SchemaOf = data::<RevokedKeyJson<'static>>;
const ISSUED: SchemaOf = data::<IssuedKeyJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("keyId", "$response.body#/data/id")];

pub(crate) static LIST: Operation = Operation {
    method: "GET",
    path: "/api/v1/api-keys",
    action: Some(Action::ListKeys),
    summary: "List API keys of the current user",
    id: "listApiKeys",
    tag: Tag::Spaces,
    description: "Lists the caller's keys, the oldest first, including revoked and expired ones. A key that is confined to one organization lists only keys that are confined to it.",
    answers: &[
        ok("One page of the list, without secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    parameters: pages::LIMIT_AND_CURSOR,
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/api-keys",
    action: Some(Action::ManageKeys),
    summary: "Create an API key for the current user",
    id: "createApiKey",
    tag: Tag::Spaces,
    description: "Creates a key. Only this response contains the secret. A key cannot create one with more reach, more abilities or a later expiry than its own, and revoking a key revokes the keys that it created. After a member is readmitted to an organization, keys created before, and keys that those create, have no access to it, except the key that accepted the invitation.",
    body: json("NewApiKey", create::body),
    answers: &[created("The created key; `key` is the secret.", ISSUED)],
    refusals: &[
        Code::NO_ACCESS_TO_ORGANIZATION,
        Code::KEY_IS_CONFINED,
        Code::FORBIDDEN,
        Code::TOO_MANY_API_KEYS,
        Code::SECRET_ALREADY_SHOWN,
    ],
    links: &[
        Link { name: "rotate", operation: "rotateApiKey", parameters: FROM_ONE },
        Link { name: "revoke", operation: "revokeApiKey", parameters: FROM_ONE },
    ],
    ..Operation::BARE
};

pub(crate) static REVOKE: Operation = Operation {
    method: "DELETE",
    path: "/api/v1/api-keys/{keyId}",
    action: Some(Action::ManageKeys),
    summary: "Revoke an API key of the current user",
    id: "revokeApiKey",
    tag: Tag::Spaces,
    description: "Revokes a key, and the live keys that it created unless `descendants=keep` is sent. Every replica rejects a revoked key from the next request on. The key of the request can revoke itself.",
    answers: &[ok("The revoked key, and the number of keys revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::KEY_IS_CONFINED],
    parameters: revoke::PARAMETERS,
    ..Operation::BARE
};

pub(crate) static ROTATE: Operation = Operation {
    method: "POST",
    path: "/api/v1/api-keys/{keyId}/rotate",
    action: Some(Action::ManageKeys),
    summary: "Rotate an API key of the current user",
    id: "rotateApiKey",
    tag: Tag::Spaces,
    description: "Creates a replacement key; the old key stays valid for the overlap. The live keys that the old key created become children of the new key. A key that rotates itself stays a child of the key that created it; a key that another key rotates becomes a child of that key, which must not expire sooner. The new key has access only to organizations that both keys have access to.",
    body: json("Rotation", rotate::body),
    answers: &[created("The new key; `key` is its secret.", ISSUED)],
    refusals: &[
        Code::FORBIDDEN,
        Code::KEY_IS_CONFINED,
        Code::NO_ACCESS_TO_ORGANIZATION,
        Code::KEY_IS_BEYOND_YOURS,
        Code::KEY_NOT_LIVE,
        Code::TOO_MANY_API_KEYS,
        Code::SECRET_ALREADY_SHOWN,
    ],
    links: &[Link { name: "revoke", operation: "revokeApiKey", parameters: FROM_ONE }],
    ..Operation::BARE
};
