//! Every code that a problem can have: its status, its title, and what its page tells, which is the comment above it and the
//! advice below.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:ident, $title:literal, $advice:literal;)+) => {
        /// What went wrong, in a word that stays: clients may match on it.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $name),+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as clients read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// The status that always goes with it.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// A short summary, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What it means, as `/docs/errors/` tells it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// What to do about it, as `/docs/errors/` tells it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

codes! {
    /// No API key was sent, or none under the scheme `Bearer`.
    UNAUTHENTICATED = UNAUTHORIZED, "An API key is needed",
        "Send `Authorization: Bearer <key>`. `POST /api/v1/api-keys` makes keys; whoever runs the instance has the first one.";
    /// The key that was sent opens nothing.
    INVALID_KEY = UNAUTHORIZED, "The API key is not valid",
        "Check that the whole key was sent. One that was revoked or has expired stays so: make a new one, or ask an admin of your organization.";
    /// The key lacks the ability.
    INSUFFICIENT_SCOPE = FORBIDDEN, "The API key lacks an ability",
        "Use a key with the ability that `WWW-Authenticate` names.";
    /// The caller's role is too low.
    FORBIDDEN = FORBIDDEN, "Your role does not allow this",
        "Ask an admin. `GET /api/v1/me/permissions` tells what you may do where.";
    /// The named organization is not the caller's, or does not exist.
    NO_ACCESS_TO_ORGANIZATION = FORBIDDEN, "You have no access to this organization",
        "Check the id: `GET /api/v1/organizations` lists yours. If it is right, ask an admin there to add you, or to make your place active again.";
    /// The key reaches one organization only, and what was asked for reaches further.
    KEY_IS_CONFINED = FORBIDDEN, "The API key is confined to one organization",
        "Use a key that is not confined to one organization.";
    /// The key would be replaced by one that the key of the call may not make.
    KEY_IS_BEYOND_YOURS = FORBIDDEN, "The API key has more than yours",
        "Rotate it with itself, or with a key that ends no sooner and that it has not made.";
    /// Only the operator of the instance makes organizations.
    ORGANIZATION_CREATION_CLOSED = FORBIDDEN, "Organizations are made by the operator",
        "Ask whoever runs the instance to make it with `loggia bootstrap`.";
    /// There is no such record, or it is not yours to see.
    NOT_FOUND = NOT_FOUND, "Not found",
        "Check the id, and with which key you ask: what is not yours to see looks like what is not there.";
    /// No endpoint has that path.
    ROUTE_NOT_FOUND = NOT_FOUND, "There is no such route",
        "Check the path against `/docs`. Most paths do not end with `/`.";
    /// The person named is no active member of the scope.
    USER_NOT_FOUND = NOT_FOUND, "There is no such user",
        "Check the id. A person is added to the organization before they can be named in it; a whole number names nobody.";
    /// The path has endpoints, none with that method.
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "The method is not allowed here",
        "Use one of the methods in `Allow`.";
    /// The body is not one JSON document, or it is empty where one is needed.
    INVALID_JSON = BAD_REQUEST, "The body is not valid JSON",
        "Send one JSON document in UTF-8; `detail` tells where reading stopped.";
    /// Fields or parameters are not as they must be.
    VALIDATION_FAILED = BAD_REQUEST, "The request is not valid",
        "`errors` names every place and what is wrong there. Correct them all and send it again.";
    /// A person named is on the roster, or in the organization, already.
    ALREADY_A_MEMBER = BAD_REQUEST, "Already a member",
        "There is nothing to do, or change the place that the person has with PATCH. An inactive member of the organization is let in again with `{\"active\": true}`.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN = BAD_REQUEST, "The username is taken",
        "Choose another username, or none.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN = BAD_REQUEST, "The employee number is taken",
        "Check the number; `GET …/members?search=` finds who has it.";
    /// The person named is not on the roster.
    NOT_A_MEMBER = BAD_REQUEST, "Not a member of the project",
        "There is nothing to do: they are not on the roster.";
    /// One cannot take oneself off a roster.
    CANNOT_REMOVE_SELF = BAD_REQUEST, "You cannot remove yourself",
        "Leave with `DELETE /v2/projects/{node_id}/members/me`.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN = BAD_REQUEST, "An admin of the project cannot be removed",
        "Change the role that `detail` names first: with `PATCH /v2/projects/{node_id}/members/{user_node_id}` on the roster, with `PATCH /api/v1/organizations/{id}/members/{userId}` in the organization.";
    /// Somebody must remain who may change things.
    LAST_ADMIN = CONFLICT, "The last admin must stay",
        "Make someone else admin first.";
    /// A key that opens nothing any more is not replaced.
    KEY_NOT_LIVE = CONFLICT, "The API key has ended",
        "Make a new key with `POST /api/v1/api-keys`.";
    /// The user has as many live API keys as the instance allows.
    TOO_MANY_API_KEYS = CONFLICT, "There are too many live API keys",
        "Revoke keys that are not used any more; `lastUsedAt` tells which. A rotation with `overlapSeconds` 0 needs no room.";
    /// The user has made as many organizations as the instance allows.
    TOO_MANY_ORGANIZATIONS = CONFLICT, "You have made too many organizations",
        "Use one that you have, or ask whoever runs the instance.";
    /// The first request with this Idempotency-Key has not ended yet.
    IDEMPOTENCY_KEY_IN_USE = CONFLICT, "The first request with this key is still running",
        "Wait a moment and send the same request again, with the same key.";
    /// The answer to the first request with this Idempotency-Key showed a secret, which is shown once.
    SECRET_ALREADY_SHOWN = CONFLICT, "The secret was shown already",
        "If the first answer was lost, revoke the API key that it made and make another, with a new Idempotency-Key.";
    /// The record is not as the request expects it to be.
    PRECONDITION_FAILED = PRECONDITION_FAILED, "The record has changed",
        "Read the record again, see whether your change still makes sense, and send it with the new `ETag`. Where a path does not look at `If-Match`, leave it out.";
    /// The Idempotency-Key was sent with another request before.
    IDEMPOTENCY_KEY_REUSED = UNPROCESSABLE_ENTITY, "The key belongs to another request",
        "Use a new Idempotency-Key for a new request. To retry, send the very same request: path, query, media type and body.";
    /// This instance demands that changes say what they expect.
    PRECONDITION_REQUIRED = PRECONDITION_REQUIRED, "If-Match is required",
        "Read the record, and send its `ETag` as `If-Match`.";
    /// Too many invalid keys came from one address.
    TOO_MANY_FAILED_AUTHENTICATIONS = TOO_MANY_REQUESTS, "Too many invalid API keys",
        "Wait for as many seconds as `Retry-After` says, and send a valid key: those pass even now.";
    /// The user or the organization has sent too many requests.
    RATE_LIMITED = TOO_MANY_REQUESTS, "Too many requests",
        "Wait for as many seconds as `Retry-After` says and send it again. Nothing was done. All keys of a user count together, and so do all users of an organization; `RateLimit` tells what is left.";
    /// The body did not arrive in time.
    REQUEST_TIMEOUT = REQUEST_TIMEOUT, "The request took too long to arrive",
        "Send it again, faster. Nothing was written.";
    /// The body is larger than is read.
    PAYLOAD_TOO_LARGE = PAYLOAD_TOO_LARGE, "The body is too large",
        "Send less: `detail` names the limit. A long list can be sent in parts.";
    /// The body is of a kind that is not read here.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported",
        "Send the media type that `Accept-Post` or `Accept-Patch` names, in UTF-8.";
    /// The body is compressed.
    UNSUPPORTED_CONTENT_ENCODING = UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not read",
        "Send the body as it is, without `Content-Encoding`.";
    /// Too much is under way at once, or others were in the way of this.
    BUSY = SERVICE_UNAVAILABLE, "The service is busy",
        "Wait for as many seconds as `Retry-After` says and send it again. Nothing was written.";
    /// The server takes no more requests soon.
    STOPPING = SERVICE_UNAVAILABLE, "The server is stopping",
        "Send requests to another server of the instance, or wait until this one is back.";
    /// The store is away, or answers too slowly.
    STORE_UNAVAILABLE = SERVICE_UNAVAILABLE, "The store is unavailable",
        "Wait and send it again. If it lasts, tell whoever runs the instance.";
    /// Whether it was written cannot be told.
    OUTCOME_UNKNOWN = SERVICE_UNAVAILABLE, "The outcome is unknown",
        "Send it again with the same Idempotency-Key, if it had one. Else look whether it was written first.";
    /// A bug: the service failed at what it should have done. The cause is in its log, under the request's id.
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "Something went wrong on our side",
        "Tell whoever runs the instance, with the `request_id`. It is a bug.";
}
