//! Every refusal, as RFC 9457 problem details. Nothing else in this crate writes an error answer.

mod codes;
mod faults;

use std::borrow::Cow;
use std::error::Error;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use serde::Serialize;

use crate::conditional::EntityTag;

pub use codes::Code;
pub use faults::FaultCode;

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// One field or parameter that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where in the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// What is wrong with it, in a word that stays.
    pub code: FaultCode,
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

    /// Adds a place in the body that it is about, and what is wrong there; what the whole says explains it.
    #[must_use]
    pub fn at_pointer(mut self, code: FaultCode, pointer: impl Into<String>) -> Self {
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

    /// Tells the tag of what is there.
    #[must_use]
    pub(crate) fn with_tag(self, tag: &EntityTag) -> Self {
        match HeaderValue::from_str(tag.as_str()) {
            Ok(value) => self.with_header(header::ETAG, value),
            Err(_) => self,
        }
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
