//! Traces for an OpenTelemetry collector (OTLP over HTTP, protobuf).
//!
//! A request's span begins when it arrives, and its parts become spans when it ends (`spans`). Spans are sent in batches by a thread of the
//! SDK, so no request waits for the collector (`collector`): while it is not reached, spans are dropped. The standard variables of
//! OpenTelemetry apply; the SDK reads them.

mod collector;
mod sampler;
mod spans;

use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use reqwest::Url;

use self::collector::Collector;
use self::sampler::TracesPerSecond;
use crate::version;

/// The time in which the last spans must be sent when the server stops.
const FLUSH: Duration = Duration::from_secs(3);
/// The name of the service, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` has another.
const SERVICE: &str = "loggia";

/// The export of traces.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    /// The rate of new traces, unless the operator has set a sampler.
    rate: Option<TracesPerSecond>,
    /// The name of the store's engine, as the conventions have it.
    system: &'static str,
}

/// Begins and ends the spans of requests. A clone is the same tracer.
#[derive(Clone)]
pub(crate) struct RequestTracer {
    tracer: SdkTracer,
    rate: Option<TracesPerSecond>,
    system: &'static str,
}

impl Traces {
    /// Starts the export to that URL. Must be called on the runtime that is to send the spans.
    pub(crate) fn start(endpoint: &Url, engine: &'static str) -> anyhow::Result<Self> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(Collector::new()?)
            .with_endpoint(endpoint.as_str())
            .build()
            .context("traces cannot be exported")?;
        // Without `OTEL_TRACES_SAMPLER` the SDK samples whatever begins a trace, which the rate decides, and whatever its caller samples.
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource());
        let rate = (!is_sampler_set()).then(TracesPerSecond::default);
        let system = if engine == "postgres" { "postgresql" } else { engine };
        Ok(Self { provider: provider.build(), rate, system })
    }

    /// Returns the tracer for requests.
    pub(crate) fn tracer(&self) -> RequestTracer {
        RequestTracer { tracer: self.provider.tracer(SERVICE), rate: self.rate.clone(), system: self.system }
    }

    /// Sends the last spans, for at most three seconds.
    pub(crate) async fn stop(self) {
        // It blocks until the thread of the SDK has sent them, which needs this runtime for that.
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FLUSH)).await;
        match flushed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last traces were not exported"),
            Err(error) => tracing::warn!(%error, "the last traces were not exported"),
        }
    }
}

/// Returns what the program says of itself in every batch.
fn resource() -> Resource {
    let detected = Resource::builder().build();
    let name = detected.get(&Key::from_static_str("service.name")).map(|name| name.to_string());
    // The SDK's own default when nothing names the service.
    let is_unnamed = name.is_none_or(|name| name.starts_with("unknown_service"));
    let resource = Resource::builder().with_attribute(KeyValue::new("service.version", version::NUMBER));
    if is_unnamed { resource.with_service_name(SERVICE) } else { resource }.build()
}

fn is_sampler_set() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable is OpenTelemetry's, and its SDK reads the value"
    )]
    let sampler = std::env::var_os("OTEL_TRACES_SAMPLER");
    sampler.is_some_and(|sampler| !sampler.is_empty())
}
