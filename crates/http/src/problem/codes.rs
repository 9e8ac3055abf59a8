//! Every code that a problem can have: its status, its title, and the text of its page. The doc comment above a code is its published
//! meaning, the text below it the published advice.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:ident, $title:literal, $advice:literal;)+) => {
        /// The kind of a problem. Codes are stable: clients may match on them.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the code as clients read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Returns the status that always goes with the code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// Returns a short summary, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// Returns the meaning of the code, as `/docs/errors/` shows it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// Returns the advice for the code, as `/docs/errors/` shows it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

codes! {
    /// The request has no API key, or none under the scheme `Bearer`.
    UNAUTHENTICATED = UNAUTHORIZED, "An API key is required",
        "Send `Authorization: Bearer <key>`. `POST /api/v1/api-keys` creates keys; the operator of the instance has the first one.";
    /// The API key is malformed, unknown, expired or revoked.
    INVALID_KEY = UNAUTHORIZED, "The API key is not valid",
        "Check that the whole key was sent. A revoked or expired key cannot be restored: create a new one, or ask an admin of your organization for one.";
    /// The API key lacks the ability that the request needs.
    INSUFFICIENT_SCOPE = FORBIDDEN, "The API key lacks an ability",
        "Use a key with the ability that `WWW-Authenticate` names.";
    /// The caller's role does not allow the request.
    FORBIDDEN = FORBIDDEN, "Your role does not allow this",
        "Ask an admin for a role that does. `GET /api/v1/me/permissions` returns what you may do in a scope, project or space.";
    /// The caller is not an active member of the organization, or the organization does not exist.
    NO_ACCESS_TO_ORGANIZATION = FORBIDDEN, "You have no access to this organization",
        "Check the id: `GET /api/v1/organizations` lists your organizations. If the id is right, ask an admin of the organization to invite you, or to reactivate your membership.";
    /// The API key is confined to one organization, and the request reaches further.
    KEY_IS_CONFINED = FORBIDDEN, "The API key is confined to one organization",
        "Use a key that is not confined to one organization.";
    /// The field or the API keys belong to an account, which is not the organization's.
    BELONGS_TO_ACCOUNT = FORBIDDEN, "This belongs to the account",
        "Ask the person: an account changes its own profile and creates its own API keys. An organization creates keys for its own people and machines.";
    /// The API key to be replaced outlives the key of the request, or the key of the request descends from it.
    KEY_IS_BEYOND_YOURS = FORBIDDEN, "The API key exceeds the key of the request",
        "Rotate the key with itself, or with a key that expires no sooner and does not descend from it.";
    /// The API key was made before its user was readmitted to an organization, so it cannot be given access to another one.
    KEY_TOO_OLD = FORBIDDEN, "The API key is too old",
        "Use a key that was made after the last readmission: create one with `POST /api/v1/api-keys` and a newer key, or ask the operator of the instance for one.";
    /// Only the operator of the instance creates organizations.
    ORGANIZATION_CREATION_CLOSED = FORBIDDEN, "Only the operator creates organizations",
        "Ask the operator of the instance to create it with `loggia bootstrap`.";
    /// The record does not exist, or you may not see it.
    NOT_FOUND = NOT_FOUND, "Not found",
        "Check the id and the API key. A record that you may not see gets the same response as one that does not exist.";
    /// No endpoint has this path.
    ROUTE_NOT_FOUND = NOT_FOUND, "Route not found",
        "Check the path against `/docs`. Most paths do not end with `/`.";
    /// The named user is not an active member of the scope.
    USER_NOT_FOUND = NOT_FOUND, "User not found",
        "Check the id. Add the user to the organization first. A whole number is not a valid user id.";
    /// No pending invitation has the token. It is malformed, unknown, used, replaced, withdrawn or expired.
    INVITATION_NOT_FOUND = NOT_FOUND, "Invitation not found",
        "Check that the whole token was sent. Otherwise, ask an admin of the organization to send the invitation again.";
    /// The path has endpoints, but none with this method.
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "Method not allowed",
        "Use one of the methods in `Allow`.";
    /// The file is available only in a content coding that the client does not accept.
    ENCODING_NOT_ACCEPTABLE = NOT_ACCEPTABLE, "The content coding is not accepted",
        "Send `Accept-Encoding: gzip`, as browsers do, or no `Accept-Encoding` at all.";
    /// The body is not one JSON document, or it is empty although one is required.
    INVALID_JSON = BAD_REQUEST, "The body is not valid JSON",
        "Send one JSON document in UTF-8; `detail` says where parsing failed.";
    /// Fields, parameters or headers are not valid.
    VALIDATION_FAILED = BAD_REQUEST, "The request is not valid",
        "`errors` lists every invalid field, parameter and header. Correct all of them and send the request again.";
    /// A named person, or the caller, is already on the roster, or already in the organization.
    ALREADY_A_MEMBER = BAD_REQUEST, "Already a member",
        "Nothing needs to be done. To change the membership, use PATCH; `{\"active\": true}` reactivates one of the organization's own people.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN = BAD_REQUEST, "The username is taken",
        "Choose another username, or omit it.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN = BAD_REQUEST, "The employee number is taken",
        "Check the number; the organization's list of members shows which member has it.";
    /// Another of the organization's own people has that address.
    EMAIL_TAKEN = BAD_REQUEST, "The e-mail address is taken",
        "Check the address; the organization's list of members shows who has it.";
    /// The named person is not on the roster.
    NOT_A_MEMBER = BAD_REQUEST, "Not a member of the project",
        "Nothing needs to be done: the person is not on the roster.";
    /// Members cannot remove themselves from a roster.
    CANNOT_REMOVE_SELF = BAD_REQUEST, "You cannot remove yourself",
        "To leave the project, send `DELETE /v2/projects/{node_id}/members/me`.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN = BAD_REQUEST, "An admin of the project cannot be removed",
        "Change the role that `detail` names first: with `PATCH /v2/projects/{node_id}/members/{user_node_id}` on the roster, with `PATCH /api/v1/organizations/{id}/members/{userId}` in the organization.";
    /// An account that is no longer a member joins again by accepting an invitation.
    INVITATION_REQUIRED = CONFLICT, "The account must accept an invitation",
        "Invite the person: an organization cannot add or reactivate an account by itself.";
    /// The user was erased, which cannot be undone.
    MEMBER_ERASED = CONFLICT, "The member was erased",
        "Nothing can be changed any more: the membership stays as the author of existing records. To give the person access again, add them as a new member.";
    /// The change would leave the organization or the roster without an admin.
    LAST_ADMIN = CONFLICT, "The last admin must stay",
        "Make someone else admin first.";
    /// The organization has an invitation for the address already, which may have expired.
    ALREADY_INVITED = CONFLICT, "Already invited",
        "Send the invitation again with `POST /api/v1/organizations/{id}/invitations/{invitationId}/resend`, or withdraw it and create another.";
    /// An API key that has expired or was revoked cannot be replaced.
    KEY_NOT_LIVE = CONFLICT, "The API key was revoked or has expired",
        "Create a new key with `POST /api/v1/api-keys`.";
    /// The user has as many live API keys as the instance allows.
    TOO_MANY_API_KEYS = CONFLICT, "Too many live API keys",
        "Revoke keys that are no longer used; `lastUsedAt` shows which. A rotation with `overlapSeconds` 0 does not count towards the limit.";
    /// The user has created as many organizations as the instance allows.
    TOO_MANY_ORGANIZATIONS = CONFLICT, "You have created too many organizations",
        "Use one of your organizations, or ask the operator of the instance to raise the limit.";
    /// The first request with this Idempotency-Key has not ended yet.
    IDEMPOTENCY_KEY_IN_USE = CONFLICT, "The first request with this Idempotency-Key is still running",
        "Wait a moment and send the same request again, with the same Idempotency-Key.";
    /// The response to the first request with this Idempotency-Key showed a secret, which is shown only once.
    SECRET_ALREADY_SHOWN = CONFLICT, "The secret was already shown",
        "If the first response was lost, revoke the API key that it created and create another, or send the invitation again, with a new Idempotency-Key.";
    /// The record does not match the `If-Match` of the request.
    PRECONDITION_FAILED = PRECONDITION_FAILED, "The record has changed",
        "Read the record again, check whether your change still applies, and send it with the new `ETag`. If the endpoint does not support `If-Match`, omit it.";
    /// The Idempotency-Key was sent before, with a different request.
    IDEMPOTENCY_KEY_REUSED = UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request",
        "Use a new Idempotency-Key for a new request. To retry, send exactly the same request: path, query, media type and body.";
    /// This instance requires `If-Match` for changes of a record.
    PRECONDITION_REQUIRED = PRECONDITION_REQUIRED, "If-Match is required",
        "Read the record, and send its `ETag` as `If-Match`.";
    /// Too many invalid keys came from one address.
    TOO_MANY_FAILED_AUTHENTICATIONS = TOO_MANY_REQUESTS, "Too many invalid API keys",
        "Wait for the number of seconds in `Retry-After`, then send a valid key. Requests with a valid key are accepted in the meantime.";
    /// The user or the organization has sent too many requests.
    RATE_LIMITED = TOO_MANY_REQUESTS, "Too many requests",
        "Wait for the number of seconds in `Retry-After` and send the request again. Nothing was written. All keys of a user share one limit, and all users of an organization share another; `RateLimit` contains the remaining requests.";
    /// The body did not arrive in time.
    REQUEST_TIMEOUT = REQUEST_TIMEOUT, "The request took too long to arrive",
        "Send the request again over a faster connection. Nothing was written.";
    /// The body is larger than the limit.
    PAYLOAD_TOO_LARGE = PAYLOAD_TOO_LARGE, "The body is too large",
        "Send a smaller body: `detail` states the limit. A long list can be split over several requests.";
    /// The endpoint does not accept bodies of this media type.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported",
        "Send the media type that `Accept-Post` or `Accept-Patch` names, in UTF-8.";
    /// The body has a `Content-Encoding`, such as compression.
    UNSUPPORTED_CONTENT_ENCODING = UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not supported",
        "Send the body uncompressed, without `Content-Encoding`.";
    /// Too many requests are in flight, or a concurrent transaction conflicted with this one.
    BUSY = SERVICE_UNAVAILABLE, "The service is busy",
        "Wait for the number of seconds in `Retry-After` and send the request again. Nothing was written.";
    /// The server is shutting down.
    STOPPING = SERVICE_UNAVAILABLE, "The server is shutting down",
        "Send the request to another server of the instance, or wait until this one has restarted.";
    /// The store cannot be reached, or responds too slowly.
    STORE_UNAVAILABLE = SERVICE_UNAVAILABLE, "The store is unavailable",
        "Wait and send the request again. If the error persists, contact the operator of the instance.";
    /// The service does not know whether the request was carried out.
    OUTCOME_UNKNOWN = SERVICE_UNAVAILABLE, "The outcome is unknown",
        "If the request had an Idempotency-Key, send it again with the same one. Otherwise, check first whether the change was written.";
    /// The store of the instance lacks what the request needs, such as API keys or idempotency keys.
    NOT_SUPPORTED = NOT_IMPLEMENTED, "The instance does not support this",
        "Do without what `detail` names: for instance, send the request without `Idempotency-Key`. Nothing was written.";
    /// An internal error, which is a bug. The cause is in the log of the service, under the request's id.
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "Internal server error",
        "This is a bug. Report it to the operator of the instance, with the `request_id`.";
}
