//! One log line for each request: what was asked, by which key, how it went and how long it took. Never a body, a secret,
//! a query string or an e-mail address.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _};
use loggia_domain::id::{KeyId, OrganizationId};

use crate::app::HttpApp;
use crate::authenticate::Rate;
use crate::connection::Busy;
use crate::cors::Asked;
use crate::lifecycle::Phase;
use crate::problem::{Code, MEDIA_TYPE, Problem};
use crate::{headers, host, unread};

/// The header that carries a request's id, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

/// What a handler learns that the log line shall tell.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<NotesInner>);

#[derive(Default)]
struct NotesInner {
    key: OnceLock<KeyId>,
    organization: OnceLock<Option<OrganizationId>>,
    replayed: OnceLock<()>,
}

impl Notes {
    pub(crate) fn key(&self, key: Option<KeyId>) {
        if let Some(key) = key {
            let _ = self.0.key.set(key);
        }
    }

    /// The answer was given before, and is repeated.
    pub(crate) fn replayed(&self) {
        let _ = self.0.replayed.set(());
    }

    /// The first one told stays.
    pub(crate) fn organization(&self, organization: Option<OrganizationId>) {
        let _ = self.0.organization.set(organization);
    }
}

/// Writes its line when it is dropped, so that a request whose client went away has one too.
struct Line {
    method: String,
    route: String,
    request_id: Arc<str>,
    notes: Notes,
    begun: Instant,
    status: Option<u16>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let key = self.notes.0.key.get().map(KeyId::to_string);
        let organization = self.notes.0.organization.get().copied().flatten().map(|id| id.to_string());
        let duration_ms = self.begun.elapsed().as_secs_f64() * 1_000.0;
        tracing::info!(
            target: "loggia::request",
            method = self.method,
            route = self.route,
            // 499 is what proxies log for a client that did not wait for its answer.
            status = self.status.unwrap_or(499),
            duration_ms = (duration_ms * 1_000.0).round() / 1_000.0,
            request_id = &*self.request_id,
            organization,
            key_id = key,
            replayed = self.notes.0.replayed.get().map(|()| true),
            "request"
        );
    }
}

fn sent_id(request: &ServiceRequest) -> Option<Arc<str>> {
    let mut values = request.headers().get_all(&REQUEST_ID);
    let text = values.next()?.to_str().ok()?;
    let fine = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    (fine && values.next().is_none()).then(|| text.into())
}

/// Wraps every request: gives it an id, logs it, and puts on the headers that all answers have.
pub(crate) async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let Some(app) = request.app_data::<Data<HttpApp>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let open = (app.lifecycle.request(), request.conn_data::<Busy>().map(Busy::hold));
    let asked = Asked::by(&app.origins, request.method(), request.headers());
    let request_id = sent_id(&request).unwrap_or_else(|| app.ids.next().to_string().into());
    let notes = Notes::default();
    let route = request.match_pattern().unwrap_or_else(|| "-".to_owned());
    let method = request.method().to_string();
    request.extensions_mut().insert(RequestId(request_id.clone()));
    request.extensions_mut().insert(notes.clone());
    let mut line = Line { method, route, request_id: request_id.clone(), notes, begun, status: None };

    let mut response = match host::check(request.headers()) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(problem) => {
            let mut response = problem.into_response(&request_id);
            response.head_mut().set_connection_type(ConnectionType::Close);
            request.into_response(response)
        }
    };
    let status = response.status();
    let is_problem = |value: &HeaderValue| value.as_bytes().starts_with(MEDIA_TYPE.as_bytes());
    if (status.is_client_error() || status.is_server_error())
        && !response.headers().get(header::CONTENT_TYPE).is_some_and(is_problem)
    {
        // Something below answered by itself. It keeps its meaning and gets our form.
        let code =
            Code::ALL.iter().copied().find(|code| code.status() == status).unwrap_or(Code::INTERNAL_ERROR);
        let problem = Problem::new(code, "The request could not be handled.").into_response(&request_id);
        let (request, _) = response.into_parts();
        response = ServiceResponse::new(request, problem);
    }
    let rate = response.request().extensions().get::<Rate>().copied();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(Rate(level)) = rate {
        for (name, value) in level.headers() {
            headers.insert(name, value);
        }
    }
    headers::complete(headers, &app.origins, asked);
    if app.lifecycle.phase() > Phase::Serving {
        // Whoever is told that goes elsewhere. (A header `Connection` would not reach the wire.)
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    line.status = Some(response.status().as_u16());
    Ok(response.map_body(|_, body| unread::keep(body, open)))
}
