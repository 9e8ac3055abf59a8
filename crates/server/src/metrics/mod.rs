//! Metrics for Prometheus, on a listener of their own.
//!
//! What happens to each request is counted as it happens (`requests`); everything else is read when a page is asked for (`state`,
//! `process`). Every label value comes from a table of this program, so no client can add a time series. `docs/operations/monitoring.md`
//! lists the metrics.

mod listener;
mod process;
mod requests;
mod state;

use std::fmt;

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

pub(crate) use self::listener::serve;
pub(crate) use self::requests::Requests;
pub(crate) use self::state::State;

/// All metrics.
pub(crate) struct Metrics(Registry);

/// The format of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The text format 0.0.4 of Prometheus.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Metrics {
    /// Joins the metrics of requests with the state that is read for each page.
    pub(crate) fn new(requests: &Requests, state: State) -> Self {
        let mut registry = Registry::default();
        requests.register(&mut registry);
        registry.register_collector(Box::new(state));
        registry.register_collector(Box::new(process::Process));
        Self(registry)
    }

    /// Returns a page with the current values.
    pub(crate) fn page(&self, format: Format) -> Result<String, fmt::Error> {
        let mut page = String::new();
        match format {
            Format::Prometheus => prometheus_text::encode(&mut page, &self.0)?,
            Format::OpenMetrics => text::encode(&mut page, &self.0)?,
        }
        Ok(page)
    }
}

impl Format {
    /// Returns the format that a client prefers, by its header `Accept`. Prometheus names OpenMetrics if it can read it.
    pub(crate) fn accepted(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") { Self::OpenMetrics } else { Self::Prometheus }
    }

    /// Returns the media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_metrics_is_chosen_only_if_it_is_requested_by_name() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
        assert_eq!(Format::accepted(prometheus), Format::OpenMetrics);
        for other in ["", "*/*", "text/plain;version=0.0.4"] {
            assert_eq!(Format::accepted(other), Format::Prometheus, "{other}");
        }
    }
}
