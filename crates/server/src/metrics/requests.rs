//! The metrics of requests, counted as they happen.

use loggia_http::Completed;
use loggia_observe::{Stage, StoreFailure};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The upper bounds of requests' durations in seconds: those of OpenTelemetry's conventions, and some below, since most requests take less
/// than a few milliseconds.
const DURATIONS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The upper bounds of stages' durations in seconds.
const STAGES: [f64; 15] = [
    0.000_025, 0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5,
    5.0,
];
/// The upper bounds of numbers of statements.
const STATEMENTS: [f64; 13] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 50.0, 100.0];
/// The methods that requests are counted by. The last one stands for every other.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "_OTHER"];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    http_request_method: &'static str,
    http_route: &'static str,
    http_response_status_code: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct MethodLabel {
    http_request_method: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StageLabel {
    stage: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

/// The metrics of requests. A clone is the same metrics.
#[derive(Clone)]
pub(crate) struct Requests {
    durations: Family<RequestLabels, Histogram, fn() -> Histogram>,
    active_by_method: Family<MethodLabel, Gauge>,
    /// The gauges of `active_by_method`, in the order of [`METHODS`].
    active: [Gauge; METHODS.len()],
    stages_by_name: Family<StageLabel, Histogram, fn() -> Histogram>,
    stages: [(Stage, Histogram); Stage::ALL.len()],
    statements: Histogram,
    failures_by_kind: Family<KindLabel, Counter>,
    failures: [(StoreFailure, Counter); StoreFailure::ALL.len()],
}

impl Requests {
    pub(crate) fn new() -> Self {
        let active_by_method = Family::<MethodLabel, Gauge>::default();
        let active = METHODS
            .map(|method| active_by_method.get_or_create_owned(&MethodLabel { http_request_method: method }));
        let stages_by_name = Family::<StageLabel, Histogram, fn() -> Histogram>::new_with_constructor(|| {
            Histogram::new(STAGES)
        });
        let stages = Stage::ALL
            .map(|stage| (stage, stages_by_name.get_or_create_owned(&StageLabel { stage: stage.name() })));
        let failures_by_kind = Family::<KindLabel, Counter>::default();
        let failures = StoreFailure::ALL
            .map(|kind| (kind, failures_by_kind.get_or_create_owned(&KindLabel { kind: kind.name() })));
        Self {
            durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            active_by_method,
            active,
            stages_by_name,
            stages,
            statements: Histogram::new(STATEMENTS),
            failures_by_kind,
            failures,
        }
    }

    /// Registers the metrics, each with its description.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_server_request_duration_seconds",
            "Time from the arrival of a request until its response was complete, by method, route and status",
            self.durations.clone(),
        );
        registry.register(
            "http_server_active_requests",
            "Requests without a complete response, by method",
            self.active_by_method.clone(),
        );
        registry.register(
            "loggia_request_stage_duration_seconds",
            "Time that a request spent in a stage, for requests that passed it; authenticate contains its part of the others",
            self.stages_by_name.clone(),
        );
        registry.register(
            "loggia_request_statements",
            "Statements that a request ran on the store",
            self.statements.clone(),
        );
        registry.register(
            "loggia_store_failures",
            "Failures of the store after all retries",
            self.failures_by_kind.clone(),
        );
    }

    /// Counts a request that has arrived.
    pub(crate) fn begin(&self, method: &str) {
        self.active_of(method).inc();
    }

    /// Counts a request that is completed.
    pub(crate) fn end(&self, request: &Completed<'_>) {
        self.active_of(request.method).dec();
        let labels = RequestLabels {
            http_request_method: request.method,
            http_route: request.route,
            http_response_status_code: request.status,
        };
        self.durations.get_or_create(&labels).observe(request.took.as_secs_f64());
        for (stage, histogram) in &self.stages {
            if let Some(time) = request.account.spent_in(*stage) {
                histogram.observe(time.as_secs_f64());
            }
        }
        self.statements.observe(f64::from(request.account.statements()));
        for (kind, counter) in &self.failures {
            let times = request.account.failures(*kind);
            if times > 0 {
                counter.inc_by(u64::from(times));
            }
        }
    }

    fn active_of(&self, method: &str) -> &Gauge {
        let [known @ .., other] = &self.active;
        METHODS.iter().zip(known).find(|(name, _)| **name == method).map_or(other, |(_, gauge)| gauge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_method_is_counted_with_the_others() {
        let requests = Requests::new();
        requests.begin("BREW");
        requests.begin("_OTHER");
        requests.begin("GET");
        assert_eq!(requests.active_of("_OTHER").get(), 2);
        assert_eq!(requests.active_of("GET").get(), 1);
    }

    #[test]
    fn bounds_ascend() {
        for bounds in [&DURATIONS[..], &STAGES, &STATEMENTS] {
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        }
    }
}
