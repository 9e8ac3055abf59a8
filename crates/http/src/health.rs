//! What answers without a key: whether the process lives, and whether it can work.

use actix_web::{HttpRequest, HttpResponse};

use crate::app::HttpApp;
use crate::dispatch::request_id;
use crate::endpoints::{Endpoint, READY};
use crate::extract::query::Query;
use crate::fault::Findings;
use crate::problem::Problem;

pub(crate) async fn answer(
    endpoint: &'static Endpoint,
    request: &HttpRequest,
    app: &HttpApp,
) -> HttpResponse {
    let outcome = check(endpoint, request, app).await;
    outcome.unwrap_or_else(|problem| problem.into_response(&request_id(request)))
}

/// Living asks nothing of the store: a store that is away is no reason to restart the process.
async fn check(
    endpoint: &'static Endpoint,
    request: &HttpRequest,
    app: &HttpApp,
) -> Result<HttpResponse, Problem> {
    let mut findings = Findings::default();
    Query::parse(request.query_string(), endpoint.parameters, &mut findings);
    findings.accept(Some(()))?;
    if endpoint.path == READY {
        app.loggia.check_ready().await?;
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#))
}
