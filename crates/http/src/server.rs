//! Routes, and serving them until told to stop.

use std::io;
use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::guard::{Guard, GuardContext};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::FutureExt as _;
use tokio_util::task::TaskTracker;

use crate::app::HttpApp;
use crate::dispatch::{dispatch, panicked, request_id};
use crate::endpoints::{ENDPOINTS, Endpoint};
use crate::health;
use crate::problem::{Code, Problem};
use crate::{request_log, unread};

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
    unread::hold(outcome.unwrap_or_else(|panic| panicked(panic).into_response(&id)), payload)
}

/// The whole HTTP side as one actix application: for [`serve`], and for tests that call it in process.
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

/// A server that is under way.
pub struct Running {
    server: Server,
    tasks: TaskTracker,
}

/// Stops a server.
#[derive(Clone)]
pub struct StopHandle(ServerHandle);

/// How long requests that are under way may take after the server was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 20;
/// Connections that one worker keeps open at most; each costs memory whether or not it asks for anything.
const CONNECTIONS_PER_WORKER: usize = 2_000;

/// Serves on a listener that is bound already. It runs once [`Running::wait`] is awaited.
///
/// # Errors
/// If the listener cannot be used.
pub fn serve(app: HttpApp, listener: TcpListener, workers: usize) -> io::Result<Running> {
    let tasks = app.tasks.clone();
    let server = HttpServer::new(move || application(app.clone()))
        .workers(workers)
        .max_connections(CONNECTIONS_PER_WORKER)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(30))
        .shutdown_timeout(SHUTDOWN_SECONDS)
        // Signals are the host's to listen to.
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(Running { server, tasks })
}

impl Running {
    /// For whoever shall stop it.
    pub fn handle(&self) -> StopHandle {
        StopHandle(self.server.handle())
    }

    /// Serves until stopped, and then until the last unit of work that runs detached from its connection has ended.
    ///
    /// # Errors
    /// If the server ends by itself.
    pub async fn wait(self) -> io::Result<()> {
        self.server.await?;
        self.tasks.close();
        self.tasks.wait().await;
        Ok(())
    }
}

impl StopHandle {
    /// Refuses new connections and finishes what is under way.
    pub async fn stop(&self) {
        self.0.stop(true).await;
    }
}
