//! The endpoints that answer without a key: liveness, readiness and the published documents.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};

use crate::document::pages;
use crate::operation::Operation;
use crate::pipeline::context::RequestContext;
use crate::pipeline::endpoint::Service;
use crate::pipeline::preconditions::Preconditions;
use crate::pipeline::router::Route;
use crate::pipeline::state::HttpApp;
use crate::problem::validation::ValidationErrors;
use crate::problem::{Code, Problem};
use crate::wire::query::Query;

/// Returns the response of an endpoint that needs no key.
pub(crate) async fn answer(
    service: Service,
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    context: &RequestContext,
) -> HttpResponse {
    let outcome = check(service, operation, route, request, app).await;
    outcome.unwrap_or_else(|problem| problem.into_response(&context.id))
}

/// Checks the request, and returns the response of its service. Liveness does not ask the store: an unavailable store is no reason to
/// restart the process.
async fn check(
    service: Service,
    operation: &Operation,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
) -> Result<HttpResponse, Problem> {
    let mut errors = ValidationErrors::default();
    Query::parse(request.query_string(), operation.parameters, &mut errors);
    let preconditions = Preconditions::read(operation, request.headers(), false, &mut errors);
    errors.accept(Some(()))?;
    if let Some(page) = pages::page(service, route) {
        return page?.answer(request.headers(), &preconditions);
    }
    if service == Service::Readiness {
        if app.server.is_stopping() {
            return Err(Problem::new(
                Code::STOPPING,
                "This server is shutting down; send requests to another server.",
            ));
        }
        app.readiness.check(&app.loggia, Duration::from_secs(app.limits.readiness_seconds)).await?;
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#))
}
