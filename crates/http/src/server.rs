//! The application: routing of a request to its endpoint, and responses for unknown paths and methods.
//!
//! [`application`] is the actix application around them.

use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};

use actix_service::fn_service;
use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{App, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use loggia_serve::Running;
use loggia_serve::response::unread;

use crate::api::ENDPOINTS;
use crate::health;
use crate::pipeline::access_log;
use crate::pipeline::context::RequestContext;
use crate::pipeline::dispatch::dispatch;
use crate::pipeline::endpoint::{Endpoint, Handler};
use crate::pipeline::handler::panicked;
use crate::pipeline::router::{Route, Router};
use crate::pipeline::state::HttpApp;
use crate::problem::{Code, Problem};

/// The routes of all endpoints. The maximum lengths of their responses are computed here, so that the first call need not wait for them.
static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    for endpoint in ENDPOINTS {
        endpoint.extents();
    }
    Router::new(ENDPOINTS)
});

/// Answers a method for which the path has no endpoint: OPTIONS with 204, any other with 405.
fn other_methods(request: &HttpRequest, allow: &str, context: &RequestContext) -> HttpResponse {
    let value = HeaderValue::from_str(allow).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"));
    if request.method() == Method::OPTIONS {
        return HttpResponse::NoContent().insert_header((header::ALLOW, value)).finish();
    }
    let problem = Problem::new(Code::METHOD_NOT_ALLOWED, format!("Allowed here: {allow}."));
    context.refuse(problem.with_header(header::ALLOW, value))
}

/// Answers a request with its endpoint's response, or with a problem if it has no endpoint.
async fn answer(
    route: Option<&Route>,
    request: &HttpRequest,
    mut payload: Payload,
    app: &HttpApp,
    context: &RequestContext,
) -> HttpResponse {
    let response = match route.map(|route| (route, route.resource.endpoint(request.method()))) {
        Some((route, Some(endpoint))) => called(endpoint, route, request, &mut payload, app, context).await,
        Some((route, None)) => other_methods(request, &route.resource.allow, context),
        None => context.refuse(Problem::new(Code::ROUTE_NOT_FOUND, "No endpoint has this path.")),
    };
    unread::hold(response, payload)
}

/// Calls an endpoint. A panic, wherever it was, becomes a response; actix would only close the connection.
async fn called(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
    context: &RequestContext,
) -> HttpResponse {
    let answer = async {
        match endpoint.handler {
            Handler::Call(_) => dispatch(endpoint, route, request, payload, app, context).await,
            Handler::Service(service) => {
                health::answer(service, endpoint, route, request, app, context).await
            }
        }
    };
    let outcome = AssertUnwindSafe(answer).catch_unwind().await;
    outcome.unwrap_or_else(|panic| context.refuse(panicked(panic)))
}

/// Serves the HTTP side on a listener that is bound already. The server runs once [`Running::wait`] is awaited.
///
/// # Errors
/// Fails if the listener cannot be used.
pub fn serve(app: HttpApp, listener: TcpListener, workers: usize) -> io::Result<Running> {
    loggia_serve::serve(app.server.clone(), move || application(app.clone()), listener, workers)
}

/// Returns the whole HTTP side as one actix application, for [`crate::serve`] and for tests that call it in process.
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
    App::new().default_service(service(app))
}

/// Returns the service that all requests reach, which finds their endpoints.
pub(crate) fn service(
    app: HttpApp,
) -> impl ServiceFactory<
    ServiceRequest,
    Config = (),
    Response = ServiceResponse<BoxBody>,
    Error = actix_web::Error,
    InitError = (),
> {
    let app = Arc::new(app);
    let router: &'static Router = &ROUTER;
    fn_service(move |request: ServiceRequest| {
        let app = app.clone();
        async move {
            let answer = async |route: Option<&Route>,
                                request: &HttpRequest,
                                payload: Payload,
                                context: &RequestContext| {
                answer(route, request, payload, &app, context).await
            };
            Ok::<_, actix_web::Error>(access_log::around(&app, router, request, answer).await)
        }
    })
}
