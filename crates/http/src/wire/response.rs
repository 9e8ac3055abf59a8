//! Successful responses.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, InvalidHeaderValue, LOCATION};
use loggia_observe::{Stage, Timer};
use loggia_serve::admission::Permit;
use loggia_serve::client::BaseUrl;
use loggia_serve::response::unread;
use serde::Serialize;

use crate::problem::Problem;
use crate::wire::entity_tag::EntityTag;
use crate::wire::response_text::Text;

/// The unit in bytes in which memory is reserved: one kibibyte.
pub(crate) const ROOM_UNIT: usize = 1024;

/// The memory of a response that is not small.
pub(crate) type ResponseRoom = Option<Permit>;

/// The result of a handler.
pub(crate) type Reply = Result<Answer, Problem>;

/// A successful response, not yet tied to its connection.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Text>,
    /// The memory that is reserved for the response.
    room: ResponseRoom,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The path of the created resource.
    location: Option<String>,
    tag: Option<EntityTag>,
    shows_a_secret: bool,
}

impl Answer {
    /// Creates a response from its parts.
    pub(crate) fn new(
        status: StatusCode,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Option<Text>,
    ) -> Self {
        Self { status, body, room: None, headers, location: None, tag: None, shows_a_secret: false }
    }

    fn json(status: StatusCode, body: &impl Serialize) -> Reply {
        let _serialize = Timer::begin(Stage::Serialize);
        let mut text = Text::new();
        serde_json::to_writer(&mut text, body).map_err(Problem::internal)?;
        Ok(Self::new(status, Vec::new(), Some(text)))
    }

    /// Returns 200 with a body.
    pub(crate) fn ok(body: &impl Serialize) -> Reply {
        Self::json(StatusCode::OK, body)
    }

    /// Returns 200 with one record and the `ETag` of that revision.
    pub(crate) fn record(revision: u64, body: &impl Serialize) -> Reply {
        Self::ok(body)?.tagged(revision)
    }

    /// Returns 201 with a body. `location` is the path of the created resource; [`Answer::located_at`] turns it into a URL.
    pub(crate) fn created(location: Option<String>, body: &impl Serialize) -> Reply {
        Ok(Self { location, ..Self::json(StatusCode::CREATED, body)? })
    }

    /// Adds `Location` if a resource was created.
    pub(crate) fn located_at(mut self, base: &BaseUrl) -> Reply {
        match self.location.take() {
            Some(path) => self.with_header(LOCATION, &format!("{base}{path}")),
            None => Ok(self),
        }
    }

    /// Returns 204.
    pub(crate) fn no_content() -> Reply {
        Ok(Self::new(StatusCode::NO_CONTENT, Vec::new(), None))
    }

    /// Adds a header. Fails with an internal error if the value is not valid in a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Reply {
        let value =
            HeaderValue::from_str(value).map_err(|error: InvalidHeaderValue| Problem::internal(error))?;
        self.headers.push((name, value));
        Ok(self)
    }

    /// Adds the `ETag` of the one record that the body shows, at that revision.
    pub(crate) fn tagged(mut self, revision: u64) -> Reply {
        let tag = EntityTag::new(revision, &self.body().unwrap_or_default());
        self.tag = Some(tag.clone());
        self.with_header(ETAG, tag.as_str())
    }

    /// Keeps the memory that was reserved for the response, reduced to the length of its body, until the client has taken the response.
    pub(crate) fn in_room(mut self, mut room: ResponseRoom) -> Self {
        if let (Some(room), Some(body)) = (&mut room, &self.body) {
            room.shrink(body.len().div_ceil(ROOM_UNIT));
        }
        self.room = room;
        self
    }

    /// Marks a response that shows a secret, so that it is never stored.
    pub(crate) fn with_a_secret(self) -> Self {
        Self { shows_a_secret: true, ..self }
    }

    /// Returns 304 with the same headers and no body, since the client has it.
    pub(crate) fn not_modified(self) -> Self {
        Self { status: StatusCode::NOT_MODIFIED, body: None, room: None, ..self }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    pub(crate) fn body(&self) -> Option<Cow<'_, [u8]>> {
        self.body.as_ref().map(Text::bytes)
    }

    pub(crate) fn tag(&self) -> Option<&EntityTag> {
        self.tag.as_ref()
    }

    pub(crate) fn shows_a_secret(&self) -> bool {
        self.shows_a_secret
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.append_header(header);
        }
        let Some(body) = self.body else { return response.finish() };
        response.content_type("application/json");
        match body.into_small() {
            Ok(small) => response.body(small),
            Err(parts) => response.body(unread::keep(BoxBody::new(parts), self.room)),
        }
    }
}
