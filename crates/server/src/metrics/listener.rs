//! The listener on which metrics are read.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_service::fn_service;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::{App, HttpResponse};
use loggia_serve::response::Cors;
use loggia_serve::{Exchange, Refusal, Server, ServerLimits, StopHandle};
use tokio::task::JoinHandle;

use super::{Format, Metrics};

/// The limits of the listener: a few monitoring systems read from it, and nobody else.
const LIMITS: ServerLimits = ServerLimits {
    head_seconds: 5,
    answer_seconds: 10,
    keep_alive_seconds: 75,
    connections: 16,
    connections_per_address: 16,
    drain_seconds: 0,
    shutdown_seconds: 1,
};

/// A listener on which metrics are read.
pub(crate) struct Listening {
    /// The address that is listened on.
    pub(crate) address: SocketAddr,
    handle: StopHandle,
    task: JoinHandle<()>,
}

impl Listening {
    /// Stops to listen.
    pub(crate) async fn stop(self) {
        self.handle.stop().await;
        // The task is gone already only if it panicked, which was logged.
        let _ = self.task.await;
    }
}

/// Answers `GET /metrics` on a listener that is bound already, and nothing else.
pub(crate) fn serve(metrics: Metrics, listener: TcpListener) -> io::Result<Listening> {
    let address = listener.local_addr()?;
    let metrics = Arc::new(metrics);
    let server = Server::new(LIMITS, Cors::new("", ""));
    let shared = server.clone();
    let application = move || {
        let (server, metrics) = (shared.clone(), metrics.clone());
        App::new().default_service(fn_service(move |request: ServiceRequest| {
            let response = respond(&server, &metrics, request);
            std::future::ready(Ok::<_, actix_web::Error>(response))
        }))
    };
    let running = loggia_serve::serve(server, application, listener, 1)?;
    let handle = running.handle();
    let task = tokio::spawn(async move {
        if let Err(error) = running.wait().await {
            tracing::warn!(%error, "the listener for metrics ended with an error");
        }
    });
    Ok(Listening { address, handle, task })
}

fn respond(server: &Server, metrics: &Metrics, request: ServiceRequest) -> ServiceResponse {
    let exchange = Exchange::begin(server, &request);
    let (request, _) = request.into_parts();
    let response = match exchange.check(false) {
        Err(Refusal::InvalidHost) => plain(StatusCode::BAD_REQUEST, "The host is not valid.\n"),
        Err(Refusal::TooManyConnections) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "There are too many connections.\n")
        }
        Ok(()) if request.path() != "/metrics" => plain(StatusCode::NOT_FOUND, "Metrics are at /metrics.\n"),
        Ok(()) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Allowed here: GET, HEAD.\n");
            response
                .headers_mut()
                .insert(ALLOW, actix_web::http::header::HeaderValue::from_static("GET, HEAD"));
            response
        }
        Ok(()) => {
            let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
            let format = Format::accepted(accept.unwrap_or_default());
            match metrics.page(format) {
                Ok(page) => HttpResponse::Ok().insert_header((CONTENT_TYPE, format.media_type())).body(page),
                Err(error) => {
                    tracing::error!(%error, "metrics could not be written");
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "Metrics could not be written.\n")
                }
            }
        }
    };
    ServiceResponse::new(request, exchange.complete(server, response))
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(text)
}
