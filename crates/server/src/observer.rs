//! Observes requests, for metrics and traces.

use loggia_http::{Arrival, Completed, Observer, Trace};

use crate::metrics::Requests;
use crate::traces::RequestTracer;

/// The routes that are not traced: they are called all the time, and there is nothing to see.
const HEALTH_CHECKS: [&str; 2] = ["/livez", "/readyz"];

/// Counts and traces requests.
pub(crate) struct RequestObserver {
    /// The metrics, if they are on.
    pub(crate) requests: Option<Requests>,
    /// The traces, if they are on.
    pub(crate) tracer: Option<RequestTracer>,
}

impl Observer for RequestObserver {
    fn begin(&self, arrival: &Arrival<'_>) -> Option<Trace> {
        if let Some(requests) = &self.requests {
            requests.begin(arrival.method);
        }
        let tracer = self.tracer.as_ref().filter(|_| !HEALTH_CHECKS.contains(&arrival.route))?;
        tracer.begin(arrival)
    }

    fn end(&self, request: &Completed<'_>) {
        if let Some(requests) = &self.requests {
            requests.end(request);
        }
        if let Some(tracer) = &self.tracer {
            tracer.end(request);
        }
    }
}
