//! The log line of each request: method and route, key, status and duration. The line never has a body, a secret, a query string or an
//! e-mail address.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse};
use loggia_observe::Observed;
use loggia_serve::Exchange;
use loggia_serve::response::unread;

use crate::pipeline::context::{Notes, RequestContext};
use crate::pipeline::guest;
use crate::pipeline::observation::Observation;
use crate::pipeline::router::{Route, Router};
use crate::pipeline::state::HttpApp;
use crate::problem::Problem;

/// The header that carries a request's id in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Writes its log line when it is dropped, so that a request whose client went away is logged, too.
struct Line {
    method: &'static str,
    route: &'static str,
    request_id: Arc<str>,
    notes: Notes,
    begun: Instant,
    status: Option<u16>,
    observation: Option<Observation>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let key = self.notes.noted_key().map(|id| id.to_string());
        let organization = self.notes.noted_organization().map(|id| id.to_string());
        // Proxies log 499 for a client that did not wait for its response.
        let status = self.status.unwrap_or(499);
        let trace_id = self.observation.as_ref().and_then(Observation::trace_id);
        let took = self.begun.elapsed();
        let duration_ms = took.as_secs_f64() * 1_000.0;
        tracing::info!(
            target: "loggia::request",
            method = self.method,
            route = self.route,
            status,
            duration_ms = (duration_ms * 1_000.0).round() / 1_000.0,
            request_id = &*self.request_id,
            organization,
            key_id = key,
            replayed = self.notes.is_replay().then_some(true),
            trace_id,
            "request"
        );
        if let Some(observation) = &self.observation {
            observation.end(self.method, self.route, status, self.begun, took);
        }
    }
}

/// The methods that the log names: those of RFC 9110 and PATCH (RFC 5789).
static KNOWN_METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::CONNECT,
    Method::OPTIONS,
    Method::TRACE,
    Method::PATCH,
];

/// The method as the log names it. Any other method is `_OTHER`, as in the semantic conventions of OpenTelemetry, since a client chooses
/// its text.
fn logged(method: &Method) -> &'static str {
    KNOWN_METHODS.iter().find(|known| *known == method).map_or("_OTHER", Method::as_str)
}

fn sent_id(request: &ServiceRequest) -> Option<Arc<str>> {
    let mut values = request.headers().get_all(&REQUEST_ID);
    let text = values.next()?.to_str().ok()?;
    let fine = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    (fine && values.next().is_none()).then(|| text.into())
}

/// Answers a request by `answer`: finds its route, assigns its id, logs it, and adds the headers that all responses have.
pub(crate) async fn around(
    app: &HttpApp,
    router: &'static Router,
    request: ServiceRequest,
    answer: impl AsyncFnOnce(Option<&Route>, &HttpRequest, Payload, &RequestContext) -> HttpResponse,
) -> ServiceResponse<BoxBody> {
    let begun = Instant::now();
    let exchange = Exchange::begin(&app.server, &request);
    let id = sent_id(&request).unwrap_or_else(|| app.ids.next().to_string().into());
    let mounted_at = app.guest.is_some().then(|| guest::base(request.request(), app));
    let context = RequestContext::new(id, mounted_at);
    // The path behind that of a mount.
    let route = router.find(request.match_info().unprocessed());
    let method = logged(request.method());
    let path = route.as_ref().map_or("-", |route| route.resource.path);
    let observation = Observation::begin(app, method, path, begun, request.request());
    let account = observation.as_ref().map(|observation| observation.account.clone());
    let mut line = Line {
        method,
        route: path,
        request_id: context.id.clone(),
        notes: context.notes.clone(),
        begun,
        status: None,
        observation,
    };
    let (request, payload) = request.into_parts();
    let is_health_check = route.as_ref().is_some_and(|route| route.resource.is_health_check());
    let mut response = match exchange.check(is_health_check) {
        Ok(()) => Observed::new(account, answer(route.as_ref(), &request, payload, &context)).await,
        Err(refusal) => unread::refuse(context.refuse(Problem::from(refusal)), payload),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&context.id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(rate) = context.rate() {
        for (name, value) in rate.headers() {
            headers.insert(name, value);
        }
    }
    if app.callers().is_some() {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
    let response = exchange.complete(&app.server, response);
    line.status = Some(response.status().as_u16());
    ServiceResponse::new(request, response)
}
