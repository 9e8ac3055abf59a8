//! The dispatch of a call, in the order of checks that the contract gives: authentication, then the request's own validation. All further
//! checks are the use case's.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse};
use loggia_domain::once::Claim;
use loggia_domain::port::StoreError;
use loggia_domain::service::Acting;
use loggia_observe::{Observed, Stage, Timer};
use loggia_serve::admission::{Deadline, Tenant};
use loggia_serve::client::BaseUrl;
use tracing::Instrument as _;

use crate::pipeline::admission::{self, ReadNeeds};
use crate::pipeline::authenticate;
use crate::pipeline::call::Call;
use crate::pipeline::context::RequestContext;
use crate::pipeline::endpoint::{Endpoint, Handler};
use crate::pipeline::handler::{Work, finished};
use crate::pipeline::idempotency;
use crate::pipeline::preconditions::Preconditions;
use crate::pipeline::request::Request;
use crate::pipeline::router::Route;
use crate::pipeline::state::HttpApp;
use crate::problem::Problem;
use crate::problem::validation::ValidationErrors;
use crate::wire::query::Query;
use crate::wire::response::Reply;

/// Returns the response to one call of an endpoint.
pub(crate) async fn dispatch(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
    context: &RequestContext,
) -> HttpResponse {
    let time = Duration::from_secs(app.limits.request_seconds);
    let mut deadline = Deadline::new(time, Duration::from_millis(app.limits.permit_milliseconds));
    let reply = match prepare(endpoint, route, request, payload, app, context, &mut deadline).await {
        // In a box, since the future of a read, which is moved some ten times before it is polled, would have to be as large.
        Ok(prepared) if endpoint.writes() => Box::pin(run_detached(app, prepared, &mut deadline)).await,
        Ok(prepared) => run_in_time(endpoint, route, request, app, prepared, &mut deadline).await,
        Err(problem) => Err(problem),
    };
    match reply {
        Ok(answer) => answer.into_response(),
        Err(problem) => context.refuse(problem),
    }
}

/// A parsed request, and what it takes to do its work.
struct Prepared {
    call: Call,
    /// The work, or the problem of a request that is invalid by itself.
    work: Result<Box<dyn Work>, Problem>,
    claim: Option<Claim>,
    needs: ReadNeeds,
    preconditions: Preconditions,
    /// The use cases to read with that came with the key, see [`authenticate::caller`].
    reading: Option<Acting>,
}

/// Authenticates a request, waits for its body, and parses it. No permit is held afterwards.
async fn prepare(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    payload: &mut Payload,
    app: &HttpApp,
    context: &RequestContext,
    deadline: &mut Deadline,
) -> Result<Prepared, Problem> {
    let timer = Timer::begin(Stage::Authenticate);
    let (caller, reading) = authenticate::caller(endpoint, route, request, app, context, deadline).await?;
    drop(timer);
    context.notes.key(caller.key);
    let tenant = authenticate::tenant(&caller);
    let (body, room) = admission::body(request, payload, endpoint, app, tenant, deadline).await?;
    let mut errors = ValidationErrors::default();
    let query = Query::parse(request.query_string(), endpoint.parameters, &mut errors);
    let required = app.limits.require_if_match;
    let preconditions = Preconditions::read(endpoint, request.headers(), required, &mut errors);
    // An invalid request is refused; it never gets the stored response of a valid one.
    let claim = idempotency::claim(endpoint, &route.values, request, &caller, &body, &mut errors)
        .filter(|_| errors.is_empty());
    let needs = ReadNeeds {
        is_long: endpoint.may_run_long(&query),
        memory: endpoint.response_size_of(&query, &body).reserved(),
    };
    let (path, cursors) = (&route.values, &app.cursors);
    let mut parsed = Request { caller, path, query, body: &body, errors, cursors };
    let Handler::Call(handler) = endpoint.handler else {
        return Err(Problem::internal("an endpoint without a key was dispatched with one"));
    };
    let work = handler(&mut parsed);
    let query = parsed.query;
    let (acting, expected) = (app.loggia.acting_as(&caller), preconditions.expected());
    let called = || BaseUrl::from_request(request, app.public_url.as_ref(), &app.server.proxies);
    let base = context.mounted_at.clone().unwrap_or_else(called);
    let (cursors, notes) = (cursors.clone(), context.notes.clone());
    let call = Call { acting, expected, cursors, base, caller, query, notes, _room: room };
    Ok(Prepared { call, work, claim, needs, preconditions, reading })
}

/// Runs a read, which is cancelled when the client goes away or the time is over: nothing is lost.
async fn run_in_time(
    endpoint: &'static Endpoint,
    route: &Route,
    request: &HttpRequest,
    app: &HttpApp,
    prepared: Prepared,
    deadline: &mut Deadline,
) -> Reply {
    let Prepared { mut call, work, needs, preconditions, reading, .. } = prepared;
    let work = work?;
    let tenant = authenticate::tenant(&call.caller);
    let (_permits, room) = match (reading, admission::try_read_permits(app, tenant, needs)) {
        (Some(reading), Some(permits)) => {
            call.acting = reading;
            permits
        }
        (None, Some(permits)) => permits,
        (reading, None) => {
            // A call that waits for a permit or for memory holds no session meanwhile.
            drop(reading);
            let permits = admission::read_permits(app, tenant, needs, deadline).await?;
            let (caller, reading) = authenticate::again(endpoint, route, request, app, deadline).await?;
            // The request was parsed for the caller as they were before, which may have named another scope.
            if caller != call.caller {
                return Err(Problem::busy());
            }
            call.acting = reading.unwrap_or_else(|| app.loggia.acting_as(&caller));
            permits
        }
    };
    let base = call.base.clone();
    let reply = deadline.within(finished(work.run(call), base)).await;
    let reply = reply.unwrap_or_else(|| Err(admission::took_too_long(app)));
    reply.map(|answer| answer.in_room(room)).and_then(|answer| preconditions.judge(answer))
}

/// Runs a write. A request with an idempotency key that is invalid by itself is run only if the key was used before, to be answered as a
/// request that used it.
async fn run_detached(app: &HttpApp, prepared: Prepared, deadline: &mut Deadline) -> Reply {
    let Prepared { call, work, claim, needs, .. } = prepared;
    let tenant = authenticate::tenant(&call.caller);
    let Some(claim) = claim else {
        let (work, base) = (work?, call.base.clone());
        return detached(app, tenant, needs.memory, deadline, finished(work.run(call), base)).await;
    };
    // Before a permit is acquired: duplicates of a slow request must not take permits from other requests.
    let turn = app.in_flight.enter(&call.caller, &claim).ok_or_else(idempotency::in_use)?;
    let work = match work {
        Err(problem) if !was_claimed(app, tenant, &call, &claim, deadline).await? => return Err(problem),
        work => work,
    };
    let loggia = app.loggia.clone();
    let once = async move {
        let reply = idempotency::run_once(&loggia, call, work, &claim).await;
        drop(turn);
        reply
    };
    detached(app, tenant, needs.memory, deadline, once).await
}

/// Returns `true` if the idempotency key of a request was used before. Nothing is written.
async fn was_claimed(
    app: &HttpApp,
    tenant: Tenant,
    call: &Call,
    claim: &Claim,
    deadline: &mut Deadline,
) -> Result<bool, Problem> {
    let needs = ReadNeeds { is_long: false, memory: 0 };
    let _permits = admission::read_permits(app, tenant, needs, deadline).await?;
    let found = deadline.within(app.loggia.was_claimed(&call.caller, claim)).await;
    Ok(found.ok_or_else(|| admission::took_too_long(app))??)
}

/// Does the work of a write in a detached task behind an admission permit, so that it completes even if the client goes away. It is never
/// cancelled; its timeouts are the store's. When the call's time is over, the response no longer waits for it.
async fn detached(
    app: &HttpApp,
    tenant: Tenant,
    memory: usize,
    deadline: &mut Deadline,
    work: impl Future<Output = Reply> + Send + 'static,
) -> Reply {
    let room = admission::response_room(app, tenant, memory, deadline).await?;
    let permit = admission::write_permit(app, tenant, deadline).await?;
    let work = app.server.tasks.track_future(async move {
        let reply = work.await;
        drop(permit);
        reply.map(|answer| answer.in_room(room))
    });
    // The task's log events belong to the span of this call.
    match deadline.within(app.runtime.spawn(Observed::current(work.in_current_span()))).await {
        Some(Ok(reply)) => reply,
        Some(Err(error)) => Err(Problem::internal(error)),
        None => Err(StoreError::OutcomeUnknown(None).into()),
    }
}
