//! The endpoints that answer without a key: liveness, readiness and the published documents.

use actix_web::{HttpRequest, HttpResponse};

use crate::document::openapi::Edition;
use crate::document::pages;
use crate::operation::Operation;
use crate::pipeline::context::RequestContext;
use crate::pipeline::endpoint::Service;
use crate::pipeline::preconditions::Preconditions;
use crate::pipeline::readiness;
use crate::pipeline::router::Route;
use crate::pipeline::state::HttpApp;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
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
    outcome.unwrap_or_else(|problem| context.refuse(problem))
}

/// Returns the edition of the documents of an application.
fn edition(app: &HttpApp) -> Edition {
    match (&app.guest, app.callers()) {
        (None, _) => Edition::Alone,
        (Some(_), None) => Edition::Mounted,
        (Some(_), Some(_)) => Edition::MountedWithCallers,
    }
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
    if let Some(page) = pages::page(service, route, edition(app)) {
        return page?.answer(request.headers(), &preconditions);
    }
    if service == Service::Readiness {
        readiness::check(app).await?;
    }
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#))
}
