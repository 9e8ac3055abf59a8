//! Every refusal, as RFC 9457 problem details. Nothing else in this crate writes an error answer.

use std::borrow::Cow;
use std::error::Error;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use serde::Serialize;

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $title:literal;)+) => {
        /// What went wrong, in a word that stays: clients may match on it.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),+ }

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
        }
    };
}

codes! {
    /// No key was sent.
    UNAUTHENTICATED = UNAUTHORIZED, "An API key is needed";
    /// The key that was sent opens nothing.
    INVALID_KEY = UNAUTHORIZED, "The API key is not valid";
    /// The key lacks the ability.
    INSUFFICIENT_SCOPE = FORBIDDEN, "The API key lacks an ability";
    /// The caller's role is too low.
    FORBIDDEN = FORBIDDEN, "Your role does not allow this";
    /// The named organization is not the caller's, or does not exist.
    NO_ACCESS_TO_ORGANIZATION = FORBIDDEN, "You have no access to this organization";
    /// The key reaches one organization only, and what was asked for reaches further.
    KEY_IS_CONFINED = FORBIDDEN, "The API key is confined to one organization";
    /// Only the operator of the instance makes organizations.
    ORGANIZATION_CREATION_CLOSED = FORBIDDEN, "Organizations are made by the operator";
    /// Nothing there for the caller.
    NOT_FOUND = NOT_FOUND, "Not found";
    /// No endpoint has that path.
    ROUTE_NOT_FOUND = NOT_FOUND, "There is no such route";
    /// The person named is no active member of the scope.
    USER_NOT_FOUND = NOT_FOUND, "There is no such user";
    /// The path has endpoints, none with that method.
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// The body is no JSON.
    INVALID_JSON = BAD_REQUEST, "The body is not valid JSON";
    /// Fields or parameters are not as they must be.
    VALIDATION_FAILED = BAD_REQUEST, "The request is not valid";
    /// A person named is on the roster, or in the organization, already.
    ALREADY_A_MEMBER = BAD_REQUEST, "Already a member";
    /// Another member of the organization has that username.
    USERNAME_TAKEN = BAD_REQUEST, "The username is taken";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN = BAD_REQUEST, "The employee number is taken";
    /// The person named is not on the roster.
    NOT_A_MEMBER = BAD_REQUEST, "Not a member of the project";
    /// One cannot take oneself off a roster.
    CANNOT_REMOVE_SELF = BAD_REQUEST, "You cannot remove yourself";
    /// Admins are demoted before they are removed.
    CANNOT_REMOVE_ADMIN = BAD_REQUEST, "An admin of the project cannot be removed";
    /// Somebody must remain who may change things.
    LAST_ADMIN = CONFLICT, "The last admin must stay";
    /// A key that opens nothing any more is not replaced.
    KEY_NOT_LIVE = CONFLICT, "The API key has ended";
    /// Too many invalid keys came from one address.
    TOO_MANY_FAILED_AUTHENTICATIONS = TOO_MANY_REQUESTS, "Too many invalid API keys";
    /// The body did not arrive in time.
    REQUEST_TIMEOUT = REQUEST_TIMEOUT, "The request took too long to arrive";
    /// The body is larger than is read.
    PAYLOAD_TOO_LARGE = PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is of a kind that is not read here.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported";
    /// The body is compressed.
    UNSUPPORTED_CONTENT_ENCODING = UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not read";
    /// Too much is under way.
    BUSY = SERVICE_UNAVAILABLE, "The service is busy";
    /// The store is away.
    STORE_UNAVAILABLE = SERVICE_UNAVAILABLE, "The store is unavailable";
    /// Whether it was written cannot be told.
    OUTCOME_UNKNOWN = SERVICE_UNAVAILABLE, "The outcome is unknown";
    /// A bug.
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "Something went wrong on our side";
}

/// One field or parameter that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong with it, in a word that stays.
    pub code: &'static str,
    /// What is wrong with it, in a sentence.
    pub detail: String,
}

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A refusal with its explanation for people.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// What is not there, or not the caller's to see: the same to the byte in both cases.
    pub fn not_found() -> Self {
        Self::new(Code::NOT_FOUND, "There is no such resource, or it is not yours to see.")
    }

    /// A bug. The cause is for the log alone.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let problem = Self::new(
            Code::INTERNAL_ERROR,
            "The request could not be handled. It was logged under its request id.",
        );
        problem.caused_by(Some(cause.into()))
    }

    /// Fields and parameters that are not as they must be, all of them.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem =
            Self::new(Code::VALIDATION_FAILED, "Some fields or parameters are not valid; see `errors`.");
        problem.errors = errors;
        problem
    }

    /// Adds a place in the request that it is about.
    #[must_use]
    pub fn at_pointer(mut self, pointer: impl Into<String>) -> Self {
        let (code, detail) = (self.code.as_str(), self.detail.clone().into_owned());
        self.errors.push(FieldError { pointer: Some(pointer.into()), parameter: None, code, detail });
        self
    }

    /// Adds fields and parameters that are not as they must be either.
    pub fn add_errors(&mut self, errors: Vec<FieldError>) {
        self.errors.extend(errors);
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds what the log shall know and the client not.
    #[must_use]
    pub fn caused_by(mut self, cause: Option<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = cause;
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The fields and parameters it names.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The answer to the client; the cause, if there is one, goes to the log here and nowhere else.
    pub fn into_response(self, request_id: &str) -> HttpResponse {
        if let Some(cause) = &self.cause {
            let chain = Chain(cause.as_ref()).to_string();
            tracing::error!(request_id, code = self.code.as_str(), cause = chain, "a request failed");
        }
        let body = Body {
            r#type: format!("/docs/errors/{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            // Never the path: that would make the answer for one hidden record differ from the next.
            instance: format!("urn:loggia:request:{request_id}"),
            code: self.code.as_str(),
            request_id,
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = HttpResponse::build(self.code.status()).content_type(MEDIA_TYPE).body(body);
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        if matches!(self.code, Code::REQUEST_TIMEOUT | Code::PAYLOAD_TOO_LARGE) {
            // More of the body may come, and nobody will read it. (A header `Connection` would not reach the wire.)
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        if self.code.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An error with its sources, in one line.
struct Chain<'a>(&'a (dyn Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
