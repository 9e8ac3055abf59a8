//! Problems: how the service says that it refuses a request (RFC 9457).

mod codes;

use std::fmt;
use std::time::Duration;

use crate::macros::record;

pub use self::codes::{FieldCode, ProblemCode};

record! {
    /// The service's refusal of a request, as RFC 9457 describes it.
    pub struct Problem {
        /// The kind of the problem. Codes are stable: match on them, and not on the texts.
        pub code: ProblemCode,
        /// The HTTP status.
        pub status: u16,
        /// A short summary, the same for every occurrence.
        pub title: String,
        /// An explanation of this occurrence, for people.
        pub detail: String,
        /// The path of the page that explains the code.
        #[serde(rename = "type")]
        pub page: String,
        /// A URI that identifies the request.
        pub instance: String,
        /// The id of the request, as the service logs it.
        pub request_id: String,
        /// The invalid fields, parameters and headers, if the code is about them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub errors: Vec<FieldError>,
        /// The time to wait before another request, if the response has `Retry-After`.
        #[serde(skip)]
        pub retry_after: Option<Duration>,
    }
}

record! {
    /// The refusal of one field, parameter or header.
    pub struct FieldError {
        /// A JSON Pointer (RFC 6901) to the field of the body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub pointer: Option<String>,
        /// The name of the query parameter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub parameter: Option<String>,
        /// The name of the header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub header: Option<String>,
        /// The reason.
        pub code: FieldCode,
        /// An explanation, for people.
        pub detail: String,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.status, self.code, self.detail)?;
        for error in &self.errors {
            let location = error.pointer.as_ref().or(error.parameter.as_ref()).or(error.header.as_ref());
            write!(formatter, "; {} {}: {}", location.map_or("", String::as_str), error.code, error.detail)?;
        }
        write!(formatter, " (request {})", self.request_id)
    }
}
