//! Observing requests, for metrics and traces: what a host learns of each.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use loggia_observe::Account;

use crate::pipeline::state::HttpApp;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Observes every request, for metrics and traces. Its methods run on the thread that serves the request, so they must be quick.
pub trait Observer: Send + Sync {
    /// Notes that a request has arrived. Returns its trace if it belongs to one.
    fn begin(&self, arrival: &Arrival<'_>) -> Option<Trace>;

    /// Notes that a request has its response, or that its client went away.
    fn end(&self, request: &Completed<'_>);
}

/// A request that has arrived.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The method if it is one of RFC 9110 or PATCH, or else `_OTHER`.
    pub method: &'static str,
    /// The path of the endpoint, with its placeholders in braces, or `-` if the path is unknown.
    pub route: &'static str,
    /// The time at which the request arrived.
    pub begun: Instant,
    /// The trace context that the request carries, if it comes from a trusted proxy ([`HttpApp::behind`]).
    pub parent: Option<ParentHeaders<'a>>,
}

/// The headers of W3C Trace Context, as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentHeaders<'a> {
    /// The value of `traceparent`.
    pub parent: &'a str,
    /// The value of `tracestate`, of which several lines were joined by commas; empty if it was not sent.
    pub state: Cow<'a, str>,
}

/// The trace that a request belongs to.
#[derive(Debug)]
pub struct Trace {
    /// The id of the trace, which the log line has, too.
    pub id: u128,
    /// `true` if the caller began the trace.
    pub is_remote: bool,
    /// `true` if the spans of the request are recorded.
    pub is_sampled: bool,
    /// The span of the request, for [`Observer::end`].
    pub span: Box<dyn Any + Send + Sync>,
}

/// A request that is completed. The label values are bounded: they come from tables of this program, and never from a client.
#[derive(Debug)]
pub struct Completed<'a> {
    /// The method if it is one of RFC 9110 or PATCH, or else `_OTHER`.
    pub method: &'static str,
    /// The path of the endpoint, with its placeholders in braces, or `-` if the path is unknown.
    pub route: &'static str,
    /// The status of the response, or 499 if the client went away first.
    pub status: u16,
    /// The time at which the request arrived.
    pub begun: Instant,
    /// The time until its response was complete.
    pub took: Duration,
    /// The trace that the request belongs to.
    pub trace: Option<&'a Trace>,
    /// The statements, the stages and the failures of the request.
    pub account: &'a Account,
}

/// The observation of one request.
pub(super) struct Observation {
    observer: Arc<dyn Observer>,
    pub(super) account: Account,
    trace: Option<Trace>,
}

impl Observation {
    /// Begins the observation of a request, if requests are observed.
    pub(super) fn begin(
        app: &HttpApp,
        method: &'static str,
        route: &'static str,
        begun: Instant,
        request: &HttpRequest,
    ) -> Option<Self> {
        let observer = app.observer.clone()?;
        let trace = observer.begin(&Arrival { method, route, begun, parent: parent(app, request) });
        let is_sampled = trace.as_ref().is_some_and(|trace| trace.is_sampled);
        let account = if is_sampled { Account::of_steps() } else { Account::of_sums() };
        Some(Self { observer, account, trace })
    }

    /// Returns the id of the trace for the log line, if the trace is recorded here or by the caller.
    pub(super) fn trace_id(&self) -> Option<String> {
        let trace = self.trace.as_ref().filter(|trace| trace.is_sampled || trace.is_remote);
        trace.map(|trace| format!("{:032x}", trace.id))
    }

    /// Ends the observation.
    pub(super) fn end(
        &self,
        method: &'static str,
        route: &'static str,
        status: u16,
        begun: Instant,
        took: Duration,
    ) {
        let (trace, account) = (self.trace.as_ref(), &self.account);
        self.observer.end(&Completed { method, route, status, begun, took, trace, account });
    }
}

/// Returns the trace context of a request from a trusted proxy. Any other client could make this program record its requests, or give them
/// the ids of other traces.
fn parent<'a>(app: &HttpApp, request: &'a HttpRequest) -> Option<ParentHeaders<'a>> {
    let peer = request.peer_addr()?.ip();
    let headers = request.headers();
    let mut parents = headers.get_all(&TRACEPARENT);
    let parent = parents.next()?.to_str().ok()?;
    if parents.next().is_some() || !app.server.proxies.contain(peer) {
        return None;
    }
    let mut states = headers.get_all(&TRACESTATE).filter_map(|value| value.to_str().ok());
    let first = Cow::Borrowed(states.next().unwrap_or_default());
    Some(ParentHeaders {
        parent,
        state: states.fold(first, |joined, next| Cow::Owned(format!("{joined},{next}"))),
    })
}
