//! Successful answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, InvalidHeaderValue, LOCATION};
use serde::Serialize;

use crate::problem::Problem;

/// What a handler gives.
pub(crate) type Reply = Result<Answer, Problem>;

/// A successful answer, not yet tied to its connection.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    fn json(status: StatusCode, body: &impl Serialize) -> Reply {
        let body = serde_json::to_vec(body).map_err(Problem::internal)?;
        Ok(Self { status, body: Some(body), headers: Vec::new() })
    }

    /// 200 with a body.
    pub(crate) fn ok(body: &impl Serialize) -> Reply {
        Self::json(StatusCode::OK, body)
    }

    /// 201 with a body; `location` is the path of what was made.
    pub(crate) fn created(location: Option<String>, body: &impl Serialize) -> Reply {
        let answer = Self::json(StatusCode::CREATED, body)?;
        match location {
            Some(location) => answer.with_header(LOCATION, &location),
            None => Ok(answer),
        }
    }

    /// 204.
    pub(crate) fn no_content() -> Reply {
        Ok(Self { status: StatusCode::NO_CONTENT, body: None, headers: Vec::new() })
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Reply {
        let value =
            HeaderValue::from_str(value).map_err(|error: InvalidHeaderValue| Problem::internal(error))?;
        self.headers.push((name, value));
        Ok(self)
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.append_header(header);
        }
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }
}
