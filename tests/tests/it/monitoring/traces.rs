//! Traces, from a request to a collector.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};

use super::collector::{Collector, names, spans_of};
use crate::harness::{Engine, Home, Response, Server, connect, head, member, on_every_engine, response};

on_every_engine!(a_request_of_a_trusted_proxy_continues_its_trace);

/// Returns attributes as text.
fn attributes(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |attribute: &KeyValue| match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.as_str(), text(attribute))).collect()
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Creates a space as part of the trace.
fn create(server: &Server, key: &str, name: &str) -> Response {
    let body = format!(r#"{{"name": "{name}"}}"#);
    let mut stream = connect(server.address()).unwrap();
    let head = head(server.address(), "POST", "/api/v1/spaces", Some(key), Some(&body));
    let trace =
        format!("traceparent: 00-{TRACE}-{CALLER}-01\r\ntracestate: quay=7\r\ntracestate: pier=8\r\n");
    stream.write_all(format!("{head}{trace}X-Request-Id: {name}\r\n\r\n{body}").as_bytes()).unwrap();
    let made = response(&mut stream, "POST").unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    made
}

fn traced(home: &Home, url: &str, settings: impl FnOnce(&mut Command) -> &mut Command) -> (Server, String) {
    let server = home.serve_with(|command| {
        settings(command.env("OTEL_EXPORTER_OTLP_ENDPOINT", url).env("OTEL_BSP_SCHEDULE_DELAY", "100"))
    });
    let key = member(&home.bootstrap("ada@example.com"), "apiKey").to_owned();
    (server, key)
}

fn a_request_of_a_trusted_proxy_continues_its_trace(home: Home) {
    let collector = Collector::start();
    // The proxy's decision counts, although no trace of our own would be recorded.
    let (mut server, key) = traced(&home, &collector.url, |command| {
        command
            .env("LOGGIA_TRUSTED_PROXIES", "127.0.0.1")
            .env("OTEL_TRACES_SAMPLER", "parentbased_always_off");
        command.env("OTEL_SERVICE_NAME", "harbour").env("OTEL_EXPORTER_OTLP_HEADERS", "x-quay=seven")
    });
    create(&server, &key, "Pier-4711");
    let (spans, head, batch) = collector.trace_of("POST /api/v1/spaces");
    assert!(
        head.starts_with("post /v1/traces http/1.1\r\n") && head.contains("\r\nx-quay: seven\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\ncontent-type: application/x-protobuf\r\n"), "{head}");
    let resource = attributes(&batch.resource_spans[0].resource.as_ref().unwrap().attributes);
    assert_eq!(resource["service.name"], "harbour");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    let request = spans.iter().find(|span| span.name == "POST /api/v1/spaces").unwrap();
    assert_eq!((hex(&request.trace_id), hex(&request.parent_span_id)), (TRACE.to_owned(), CALLER.to_owned()));
    assert_eq!((request.kind, request.trace_state.as_str()), (2, "quay=7,pier=8"));
    let of_request = attributes(&request.attributes);
    assert_eq!(of_request["http.request.method"], "POST");
    assert_eq!(of_request["http.route"], "/api/v1/spaces");
    assert_eq!(of_request["http.response.status_code"], "201");
    // Every other span is below that one, and within its time.
    let by_id = |id: &[u8]| spans.iter().find(|span| span.span_id == id);
    let (mut statements, mut of_the_key) = (0, 0);
    for span in spans.iter().filter(|span| span.name != request.name) {
        let parent = by_id(&span.parent_span_id).unwrap_or_else(|| panic!("{span:?} has no parent"));
        assert!(parent.span_id == request.span_id || parent.name == "authenticate", "{span:?}");
        assert!(request.start_time_unix_nano <= span.start_time_unix_nano, "{span:?}");
        assert!(span.end_time_unix_nano <= request.end_time_unix_nano + 1_000_000, "{span:?}");
        let of_span = attributes(&span.attributes);
        let values = of_span.values().any(|value| value.contains("Pier-4711") || value.contains(&key));
        assert!(!values, "a value in {span:?}");
        if let Some(system) = of_span.get("db.system.name") {
            statements += 1;
            of_the_key += usize::from(parent.name == "authenticate");
            let is_file = home.engine() == Engine::Sqlite;
            assert_eq!(system, if is_file { "sqlite" } else { "postgresql" });
        }
    }
    assert!(names(&spans).contains(&"authenticate"), "{:?}", names(&spans));
    assert!(statements >= 4 && of_the_key >= 1, "{:?}", names(&spans));
    if home.engine() == Engine::Sqlite {
        let inserts = spans.iter().filter(|span| span.name == "INSERT");
        let texts: Vec<String> =
            inserts.map(|span| attributes(&span.attributes)["db.query.text"].clone()).collect();
        assert!(texts.iter().any(|text| text.contains("INTO spaces")), "{texts:?}");
    }
    let said = server.printed_until(|said| said.contains("\"request_id\":\"Pier-4711\""));
    let line = said.lines().find(|line| line.contains("Pier-4711")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(member(&line, "trace_id"), TRACE, "the log line leads to the trace");
    let (status, said) = server.terminate();
    assert!(status.success(), "{said}");
}

#[test]
fn a_client_that_is_no_trusted_proxy_chooses_neither_a_trace_nor_whether_it_is_recorded() {
    let collector = Collector::start();
    let (home, other) = (Home::new(), Home::new());
    let (server, key) = traced(&home, &collector.url, |command| command);
    create(&server, &key, "Quay");
    let (spans, ..) = collector.trace_of("POST /api/v1/spaces");
    let request = spans.iter().find(|span| span.name == "POST /api/v1/spaces").unwrap();
    assert_ne!(hex(&request.trace_id), TRACE);
    assert_eq!((request.parent_span_id.len(), request.trace_state.as_str()), (0, ""));
    drop(server);
    let (server, key) = traced(&other, &collector.url, |command| {
        command.env("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    });
    create(&server, &key, "Quay");
    let (status, said) = server.terminate();
    assert!(status.success() && !said.contains("trace_id"), "{said}");
    // All spans were sent before the end.
    let late: Vec<_> = collector.batches.try_iter().flat_map(|batch| spans_of(&batch.request)).collect();
    assert!(!names(&late).contains(&"POST /api/v1/spaces"), "{:?}", names(&late));
}

#[test]
fn the_last_spans_are_sent_before_the_server_ends() {
    let collector = Collector::start();
    let home = Home::new();
    let (server, key) =
        traced(&home, &collector.url, |command| command.env("OTEL_BSP_SCHEDULE_DELAY", "3600000"));
    create(&server, &key, "Quay");
    assert!(collector.batches.try_recv().is_err(), "nothing is sent before its time");
    let (status, said) = server.terminate();
    assert!(status.success(), "{said}");
    let (spans, _, batch) = collector.trace_of("POST /api/v1/spaces");
    assert!(spans.len() > 4, "{:?}", names(&spans));
    // The harness has asked whether the server is ready.
    let all = spans_of(&batch);
    assert!(!names(&all).iter().any(|name| name.contains("/readyz")), "{:?}", names(&all));
}

#[test]
fn an_unreachable_collector_delays_no_request_and_is_logged_once() {
    // Accepts connections and never responds, which is worse than a port that is closed.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, is_reported) in
        [(format!("http://{}", silent.local_addr().unwrap()), false), (format!("http://{closed}"), true)]
    {
        let home = Home::new();
        let (server, key) = traced(&home, &url, |command| command.env("OTEL_TRACES_SAMPLER", "always_on"));
        let begun = Instant::now();
        for number in 0..40 {
            create(&server, &key, &format!("Quay-{number}"));
            thread::sleep(Duration::from_millis(10));
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        let (stopped, (status, said)) = (Instant::now(), server.terminate());
        assert!(status.success(), "{said}");
        assert!(stopped.elapsed() < Duration::from_secs(15), "{:?}", stopped.elapsed());
        let reports = said.matches("traces cannot be sent to the collector").count();
        assert_eq!(reports, usize::from(is_reported), "{said}");
        // A collector that never responds keeps the last spans until their time is over; one that is not there refuses them at once.
        assert_eq!(said.contains("the last traces were not exported"), !is_reported, "{said}");
        assert!(!said.contains(&url), "the URL may hold a secret: {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_collector_no_thread_exports_traces() {
    let threads = |server: &Server| {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", server.process())).unwrap();
        let names =
            tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default());
        names.filter(|name| name.starts_with("OpenTelemetry")).count()
    };
    let (home, other) = (Home::new(), Home::new());
    assert_eq!(threads(&home.serve()), 0);
    let (server, _) = traced(&other, &Collector::start().url, |command| command);
    assert_eq!(threads(&server), 1);
}
