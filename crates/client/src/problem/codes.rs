//! The codes of problems. A test compares both lists with the published document.

use crate::macros::open_enum;

open_enum! {
    /// The kind of a problem.
    pub enum ProblemCode {
        /// The request has no API key, or none under the scheme `Bearer`.
        Unauthenticated = "UNAUTHENTICATED",
        /// The API key is malformed, unknown, expired or revoked.
        InvalidKey = "INVALID_KEY",
        /// The API key lacks the ability that the request needs.
        InsufficientScope = "INSUFFICIENT_SCOPE",
        /// The caller's role does not allow the request.
        Forbidden = "FORBIDDEN",
        /// The caller is not an active member of the organization, or the organization does not exist.
        NoAccessToOrganization = "NO_ACCESS_TO_ORGANIZATION",
        /// The API key is confined to one organization, and the request reaches further.
        KeyIsConfined = "KEY_IS_CONFINED",
        /// The field or the API keys belong to an account, which is not the organization's.
        BelongsToAccount = "BELONGS_TO_ACCOUNT",
        /// The API key to be replaced outlives the key of the request, or the key of the request descends from it.
        KeyIsBeyondYours = "KEY_IS_BEYOND_YOURS",
        /// The API key was made before its user was readmitted to an organization, so it cannot be given access to another one.
        KeyTooOld = "KEY_TOO_OLD",
        /// Only the operator of the instance creates organizations.
        OrganizationCreationClosed = "ORGANIZATION_CREATION_CLOSED",
        /// The record does not exist, or you may not see it.
        NotFound = "NOT_FOUND",
        /// No endpoint has this path.
        RouteNotFound = "ROUTE_NOT_FOUND",
        /// The named user is not an active member of the scope.
        UserNotFound = "USER_NOT_FOUND",
        /// No pending invitation has the token. It is malformed, unknown, used, replaced, withdrawn or expired.
        InvitationNotFound = "INVITATION_NOT_FOUND",
        /// The path has endpoints, but none with this method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The file is available only in a content coding that the client does not accept.
        EncodingNotAcceptable = "ENCODING_NOT_ACCEPTABLE",
        /// The body is not one JSON document, or it is empty although one is required.
        InvalidJson = "INVALID_JSON",
        /// Fields, parameters or headers are not valid.
        ValidationFailed = "VALIDATION_FAILED",
        /// A named person, or the caller, is already on the roster, or already in the organization.
        AlreadyAMember = "ALREADY_A_MEMBER",
        /// Another member of the organization has that username.
        UsernameTaken = "USERNAME_TAKEN",
        /// Another member of the organization has that employee number.
        EmployeeNumberTaken = "EMPLOYEE_NUMBER_TAKEN",
        /// Another of the organization's own people has that address.
        EmailTaken = "EMAIL_TAKEN",
        /// The named person is not on the roster.
        NotAMember = "NOT_A_MEMBER",
        /// Members cannot remove themselves from a roster.
        CannotRemoveSelf = "CANNOT_REMOVE_SELF",
        /// The person is an admin of the project, by their role on its roster or in the organization.
        CannotRemoveAdmin = "CANNOT_REMOVE_ADMIN",
        /// An account that is no longer a member joins again by accepting an invitation.
        InvitationRequired = "INVITATION_REQUIRED",
        /// The user was erased, which cannot be undone.
        MemberErased = "MEMBER_ERASED",
        /// The change would leave the organization or the roster without an admin.
        LastAdmin = "LAST_ADMIN",
        /// The organization has an invitation for the address already, which may have expired.
        AlreadyInvited = "ALREADY_INVITED",
        /// An API key that has expired or was revoked cannot be replaced.
        KeyNotLive = "KEY_NOT_LIVE",
        /// The user has as many live API keys as the instance allows.
        TooManyApiKeys = "TOO_MANY_API_KEYS",
        /// The user has created as many organizations as the instance allows.
        TooManyOrganizations = "TOO_MANY_ORGANIZATIONS",
        /// The first request with this Idempotency-Key has not ended yet.
        IdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE",
        /// The response to the first request with this Idempotency-Key showed a secret, which is shown only once.
        SecretAlreadyShown = "SECRET_ALREADY_SHOWN",
        /// The record does not match the `If-Match` of the request.
        PreconditionFailed = "PRECONDITION_FAILED",
        /// The Idempotency-Key was sent before, with a different request.
        IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
        /// This instance requires `If-Match` for changes of a record.
        PreconditionRequired = "PRECONDITION_REQUIRED",
        /// Too many invalid keys came from one address.
        TooManyFailedAuthentications = "TOO_MANY_FAILED_AUTHENTICATIONS",
        /// The user or the organization has sent too many requests.
        RateLimited = "RATE_LIMITED",
        /// The body did not arrive in time.
        RequestTimeout = "REQUEST_TIMEOUT",
        /// The body is larger than the limit.
        PayloadTooLarge = "PAYLOAD_TOO_LARGE",
        /// The endpoint does not accept bodies of this media type.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// The body has a `Content-Encoding`, such as compression.
        UnsupportedContentEncoding = "UNSUPPORTED_CONTENT_ENCODING",
        /// Too many requests are in flight, or a concurrent transaction conflicted with this one.
        Busy = "BUSY",
        /// The server is shutting down.
        Stopping = "STOPPING",
        /// The store cannot be reached, or responds too slowly.
        StoreUnavailable = "STORE_UNAVAILABLE",
        /// The service does not know whether the request was carried out.
        OutcomeUnknown = "OUTCOME_UNKNOWN",
        /// The store of the instance lacks what the request needs, such as API keys or idempotency keys.
        NotSupported = "NOT_SUPPORTED",
        /// An internal error, which is a bug. The cause is in the log of the service, under the request's id.
        InternalError = "INTERNAL_ERROR",
    }
}

open_enum! {
    /// The reason why a field, a parameter or a header is refused.
    pub enum FieldCode {
        /// A required value is missing.
        Required = "REQUIRED",
        /// The field must not be null.
        NullNotAllowed = "NULL_NOT_ALLOWED",
        /// The value is of the wrong type.
        WrongType = "WRONG_TYPE",
        /// The text or list is shorter than the minimum.
        TooShort = "TOO_SHORT",
        /// The text or list is longer than the maximum.
        TooLong = "TOO_LONG",
        /// The text has a character that is not allowed, or is not valid Unicode.
        InvalidCharacter = "INVALID_CHARACTER",
        /// The text does not have the required format.
        InvalidFormat = "INVALID_FORMAT",
        /// The value is not a valid id.
        InvalidId = "INVALID_ID",
        /// The value is not a valid time or date.
        InvalidTime = "INVALID_TIME",
        /// The number is less than the minimum or greater than the maximum.
        OutOfRange = "OUT_OF_RANGE",
        /// The value is not one of the allowed values.
        NotAllowed = "NOT_ALLOWED",
        /// The body has a field that the endpoint does not know.
        UnknownField = "UNKNOWN_FIELD",
        /// The query has a parameter that the endpoint does not know.
        UnknownParameter = "UNKNOWN_PARAMETER",
        /// The object has the field more than once.
        DuplicateField = "DUPLICATE_FIELD",
        /// The query has the parameter more than once.
        DuplicateParameter = "DUPLICATE_PARAMETER",
        /// The request has the header more than once.
        DuplicateHeader = "DUPLICATE_HEADER",
        /// The list has the value more than once.
        DuplicateValue = "DUPLICATE_VALUE",
        /// Two fields with the same meaning have different values.
        Contradiction = "CONTRADICTION",
        /// The parameters exclude each other.
        NotTogether = "NOT_TOGETHER",
        /// The parameter conflicts with the cursor, which already determines it.
        NotBesideCursor = "NOT_BESIDE_CURSOR",
        /// The cursor does not belong to this list with these filters and this order, or not to this user.
        InvalidCursor = "INVALID_CURSOR",
        /// The field cannot be changed.
        Immutable = "IMMUTABLE",
        /// The start would be after the end.
        StartAfterEnd = "START_AFTER_END",
        /// The time is not in the future.
        NotInTheFuture = "NOT_IN_THE_FUTURE",
        /// The new API key would exceed the key of the request.
        BeyondYourKey = "BEYOND_YOUR_KEY",
        /// The scope has no such project, or you may not see it.
        UnknownProject = "UNKNOWN_PROJECT",
        /// Another task of the project has that number.
        TaskNoTaken = "TASK_NO_TAKEN",
        /// The person is not on the project's roster.
        NotAMember = "NOT_A_MEMBER",
        /// The named user is not an active member of the scope.
        UserNotFound = "USER_NOT_FOUND",
        /// The person is already on the roster, or already in the organization.
        AlreadyAMember = "ALREADY_A_MEMBER",
        /// The organization has an invitation for the address already.
        AlreadyInvited = "ALREADY_INVITED",
        /// The person is already in the organization, and inactive.
        MemberInactive = "MEMBER_INACTIVE",
        /// Another member of the organization has that username.
        UsernameTaken = "USERNAME_TAKEN",
        /// Another member of the organization has that employee number.
        EmployeeNumberTaken = "EMPLOYEE_NUMBER_TAKEN",
        /// Another of the organization's own people has that address.
        EmailTaken = "EMAIL_TAKEN",
        /// Members cannot remove themselves from a roster.
        CannotRemoveSelf = "CANNOT_REMOVE_SELF",
        /// The person is an admin of the project, by their role on its roster or in the organization.
        CannotRemoveAdmin = "CANNOT_REMOVE_ADMIN",
        /// The body as a whole is not JSON.
        InvalidJson = "INVALID_JSON",
        /// The header `Host` is not a valid host.
        InvalidHost = "INVALID_HOST",
        /// There are more errors than are listed.
        TooManyErrors = "TOO_MANY_ERRORS",
    }
}
