//! The settings of metrics and traces.

use std::net::SocketAddr;

use clap::Args;
use reqwest::Url;

use super::parse_address;
use crate::usage_errors::{Checked, Unusable, UsageErrors, checked, unusable};

/// The settings of metrics and traces, each with its value or its error.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings of the server")]
pub(crate) struct RawMonitoring {
    /// The address and port on which Prometheus reads metrics, such as 127.0.0.1:9464 [default: none]
    ///
    /// GET /metrics is answered there without a key, and nothing else, so let only the monitoring reach it. Without this setting nothing is
    /// measured. docs/operations/monitoring.md lists the metrics.
    #[arg(
        long,
        env = "LOGGIA_METRICS_LISTEN",
        value_name = "ADDRESS:PORT",
        value_parser = checked(parse_address),
        global = true,
        hide_short_help = true
    )]
    metrics_listen: Option<Checked<SocketAddr>>,

    /// The URL of an OpenTelemetry collector that gets traces, such as http://127.0.0.1:4318 [default: none]
    ///
    /// Traces are sent by OTLP over HTTP (protobuf) to /v1/traces below this URL. Without this setting nothing is traced. OpenTelemetry's
    /// other variables apply: OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and _ARG. Without
    /// a sampler, at most 50 new traces begin in a second. A request belongs to the trace that its traceparent names if it comes from a
    /// trusted proxy.
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "URL",
        value_parser = checked(parse_url),
        global = true,
        hide_short_help = true,
        hide_env_values = true
    )]
    otlp_endpoint: Option<Checked<Option<Url>>>,

    /// The whole URL to which traces are sent, instead of one below --otlp-endpoint [default: none]
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        value_name = "URL",
        value_parser = checked(parse_url),
        global = true,
        hide_short_help = true,
        hide_env_values = true
    )]
    otlp_traces_endpoint: Option<Checked<Option<Url>>>,
}

/// The settings of metrics and traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Monitoring {
    /// The address on which metrics are read; `None` if nothing is measured.
    pub(crate) metrics: Option<SocketAddr>,
    /// The URL to which traces are sent; `None` if nothing is traced.
    pub(crate) traces: Option<Url>,
}

impl RawMonitoring {
    /// Checks the settings.
    pub(super) fn check(self, usage_errors: &mut UsageErrors) -> Option<Monitoring> {
        let metrics = usage_errors.take_given(self.metrics_listen);
        let endpoint = usage_errors.take_given(self.otlp_endpoint);
        let traces = usage_errors.take_given(self.otlp_traces_endpoint);
        let below = endpoint?.flatten().map(traces_below);
        Some(Monitoring { metrics: metrics?, traces: traces?.flatten().or(below) })
    }
}

impl Monitoring {
    /// Returns the number of file descriptors that metrics and traces need.
    pub(crate) fn descriptors(&self) -> u64 {
        // The listener of metrics has its connections, those that it refuses, and a worker; the export has a connection or two.
        let metrics = if self.metrics.is_some() { 48 } else { 0 };
        let traces = if self.traces.is_some() { 4 } else { 0 };
        metrics + traces
    }
}

/// Returns the URL of traces below that of a collector, as OpenTelemetry has it.
fn traces_below(mut endpoint: Url) -> Url {
    let path = format!("{}/v1/traces", endpoint.path().trim_end_matches('/'));
    endpoint.set_path(&path);
    endpoint
}

/// Parses the URL of a collector; an empty text gives `None`.
fn parse_url(text: &str) -> Result<Option<Url>, Unusable> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        _ => unusable("must be an http:// or https:// URL, such as http://127.0.0.1:4318"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(endpoint: &str, of_traces: &str) -> Option<String> {
        let raw = RawMonitoring {
            otlp_endpoint: Some(Ok(parse_url(endpoint).expect("a URL"))),
            otlp_traces_endpoint: Some(Ok(parse_url(of_traces).expect("a URL"))),
            metrics_listen: None,
        };
        let mut usage_errors = UsageErrors::default();
        raw.check(&mut usage_errors).expect("good settings").traces.map(String::from)
    }

    #[test]
    fn traces_go_below_the_endpoint_or_to_the_url_of_their_own() {
        let below = |endpoint| traces(endpoint, "").expect("a URL");
        assert_eq!(below("http://127.0.0.1:4318"), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(below("https://example.com/otlp/"), "https://example.com/otlp/v1/traces");
        assert_eq!(traces("http://a", "http://b/x").as_deref(), Some("http://b/x"));
        assert_eq!(traces("", ""), None, "an empty variable is one that is not set");
    }

    #[test]
    fn an_invalid_http_url_is_refused() {
        for bad in ["127.0.0.1:4318", "grpc://example.com", "http://", "quay"] {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
    }
}
