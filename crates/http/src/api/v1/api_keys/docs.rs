//! API keys of the current user and of members.

use super::view::{ApiKeyJson, IssuedKeyJson, RevokedKeyJson};
use super::{create, rotate};
use crate::api::v1::member_keys;
use crate::document::openapi::headers::Header;
use crate::operation::description::{Link, Operation, SchemaOf, Tag, created, data, list, ok, one};
use crate::problem::Code;

const REVOKED: SchemaOf = data::<RevokedKeyJson<'static>>;
const ISSUED: SchemaOf = data::<IssuedKeyJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("keyId", "$response.body#/data/id")];

pub(crate) static LIST: Operation = Operation {
    id: "listApiKeys",
    tag: Tag::Spaces,
    description: "Lists the caller's keys, the oldest first, including revoked and expired ones. A key that is confined to one organization lists only keys that are confined to it.",
    answers: &[
        ok("One page of the list, without secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    id: "createApiKey",
    tag: Tag::Spaces,
    description: "Creates a key. Only this response contains the secret. A key cannot create one with more reach, more abilities or a later expiry than its own, and revoking a key revokes the keys that it created. After a member is readmitted to an organization, keys created before, and keys that those create, have no access to it, except the key that accepted the invitation.",
    body: one("NewApiKey", create::body),
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
    id: "revokeApiKey",
    tag: Tag::Spaces,
    description: "Revokes a key, and the live keys that it created unless `descendants=keep` is sent. Every replica rejects a revoked key from the next request on. The key of the request can revoke itself.",
    answers: &[ok("The revoked key, and the number of keys revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::KEY_IS_CONFINED],
    ..Operation::BARE
};

pub(crate) static ROTATE: Operation = Operation {
    id: "rotateApiKey",
    tag: Tag::Spaces,
    description: "Creates a replacement key; the old key stays valid for the overlap. The live keys that the old key created become children of the new key. A key that rotates itself stays a child of the key that created it; a key that another key rotates becomes a child of that key, which must not expire sooner. The new key has access only to organizations that both keys have access to.",
    body: one("Rotation", rotate::body),
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

pub(crate) static LIST_OF_MEMBER: Operation = Operation {
    id: "listMemberApiKeys",
    tag: Tag::Spaces,
    description: "Lists a member's keys that are confined to this organization, the oldest first. Requires an admin of the organization.",
    answers: &[
        ok("One page of the list, without secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    ..Operation::BARE
};

pub(crate) static CREATE_FOR_MEMBER: Operation = Operation {
    id: "createMemberApiKey",
    tag: Tag::Spaces,
    description: "Creates a key for one of the organization's own people or machines. Requires an admin of the organization. The key is confined to this organization. An account creates its own keys. The key expires no later than the key of the request, and is revoked with it.",
    body: one("NewMemberApiKey", member_keys::create::body),
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

pub(crate) static REVOKE_OF_MEMBER: Operation = Operation {
    id: "revokeMemberApiKey",
    tag: Tag::Spaces,
    description: "Revokes a member's key that is confined to the organization, and the live keys that it created unless `descendants=keep` is sent. Requires an admin of the organization.",
    answers: &[ok("The revoked key, and the number of keys revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    ..Operation::BARE
};
