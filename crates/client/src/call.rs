//! One call: the request as a resource describes it, and the response as it reads it.

use std::fmt::Display;
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::Error;
use crate::value::{ETag, Expected, Versioned};

/// A segment of a path.
pub(crate) type Segment<'a> = &'a (dyn Display + Sync);

/// The query parameters of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Gives a parameter a value, in place of an earlier one.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Display) {
        self.remove(name);
        self.0.push((name, value.to_string()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| *own != name);
    }
}

/// A request that is not sent yet.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Body>,
    pub(crate) condition: Option<Condition>,
    /// Whether the request carries the API key.
    pub(crate) is_authenticated: bool,
    /// The media type of the response, but for problems.
    pub(crate) accept: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// The version that the record must have.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Match(ETag),
    NoneMatch(ETag),
}

pub(crate) const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A response with a status of success, or 304.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) etag: Option<ETag>,
    pub(crate) link: Option<String>,
    pub(crate) total: Option<u64>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// Creates a request without a body. Each segment of the path is encoded.
    pub(crate) fn new(base: &Url, method: Method, path: &[Segment<'_>]) -> Self {
        let mut url = base.clone();
        // Only a URL without a host has no segments, and the builder of the client refuses those.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.iter().map(ToString::to_string));
        }
        Self { method, url, body: None, condition: None, is_authenticated: true, accept: JSON }
    }

    pub(crate) fn query(mut self, query: &Query) -> Self {
        for (name, value) in &query.0 {
            self.url.query_pairs_mut().append_pair(name, value);
        }
        self
    }

    /// Adds a JSON body.
    pub(crate) fn json(self, body: &impl Serialize) -> Result<Self, Error> {
        self.body(JSON, body)
    }

    /// Adds a merge patch.
    pub(crate) fn patch(self, body: &impl Serialize) -> Result<Self, Error> {
        self.body(MERGE_PATCH, body)
    }

    fn body(mut self, media_type: &'static str, body: &impl Serialize) -> Result<Self, Error> {
        let bytes =
            serde_json::to_vec(body).map_err(|error| Error::Settings(format!("the body: {error}")))?;
        self.body = Some(Body { media_type, bytes });
        Ok(self)
    }

    /// Asks for a change of the expected version alone.
    pub(crate) fn expecting<I>(mut self, expected: Expected<I>) -> Self {
        self.condition = expected.etag.map(Condition::Match);
        self
    }

    /// Asks for a response only if the record has another version.
    pub(crate) fn unless(mut self, etag: &ETag) -> Self {
        self.condition = Some(Condition::NoneMatch(etag.clone()));
        self
    }
}

impl Reply {
    /// Reads the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.unexpected(&format!("the body does not fit: {error}")))
    }

    /// Checks that the response is the documented one without a body.
    pub(crate) fn nothing(&self) -> Result<(), Error> {
        if self.status == 204 { Ok(()) } else { Err(self.unexpected("204 was expected")) }
    }

    /// Reads a record with its version.
    pub(crate) fn versioned<T: DeserializeOwned>(&self) -> Result<Versioned<T>, Error> {
        self.json().and_then(|record| self.with_version(record))
    }

    /// Adds the version of the response to the record that was read from it.
    pub(crate) fn with_version<T>(&self, record: T) -> Result<Versioned<T>, Error> {
        let etag = self.etag.clone().ok_or_else(|| self.unexpected("there is no ETag"))?;
        Ok(Versioned::new(record, etag))
    }

    /// Describes a response that is not as the document says. The text is not shown, since it may have a secret.
    pub(crate) fn unexpected(&self, reason: &str) -> Error {
        Error::UnexpectedResponse {
            status: self.status,
            reason: reason.to_owned(),
            excerpt: String::new(),
            retry_after: self.retry_after,
        }
    }
}
