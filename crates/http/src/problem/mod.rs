//! Every error response, as RFC 9457 problem details. Nothing else in this crate writes an error response.

mod codes;
mod field_error_codes;
pub(crate) mod from_domain;
pub(crate) mod from_invitations;
pub(crate) mod from_organizations;
mod from_server;
pub(crate) mod validation;

use std::borrow::Cow;
use std::error::Error;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use serde::Serialize;

pub use codes::Code;
pub use field_error_codes::FieldErrorCode;

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The validation error of one field, parameter or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The location in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of the query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The name of the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// The kind of the error, in a stable code.
    pub code: FieldErrorCode,
    /// An explanation of the error, in a sentence.
    pub detail: String,
}

/// An error response to a request, before it is tied to the request's id.
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
    /// Creates a problem with an explanation for people.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// Returns the problem of a record that does not exist or that the caller may not see: the same byte for byte in both cases.
    pub fn not_found() -> Self {
        Self::new(Code::NOT_FOUND, "The resource does not exist, or you may not see it.")
    }

    /// Returns the problem of a bug. The cause goes to the log only.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let problem = Self::new(
            Code::INTERNAL_ERROR,
            "The request failed. The cause is in the log, under the request id.",
        );
        problem.caused_by(Some(cause.into()))
    }

    /// Returns the problem of a request with validation errors.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem =
            Self::new(Code::VALIDATION_FAILED, "Some fields or parameters are not valid; see `errors`.");
        problem.errors = errors;
        problem
    }

    /// Adds a validation error for a location in the body. The error's detail is the problem's detail.
    #[must_use]
    pub fn at_pointer(mut self, code: FieldErrorCode, pointer: impl Into<String>) -> Self {
        let detail = self.detail.clone().into_owned();
        self.errors.push(FieldError {
            pointer: Some(pointer.into()),
            parameter: None,
            header: None,
            code,
            detail,
        });
        self
    }

    /// Adds validation errors.
    pub fn add_errors(&mut self, errors: Vec<FieldError>) {
        self.errors.extend(errors);
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds the `ETag` of the record as it is now.
    #[must_use]
    pub(crate) fn with_tag(self, tag: &str) -> Self {
        match HeaderValue::from_str(tag) {
            Ok(value) => self.with_header(header::ETAG, value),
            Err(_) => self,
        }
    }

    /// Sets the cause, which goes to the log and not to the client.
    #[must_use]
    pub fn caused_by(mut self, cause: Option<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = cause;
        self
    }

    /// Returns the kind of the problem.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the validation errors.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Turns the problem into the response to a request. The cause, if there is one, is logged here and nowhere else. `path` is the path
    /// under which the client reaches this API, without a slash at its end: empty, or that of a mount.
    pub fn into_response(self, request_id: &str, path: &str) -> HttpResponse {
        if let Some(cause) = &self.cause {
            let chain = Chain(cause.as_ref()).to_string();
            tracing::error!(request_id, code = self.code.as_str(), cause = chain, "a request failed");
        }
        let body = Body {
            r#type: format!("{path}/docs/errors/{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            // The path would make the responses for two hidden records differ.
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
            // More of the body may arrive, and nothing will read it. (A header `Connection` would not reach the wire.)
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
