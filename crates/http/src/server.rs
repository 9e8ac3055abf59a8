//! The way from a request to its endpoint, and the application that goes it.

//! Routes, and the application that answers them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_service::fn_service;
use actix_web::body::{BodySize, BoxBody, MessageBody as _};
use actix_web::dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;

use crate::app::HttpApp;
use crate::dispatch::{dispatch, panicked, request_id};
use crate::endpoints::Endpoint;
use crate::limits::SMALL_ANSWER_BYTES;
use crate::problem::{Code, Problem};
use crate::routes::Route;
use crate::tenant::Tenant;
use crate::unread::Parts;
use crate::{admission, health, request_log, unread};

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

/// Answers a request: by its endpoint, or by what there is to say where it has none.
pub(crate) async fn answer(
    route: Option<&Route>,
    request: &HttpRequest,
    mut payload: Payload,
    app: &HttpApp,
) -> HttpResponse {
    let response = match route.map(|route| (route, route.resource.endpoint(request.method()))) {
        Some((route, Some(endpoint))) => called(endpoint, route, request, &mut payload, app).await,
        Some((route, None)) => other_methods(request, &route.resource.allow),
        None => Problem::new(Code::ROUTE_NOT_FOUND, "No endpoint has this path.")
            .into_response(&request_id(request)),
    };
    unread::hold(response, payload)
}

/// Answers a call of an endpoint. A panic, wherever it was, becomes an answer, too: actix would only close the connection.
async fn called(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
) -> HttpResponse {
    let answer = async {
        match endpoint.action {
            Some(_) => dispatch(endpoint, route, request, payload, app).await,
            None => health::answer(endpoint, route, request, app).await,
        }
    };
    let outcome = AssertUnwindSafe(answer).catch_unwind().await;
    let response = outcome.unwrap_or_else(|panic| panicked(panic).into_response(&request_id(request)));
    in_parts(response, endpoint, request, app)
}

/// An answer that is not small is sent in parts, and holds room in memory until its client has taken it, unless it is one of the
/// published documents, which are in memory once for all. Where there is none, a read is refused; what was written must be told all
/// the same, and is never long.
fn in_parts(
    response: HttpResponse,
    endpoint: &Endpoint,
    request: &HttpRequest,
    app: &HttpApp,
) -> HttpResponse {
    let BodySize::Sized(length) = response.body().size() else { return response };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length <= SMALL_ANSWER_BYTES {
        return response;
    }
    let tenant = request.extensions().get::<Tenant>().copied();
    let room = match tenant.map(|tenant| admission::response_room(app, tenant, length)).transpose() {
        Ok(room) => room,
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
    // Every request goes the same way, and finds its endpoint there.
    let app = Arc::new(app);
    App::new().default_service(fn_service(move |request: ServiceRequest| {
        let app = app.clone();
        async move { Ok::<_, actix_web::Error>(request_log::around(&app, request).await) }
    }))
}
