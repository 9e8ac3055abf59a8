//! The spans of a request.

use std::time::{Duration, Instant, SystemTime};

use loggia_domain::port::Clock as _;
use loggia_domain::system::SystemClock;
use loggia_http::{Arrival, Completed, ParentHeaders, Trace};
use loggia_observe::{Stage, Step};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::RequestTracer;

/// The headers of the caller's trace.
struct Headers<'a, 'h>(&'a ParentHeaders<'h>);

impl Extractor for Headers<'_, '_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(self.0.parent),
            "tracestate" if !self.0.state.is_empty() => Some(&self.0.state),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

impl RequestTracer {
    /// Begins the span of a request, in the trace of its caller if that was sent and is valid, or else in a new one. Returns `None` if too
    /// many traces have begun lately.
    pub(crate) fn begin(&self, arrival: &Arrival<'_>) -> Option<Trace> {
        let none = Context::new();
        let context = match &arrival.parent {
            Some(headers) => TraceContextPropagator::new().extract_with_context(&none, &Headers(headers)),
            None => none,
        };
        let is_remote = context.span().span_context().is_valid();
        if !is_remote && self.rate.as_ref().is_some_and(|rate| !rate.admits(arrival.begun)) {
            return None;
        }
        let builder = SpanBuilder::from_name("request").with_kind(SpanKind::Server);
        let span = self.tracer.build_with_context(builder, &context);
        let id = u128::from_be_bytes(span.span_context().trace_id().to_bytes());
        let is_sampled = span.span_context().is_sampled();
        Some(Trace { id, is_remote, is_sampled, span: Box::new(context.with_span(span)) })
    }

    /// Ends the span of a request, with its parts as spans below it.
    pub(crate) fn end(&self, request: &Completed<'_>) {
        let Some(trace) = request.trace.filter(|trace| trace.is_sampled) else { return };
        let Some(context) = trace.span.downcast_ref::<Context>() else { return };
        let clock = Clock::now();
        self.parts(context, request.account.take_steps(), &clock);
        let span = context.span();
        span.set_attribute(KeyValue::new("http.request.method", request.method));
        span.set_attribute(KeyValue::new("url.scheme", "http"));
        if request.route == "-" {
            span.update_name(request.method);
        } else {
            span.update_name(format!("{} {}", request.method, request.route));
            span.set_attribute(KeyValue::new("http.route", request.route));
        }
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(request.status)));
        if request.status >= 500 {
            span.set_attribute(KeyValue::new("error.type", request.status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(clock.at(request.begun + request.took));
    }

    /// Makes a span of each part. What was done while the caller was authenticated is below that span.
    fn parts(&self, request: &Context, steps: Vec<Step>, clock: &Clock) {
        let is_authentication = |step: &Step| step.stage == Stage::Authenticate;
        let authentication = steps.iter().find(|step| is_authentication(step)).cloned();
        let within = authentication.as_ref().map(|step| {
            let builder = SpanBuilder::from_name(step.stage.name()).with_start_time(clock.at(step.begun));
            let context = request.with_span(self.tracer.build_with_context(builder, request));
            (context, step.begun..step.begun + step.took)
        });
        for step in steps.iter().filter(|step| !is_authentication(step)) {
            let parent = match &within {
                Some((context, time)) if time.contains(&step.begun) => context,
                _ => request,
            };
            let mut span = self.tracer.build_with_context(self.part(step, clock), parent);
            span.end_with_timestamp(clock.at(step.begun + step.took));
        }
        if let Some((context, time)) = within {
            context.span().end_with_timestamp(clock.at(time.end));
        }
    }

    fn part(&self, step: &Step, clock: &Clock) -> SpanBuilder {
        // The first word of a statement names its kind.
        let verb = step.text.as_deref().and_then(|text| text.split_whitespace().next());
        let name = verb.map_or_else(|| step.stage.name().to_owned(), str::to_uppercase);
        let mut builder = SpanBuilder::from_name(name).with_start_time(clock.at(step.begun));
        if step.stage == Stage::Store {
            let mut attributes = vec![KeyValue::new("db.system.name", self.system)];
            attributes.extend(step.text.clone().map(|text| KeyValue::new("db.query.text", text)));
            builder = builder.with_kind(SpanKind::Client).with_attributes(attributes);
        }
        builder
    }
}

/// Turns times of the monotonic clock into those of the calendar.
struct Clock {
    instant: Instant,
    time: SystemTime,
}

impl Clock {
    fn now() -> Self {
        let since_1970 = u64::try_from(SystemClock.now().micros()).unwrap_or_default();
        Self { instant: Instant::now(), time: SystemTime::UNIX_EPOCH + Duration::from_micros(since_1970) }
    }

    fn at(&self, instant: Instant) -> SystemTime {
        let before = self.instant.saturating_duration_since(instant);
        self.time.checked_sub(before).unwrap_or(self.time)
    }
}
