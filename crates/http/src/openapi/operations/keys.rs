//! API keys of the current user and of members.

use crate::openapi::headers::Header;
use crate::openapi::operation::{Link, SchemaOf, created, data, list, ok, one};
use crate::openapi::{Operation, Tag};
use crate::problem::Code;
use crate::spaces::view_key::{ApiKeyJson, IssuedKeyJson, RevokedKeyJson};
use crate::spaces::{keys_create, keys_rotate, member_keys_create};

const REVOKED: SchemaOf = data::<RevokedKeyJson<'static>>;
const ISSUED: SchemaOf = data::<IssuedKeyJson<'static>>;

const FROM_ONE: &[(&str, &str)] = &[("keyId", "$response.body#/data/id")];

pub(crate) static LIST: Operation = Operation {
    id: "listApiKeys",
    tag: Tag::Spaces,
    description: "Keys of one's own, the oldest first, also those that have ended. A key that is confined to one organization lists those that are confined to it.",
    answers: &[
        ok("A part of them, without their secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    ..Operation::BARE
};

pub(crate) static CREATE: Operation = Operation {
    id: "createApiKey",
    tag: Tag::Spaces,
    description: "The secret is in this answer and in no other. No key makes one that reaches further than itself, may do more or ends later, and when it is revoked, so is what it made. A key from before its user was given access to an organization again opens that organization no more, nor does a key that it makes.",
    body: one("NewApiKey", keys_create::body),
    answers: &[created("It was made; `key` is the secret.", ISSUED)],
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
    description: "It opens nothing from the next request on, at every replica, nor do the live keys that it made, unless `descendants=keep` says otherwise. Also the key of the call itself.",
    answers: &[ok("The key as it is now, and how many were revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::KEY_IS_CONFINED],
    ..Operation::BARE
};

pub(crate) static ROTATE: Operation = Operation {
    id: "rotateApiKey",
    tag: Tag::Spaces,
    description: "Makes a key like it, and lets the old one live on for a while. The live keys that the old one made are the new one's then. A key that rotates itself stays a child of the key that made it; one that another key rotates becomes a child of that one, which must not end sooner. The new key opens no organization that either of the two does not open.",
    body: one("Rotation", keys_rotate::body),
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
    description: "Those of a member's keys that are confined to this organization, the oldest first, for its admins and the member.",
    answers: &[
        ok("A part of them, without their secrets.", list::<ApiKeyJson<'static>>).with(&[Header::Link])
    ],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    ..Operation::BARE
};

pub(crate) static CREATE_FOR_MEMBER: Operation = Operation {
    id: "createMemberApiKey",
    tag: Tag::Spaces,
    description: "The organization's admins issue a key for a member, a machine user, say. It reaches this organization only, never that user's other scopes. It ends with the key of the call at the latest, and is revoked with it.",
    body: one("NewMemberApiKey", member_keys_create::body),
    answers: &[created("It was made; `key` is the secret.", ISSUED)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND, Code::TOO_MANY_API_KEYS, Code::SECRET_ALREADY_SHOWN],
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
    description: "The organization's admins revoke those that are confined to it, and the live keys that these made, unless `descendants=keep` says otherwise.",
    answers: &[ok("The key as it is now, and how many were revoked with it.", REVOKED)],
    refusals: &[Code::FORBIDDEN, Code::USER_NOT_FOUND],
    ..Operation::BARE
};
