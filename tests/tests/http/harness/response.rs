//! Responses.

use std::fmt;

use serde_json::{Value, json};

use super::client::BASE;

/// A whole response.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
    /// The path that the application is mounted at, or nothing.
    pub(crate) mounted_at: &'static str,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.bytes))
    }
}

impl Response {
    /// Returns a header's value. Panics if the header is repeated.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = values.next();
        assert!(values.next().is_none(), "{name} is repeated: {self}");
        value.map(|(_, value)| value.as_str())
    }

    /// Returns the path of the created resource. `Location` must be an absolute URL of the service.
    #[track_caller]
    pub(crate) fn location(&self) -> Option<&str> {
        self.header("location").map(|url| self.path_of(url))
    }

    /// Returns the path with the query that a link leads to, if there is one. The link must be an absolute URL of the service.
    #[track_caller]
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let end = format!(">; rel=\"{relation}\"");
        let mut links = self.header("link").unwrap_or_else(|| panic!("no links: {self}")).split(", ");
        links
            .find_map(|link| link.strip_suffix(&end)?.strip_prefix('<'))
            .map(|url| self.path_of(url).to_owned())
    }

    #[track_caller]
    fn path_of<'a>(&self, url: &'a str) -> &'a str {
        let path = url.strip_prefix(BASE).and_then(|path| path.strip_prefix(self.mounted_at));
        path.unwrap_or_else(|| panic!("{url} is no URL of ours: {self}"))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Checks the status and the whole body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: Value) {
        assert_eq!(self.status, status, "{self}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self}");
        assert_eq!(self.json(), body, "{self}");
    }

    /// Returns the problem's status and code, after checking the form that all problems share.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self}");
        let body = self.json();
        let code = body["code"].as_str().unwrap_or_else(|| panic!("no code: {self}"));
        let request_id = self.header("x-request-id").unwrap_or_else(|| panic!("no id: {self}"));
        assert_eq!(body["type"], json!(format!("{}/docs/errors/{code}", self.mounted_at)), "{self}");
        assert_eq!(body["status"], json!(self.status), "{self}");
        assert_eq!(body["request_id"], json!(request_id), "{self}");
        assert_eq!(body["instance"], json!(format!("urn:loggia:request:{request_id}")), "{self}");
        for member in ["title", "detail"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {self}");
        }
        for error in body["errors"].as_array().into_iter().flatten() {
            let locations = ["pointer", "parameter", "header"].map(|location| error[location].is_string());
            assert_eq!(locations.iter().filter(|named| **named).count(), 1, "{self}");
            assert!(error["code"].is_string() && error["detail"].is_string(), "{self}");
        }
        (self.status, code.to_owned())
    }

    /// Checks the status and the code of a problem.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, code: &str) {
        assert_eq!(self.problem(), (status, code.to_owned()), "{self}");
    }

    /// Returns the locations and codes of the validation errors of a problem: `/name` in the body, `?limit` in the query, `If-Match:` among
    /// the headers.
    #[track_caller]
    pub(crate) fn field_errors(&self) -> Vec<(String, String)> {
        self.problem();
        let body = self.json();
        let location = |error: &Value| match (error["parameter"].as_str(), error["header"].as_str()) {
            (Some(parameter), _) => format!("?{parameter}"),
            (None, Some(header)) => format!("{header}:"),
            (None, None) => error["pointer"].as_str().unwrap_or_default().to_owned(),
        };
        let code = |error: &Value| error["code"].as_str().unwrap_or_default().to_owned();
        let errors = body["errors"].as_array().into_iter().flatten();
        errors.map(|error| (location(error), code(error))).collect()
    }

    /// Checks that the response is a 400 with exactly these locations and codes.
    #[track_caller]
    pub(crate) fn names(&self, expected: &[(&str, &str)]) {
        assert_eq!(self.status, 400, "{self}");
        let named = self.field_errors();
        let named: Vec<_> = named.iter().map(|(location, code)| (location.as_str(), code.as_str())).collect();
        assert_eq!(named, expected, "{self}");
    }
}
