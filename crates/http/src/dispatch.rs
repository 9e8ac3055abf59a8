//! The way of a call, in the order of checks that the contract gives: who, then what is wrong with the request by itself;
//! all further checks are the use case's.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;

use crate::answer::Reply;
use crate::app::HttpApp;
use crate::authenticate;
use crate::call::Call;
use crate::endpoints::Endpoint;
use crate::extract::payload;
use crate::extract::query::Query;
use crate::fault::Findings;
use crate::problem::{Code, Problem};
use crate::request_log::{Notes, RequestId};

/// The id under which the request is logged and answered.
pub(crate) fn request_id(request: &HttpRequest) -> Arc<str> {
    request.extensions().get::<RequestId>().map_or_else(|| "unknown".into(), |id| id.0.clone())
}

/// Answers one call of an endpoint.
pub(crate) async fn dispatch(
    endpoint: &'static Endpoint,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &Data<HttpApp>,
) -> HttpResponse {
    let reply = match prepare(endpoint, request, payload, app).await {
        Ok(call) if endpoint.writes() => run_detached(endpoint, call).await,
        Ok(call) => run_here(endpoint, call).await,
        Err(problem) => Err(problem),
    };
    match reply {
        Ok(answer) => answer.into_response(),
        Err(problem) => problem.into_response(&request_id(request)),
    }
}

async fn prepare(
    endpoint: &'static Endpoint,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &Data<HttpApp>,
) -> Result<Call, Problem> {
    let caller = authenticate::caller(request, app).await?;
    let notes = request.extensions().get::<Notes>().cloned().unwrap_or_default();
    notes.key(caller.key);
    let body = payload::read(request, payload, endpoint.body, &app.limits).await?;
    let mut findings = Findings::default();
    let query = Query::parse(request.query_string(), endpoint.parameters, &mut findings);
    let path = request.match_info().iter().map(|(_, value)| value.to_owned()).collect();
    Ok(Call { app: app.as_ref().clone(), caller, path, query, body, findings, notes })
}

/// Reading may stop when the client goes away: nothing is lost.
async fn run_here(endpoint: &'static Endpoint, call: Call) -> Reply {
    let outcome = AssertUnwindSafe((endpoint.handler)(call)).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(panicked(panic)))
}

/// Writing goes on to its end even if the client goes away, in a task of its own behind an admission permit. Nothing
/// cancels it: its deadlines are the store's.
async fn run_detached(endpoint: &'static Endpoint, call: Call) -> Reply {
    let app = call.app.clone();
    let Ok(permit) = app.admission.clone().try_acquire_owned() else {
        return Err(Problem::new(
            Code::BUSY,
            "Too many writes are under way; nothing was written. Try again.",
        ));
    };
    let work = app.tasks.track_future(async move {
        let reply = run_here(endpoint, call).await;
        drop(permit);
        reply
    });
    match app.runtime.spawn(work).await {
        Ok(reply) => reply,
        Err(error) => Err(Problem::internal(error)),
    }
}

/// A bug that showed as a panic.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Problem {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or_default()))
}
