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
    UNAUTHENTICATED = UNAUTHORIZED, "An API key is needed",
        "Send `Authorization: Bearer <key>`. `POST /api/v1/api-keys` makes keys; whoever runs the instance has the first one.";
    /// The API key is malformed, unknown, expired or revoked.
    INVALID_KEY = UNAUTHORIZED, "The API key is not valid",
        "Check that the whole key was sent. One that was revoked or has expired stays so: make a new one, or ask an admin of your organization.";
    /// The API key lacks the ability that the request needs.
    INSUFFICIENT_SCOPE = FORBIDDEN, "The API key lacks an ability",
        "Use a key with the ability that `WWW-Authenticate` names.";
    /// The caller's role does not allow the request.
    FORBIDDEN = FORBIDDEN, "Your role does not allow this",
        "Ask an admin. `GET /api/v1/me/permissions` tells what you may do where.";
    /// The caller is not an active member of the organization, or the organization does not exist.
    NO_ACCESS_TO_ORGANIZATION = FORBIDDEN, "You have no access to this organization",
        "Check the id: `GET /api/v1/organizations` lists yours. If it is right, ask an admin there to add you, or to make your place active again.";
    /// The API key is confined to one organization, and the request reaches further.
    KEY_IS_CONFINED = FORBIDDEN, "The API key is confined to one organization",
        "Use a key that is not confined to one organization.";
    /// The API key to be replaced outlives the key of the call, or the key of the call descends from it.
    KEY_IS_BEYOND_YOURS = FORBIDDEN, "The API key has more than yours",
        "Rotate it with itself, or with a key that ends no sooner and that it has not made.";
    /// Only the operator of the instance creates organizations.
    ORGANIZATION_CREATION_CLOSED = FORBIDDEN, "Organizations are made by the operator",
        "Ask whoever runs the instance to make it with `loggia bootstrap`.";
    /// The record does not exist, or you may not see it.
    NOT_FOUND = NOT_FOUND, "Not found",
        "Check the id, and with which key you ask: what is not yours to see looks like what is not there.";
    /// No endpoint has this path.
    ROUTE_NOT_FOUND = NOT_FOUND, "There is no such route",
        "Check the path against `/docs`. Most paths do not end with `/`.";
    /// The named user is not an active member of the scope.
    USER_NOT_FOUND = NOT_FOUND, "There is no such user",
        "Check the id. A person is added to the organization before they can be named in it; a whole number names nobody.";
    /// The path has endpoints, but none with this method.
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "The method is not allowed here",
        "Use one of the methods in `Allow`.";
    /// The file is available only in a content coding that the client does not accept.
    ENCODING_NOT_ACCEPTABLE = NOT_ACCEPTABLE, "The content coding is not accepted",
        "Send `Accept-Encoding: gzip`, as browsers do, or no `Accept-Encoding` at all.";
    /// The body is not one JSON document, or it is empty although one is required.
    INVALID_JSON = BAD_REQUEST, "The body is not valid JSON",
        "Send one JSON document in UTF-8; `detail` tells where reading stopped.";
    /// Fields, parameters or headers are not valid.
    VALIDATION_FAILED = BAD_REQUEST, "The request is not valid",
        "`errors` names every place and what is wrong there. Correct them all and send it again.";
    /// A named person is already on the roster, or already in the organization.
    ALREADY_A_MEMBER = BAD_REQUEST, "Already a member",
        "There is nothing to do, or change the place that the person has with PATCH. An inactive member of the organization is let in again with `{\"active\": true}`.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN = BAD_REQUEST, "The username is taken",
        "Choose another username, or none.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN = BAD_REQUEST, "The employee number is taken",
        "Check the number; `GET …/members?search=` finds who has it.";
    /// The named person is not on the roster.
    NOT_A_MEMBER = BAD_REQUEST, "Not a member of the project",
        "There is nothing to do: they are not on the roster.";
    /// Members cannot remove themselves from a roster.
    CANNOT_REMOVE_SELF = BAD_REQUEST, "You cannot remove yourself",
        "Leave with `DELETE /v2/projects/{node_id}/members/me`.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN = BAD_REQUEST, "An admin of the project cannot be removed",
        "Change the role that `detail` names first: with `PATCH /v2/projects/{node_id}/members/{user_node_id}` on the roster, with `PATCH /api/v1/organizations/{id}/members/{userId}` in the organization.";
    /// The change would leave the organization or the roster without an admin.
    LAST_ADMIN = CONFLICT, "The last admin must stay",
        "Make someone else admin first.";
    /// An API key that has expired or was revoked cannot be replaced.
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
    /// The response to the first request with this Idempotency-Key showed a secret, which is shown only once.
    SECRET_ALREADY_SHOWN = CONFLICT, "The secret was shown already",
        "If the first answer was lost, revoke the API key that it made and make another, with a new Idempotency-Key.";
    /// The record does not match the `If-Match` of the request.
    PRECONDITION_FAILED = PRECONDITION_FAILED, "The record has changed",
        "Read the record again, see whether your change still makes sense, and send it with the new `ETag`. Where a path does not look at `If-Match`, leave it out.";
    /// The Idempotency-Key was sent before, with a different request.
    IDEMPOTENCY_KEY_REUSED = UNPROCESSABLE_ENTITY, "The key belongs to another request",
        "Use a new Idempotency-Key for a new request. To retry, send the very same request: path, query, media type and body.";
    /// This instance requires `If-Match` for changes of a record.
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
    /// The body is larger than the limit.
    PAYLOAD_TOO_LARGE = PAYLOAD_TOO_LARGE, "The body is too large",
        "Send less: `detail` names the limit. A long list can be sent in parts.";
    /// The endpoint does not accept bodies of this media type.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported",
        "Send the media type that `Accept-Post` or `Accept-Patch` names, in UTF-8.";
    /// The body has a `Content-Encoding`, such as compression.
    UNSUPPORTED_CONTENT_ENCODING = UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not read",
        "Send the body as it is, without `Content-Encoding`.";
    /// Too many requests are in flight, or a concurrent transaction conflicted with this one.
    BUSY = SERVICE_UNAVAILABLE, "The service is busy",
        "Wait for as many seconds as `Retry-After` says and send it again. Nothing was written.";
    /// The server is shutting down.
    STOPPING = SERVICE_UNAVAILABLE, "The server is stopping",
        "Send requests to another server of the instance, or wait until this one is back.";
    /// The store cannot be reached, or responds too slowly.
    STORE_UNAVAILABLE = SERVICE_UNAVAILABLE, "The store is unavailable",
        "Wait and send it again. If it lasts, tell whoever runs the instance.";
    /// The service does not know whether the request was carried out.
    OUTCOME_UNKNOWN = SERVICE_UNAVAILABLE, "The outcome is unknown",
        "Send it again with the same Idempotency-Key, if it had one. Else look whether it was written first.";
    /// An internal error, which is a bug. The cause is in the log of the service, under the request's id.
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "Something went wrong on our side",
        "Tell whoever runs the instance, with the `request_id`. It is a bug.";
}
