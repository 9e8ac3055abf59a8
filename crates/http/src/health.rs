//! The endpoints that answer without a key: liveness, readiness and the published documents.

use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse};
use loggia_domain::port::StoreError;
use tokio::sync::Mutex;

use crate::document::pages;
use crate::lifecycle::Phase;
use crate::limits::READINESS_MILLISECONDS;
use crate::operation::{Endpoint, LIVE, READY};
use crate::pipeline::dispatch::request_id;
use crate::pipeline::preconditions::Preconditions;
use crate::pipeline::router::Route;
use crate::pipeline::state::HttpApp;
use crate::problem::validation::Findings;
use crate::problem::{Code, Problem};
use crate::wire::query::Query;

/// The last result of the store's readiness check. The store is asked at most once per
/// [`Limits::readiness_seconds`](crate::limits::Limits::readiness_seconds), however many requests come.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), Code>)>>);

/// Returns `true` if the path is that of a health check.
pub(crate) fn is_health(path: &str) -> bool {
    path == LIVE || path == READY
}

pub(crate) async fn answer(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
) -> HttpResponse {
    let outcome = check(endpoint, route, request, app).await;
    outcome.unwrap_or_else(|problem| problem.into_response(&request_id(request)))
}

/// Returns the response of an endpoint that needs no key. Liveness does not ask the store: an unavailable store is no reason to restart the
/// process.
async fn check(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
) -> Result<HttpResponse, Problem> {
    let mut findings = Findings::default();
    Query::parse(request.query_string(), endpoint.parameters, &mut findings);
    let preconditions = Preconditions::read(endpoint, request.headers(), false, &mut findings);
    findings.accept(Some(()))?;
    if let Some(page) = pages::page(endpoint, route) {
        return page?.answer(request.headers(), &preconditions);
    }
    if endpoint.path == READY {
        check_ready(app).await?;
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#))
}

async fn check_ready(app: &HttpApp) -> Result<(), Problem> {
    if app.lifecycle.phase() > Phase::Serving {
        return Err(Problem::new(
            Code::STOPPING,
            "This server is shutting down; send requests to another server.",
        ));
    }
    let good_for = Duration::from_secs(app.limits.readiness_seconds);
    // A request that comes while the store is being asked waits for that result.
    let mut known = app.readiness.0.lock().await;
    let answer = match *known {
        Some((at, answer)) if at.elapsed() < good_for => answer,
        _ => {
            let answer = ask(app).await;
            let told = answer.as_ref().map_err(Problem::code).copied();
            *known = Some((Instant::now(), told));
            return answer;
        }
    };
    answer.map_err(|code| Problem::new(code, "The store was unavailable when it was last checked."))
}

async fn ask(app: &HttpApp) -> Result<(), Problem> {
    let asking = app.loggia.check_ready();
    #[expect(clippy::disallowed_methods, reason = "nothing is written by what is cancelled")]
    let answer = tokio::time::timeout(Duration::from_millis(READINESS_MILLISECONDS), asking).await;
    answer.unwrap_or_else(|elapsed| Err(StoreError::Unavailable(Some(elapsed.into())))).map_err(Problem::from)
}
