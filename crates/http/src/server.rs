//! Routes, and the application that answers them.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{Guard, GuardContext};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;

use crate::app::HttpApp;
use crate::dispatch::{dispatch, panicked, request_id};
use crate::endpoints::{ENDPOINTS, Endpoint};
use crate::limits::SMALL_ANSWER_BYTES;
use crate::problem::{Code, Problem};
use crate::shares::Party;
use crate::unread::Parts;
use crate::{admission, health, request_log, unread};

/// A method, and HEAD beside GET.
struct Answers(&'static str);

impl Guard for Answers {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let method = &context.head().method;
        method.as_str() == self.0 || self.0 == "GET" && *method == Method::HEAD
    }
}

/// What the methods of one path are, as `Allow` names them.
fn allow(methods: impl Iterator<Item = &'static str>) -> String {
    let mut allowed = Vec::new();
    for method in methods {
        allowed.push(method);
        if method == "GET" {
            allowed.push("HEAD");
        }
    }
    allowed.push("OPTIONS");
    allowed.join(", ")
}

/// Answers the methods that a path has no endpoint for.
fn other_methods(request: &HttpRequest, allow: &str) -> HttpResponse {
    let value = HeaderValue::from_str(allow).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"));
    if request.method() == Method::OPTIONS {
        return HttpResponse::NoContent().insert_header((header::ALLOW, value)).finish();
    }
    Problem::new(Code::METHOD_NOT_ALLOWED, format!("Allowed here: {allow}."))
        .with_header(header::ALLOW, value)
        .into_response(&request_id(request))
}

/// Mounts every endpoint, the health checks, and the answers to everything else.
fn configure(config: &mut ServiceConfig) {
    let mut paths: Vec<&'static str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    // Several endpoints share a path, and one path is one resource: else a wrong method would be an unknown route.
    let mut seen = std::collections::HashSet::new();
    paths.retain(|path| seen.insert(*path));
    for path in paths {
        let here = || ENDPOINTS.iter().filter(move |endpoint| endpoint.path == path);
        let allowed = allow(here().map(|endpoint| endpoint.method));
        let mut resource = web::resource(path);
        for endpoint in here() {
            resource = resource.route(web::route().guard(Answers(endpoint.method)).to(
                move |request: HttpRequest, payload: Payload, app: Data<HttpApp>| {
                    answer(endpoint, request, payload, app)
                },
            ));
        }
        config.service(resource.default_service(web::to(move |request: HttpRequest, payload: Payload| {
            let response = unread::hold(other_methods(&request, &allowed), payload);
            async move { response }
        })));
    }
    config.default_service(web::to(|request: HttpRequest, payload: Payload| async move {
        let problem = Problem::new(Code::ROUTE_NOT_FOUND, "No endpoint has this path.");
        unread::hold(problem.into_response(&request_id(&request)), payload)
    }));
}

/// Answers a call of an endpoint. A panic, wherever it was, becomes an answer, too: actix would only close the connection.
async fn answer(
    endpoint: &'static Endpoint,
    request: HttpRequest,
    mut payload: Payload,
    app: Data<HttpApp>,
) -> HttpResponse {
    let id = request_id(&request);
    let answer = async {
        match endpoint.action {
            Some(_) => dispatch(endpoint, &request, &mut payload, &app).await,
            None => health::answer(endpoint, &request, &app).await,
        }
    };
    let outcome = AssertUnwindSafe(answer).catch_unwind().await;
    let response = outcome.unwrap_or_else(|panic| panicked(panic).into_response(&id));
    unread::hold(in_parts(response, endpoint, &request, &app), payload)
}

/// An answer that is not small is sent in parts, and holds room in memory until its client has taken it. Where there is none, a
/// read is refused; what was written must be told all the same, and is never long.
fn in_parts(
    response: HttpResponse,
    endpoint: &Endpoint,
    request: &HttpRequest,
    app: &HttpApp,
) -> HttpResponse {
    let BodySize::Sized(length) = response.body().size() else { return response };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let party = request.extensions().get::<Party>().copied();
    let (Some(party), true) = (party, length > SMALL_ANSWER_BYTES) else { return response };
    let room = match admission::room_for_answer(app, party, length) {
        Ok(room) => Some(room),
        Err(_) if endpoint.writes() => None,
        Err(problem) => return problem.into_response(&request_id(request)),
    };
    response.map_body(|_, body| match body.try_into_bytes() {
        Ok(bytes) => unread::keep(BoxBody::new(Parts(bytes)), room),
        Err(body) => body,
    })
}

/// The whole HTTP side as one actix application: for [`crate::serve`], and for tests that call it in process.
pub fn application(
    app: HttpApp,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new().app_data(Data::new(app)).configure(configure).wrap(from_fn(request_log::around))
}
