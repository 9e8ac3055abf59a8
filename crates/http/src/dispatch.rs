//! The dispatch of a call, in the order of checks that the contract gives: authentication, then the request's own validation. All further
//! checks are the use case's.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use loggia_domain::once::Claim;
use loggia_domain::port::StoreError;
use loggia_domain::service::Acting;
use tracing::Instrument as _;

use crate::admission::ReadNeeds;
use crate::answer::Reply;
use crate::app::HttpApp;
use crate::base::BaseUrl;
use crate::call::Call;
use crate::conditional::Preconditions;
use crate::deadline::Deadline;
use crate::endpoints::Endpoint;
use crate::extract::query::Query;
use crate::fault::Findings;
use crate::idempotency::{self, run_once};
use crate::long_reads::may_run_long;
use crate::problem::Problem;
use crate::request_log::{Notes, RequestId};
use crate::response_size::ResponseSize;
use crate::routes::Route;
use crate::tenant::Tenant;
use crate::{admission, authenticate};

/// Returns the id under which the request is logged and answered.
pub(crate) fn request_id(request: &HttpRequest) -> Arc<str> {
    request.extensions().get::<RequestId>().map_or_else(|| "unknown".into(), |id| id.0.clone())
}

/// Returns the response to one call of an endpoint.
pub(crate) async fn dispatch(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
) -> HttpResponse {
    let mut deadline = Deadline::new(&app.limits);
    let reply = match prepare(endpoint, route, request, payload, app, &mut deadline).await {
        Ok(Prepared { call, claim, .. }) if endpoint.writes() => {
            run_detached(endpoint, call, claim, &mut deadline).await
        }
        Ok(Prepared { call, reading, .. }) => {
            let preconditions = call.preconditions.clone();
            run_in_time(endpoint, route, request, call, reading, &mut deadline)
                .await
                .and_then(|answer| preconditions.judge(answer))
        }
        Err(problem) => Err(problem),
    };
    match reply {
        Ok(answer) => answer.into_response(),
        Err(problem) => problem.into_response(&request_id(request)),
    }
}

/// A call that is ready for its use case.
struct Prepared {
    call: Call,
    claim: Option<Claim>,
    /// The use cases to read with that came with the key, see [`authenticate::caller`].
    reading: Option<Acting>,
}

async fn prepare(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
    deadline: &mut Deadline,
) -> Result<Prepared, Problem> {
    let (caller, reading) = authenticate::caller(endpoint, route, request, app, deadline).await?;
    let notes = request.extensions().get::<Notes>().cloned().unwrap_or_default();
    notes.key(caller.key);
    let tenant = Tenant::from(&caller);
    let (body, room) = admission::body(request, payload, endpoint, app, tenant, deadline).await?;
    let mut findings = Findings::default();
    let query = Query::parse(request.query_string(), endpoint.parameters, &mut findings);
    let required = app.limits.require_if_match;
    let preconditions = Preconditions::read(endpoint, request.headers(), required, &mut findings);
    // An invalid request is refused; it never gets the stored response of a valid one.
    let claim = idempotency::claim(endpoint, &route.values, request, &caller, &body, &mut findings)
        .filter(|_| findings.is_empty());
    let base = BaseUrl::of(request, app.public_url.as_ref(), &app.proxies);
    let (app, acting, path) = (app.clone(), app.loggia.acting_as(&caller), route.values.clone());
    let call =
        Call { app, acting, base, caller, path, query, body, _room: room, findings, preconditions, notes };
    Ok(Prepared { call, claim, reading })
}

/// Runs a read, which is cancelled when the client goes away or the time is over: nothing is lost.
async fn run_in_time(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    mut call: Call,
    reading: Option<Acting>,
    deadline: &mut Deadline,
) -> Reply {
    let app = call.app.clone();
    let tenant = Tenant::from(&call.caller);
    let needs = ReadNeeds {
        is_long: may_run_long(endpoint, &call.query),
        memory: ResponseSize::new(endpoint, &call.query, &call.body).reserved(),
    };
    let (_permits, room) = match (reading, admission::try_read_permits(&app, tenant, needs)) {
        (Some(reading), Some(permits)) => {
            call.acting = reading;
            permits
        }
        (None, Some(permits)) => permits,
        (reading, None) => {
            // A call that waits for a permit or for memory holds no session meanwhile.
            drop(reading);
            let permits = admission::read_permits(&app, tenant, needs, deadline).await?;
            let (caller, reading) = authenticate::again(endpoint, route, request, &app, deadline).await?;
            call.caller = caller;
            call.acting = reading.unwrap_or_else(|| app.loggia.acting_as(&caller));
            permits
        }
    };
    let reply = deadline.within(run_here(endpoint, call)).await;
    let reply = reply.unwrap_or_else(|| Err(admission::took_too_long(&app)));
    reply.map(|answer| answer.in_room(room))
}

/// Runs a handler. A panic in it becomes a response.
pub(crate) async fn run_here(endpoint: &'static Endpoint, call: Call) -> Reply {
    let base = call.base.clone();
    let outcome = AssertUnwindSafe((endpoint.handler)(call)).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(panicked(panic)))?.located_at(&base)
}

/// Runs a write in a detached task behind an admission permit, so that it completes even if the client goes away. The write is never
/// cancelled; its timeouts are the store's. When the call's time is over, the response no longer waits for it.
async fn run_detached(
    endpoint: &'static Endpoint,
    call: Call,
    claim: Option<Claim>,
    deadline: &mut Deadline,
) -> Reply {
    let app = call.app.clone();
    let claim = match claim {
        // Before a permit is acquired: duplicates of a slow request must not take permits from other requests.
        Some(claim) => {
            Some((app.underway.enter(&call.caller, &claim).ok_or_else(idempotency::in_use)?, claim))
        }
        None => None,
    };
    let tenant = Tenant::from(&call.caller);
    let memory = ResponseSize::new(endpoint, &call.query, &call.body).reserved();
    let room = admission::response_room(&app, tenant, memory, deadline).await?;
    let permit = admission::write_permit(&app, tenant, deadline).await?;
    let work = app.tasks.track_future(async move {
        let reply = match claim {
            Some((turn, claim)) => {
                let reply = run_once(endpoint, call, &claim).await;
                drop(turn);
                reply
            }
            None => run_here(endpoint, call).await,
        };
        drop(permit);
        reply.map(|answer| answer.in_room(room))
    });
    // The task's log events belong to the span of this call.
    match deadline.within(app.runtime.spawn(work.in_current_span())).await {
        Some(Ok(reply)) => reply,
        Some(Err(error)) => Err(Problem::internal(error)),
        None => Err(StoreError::OutcomeUnknown(None).into()),
    }
}

/// Returns the problem of a handler that panicked.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Problem {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or_default()))
}
