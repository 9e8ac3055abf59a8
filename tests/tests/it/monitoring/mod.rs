//! Metrics and traces of the built program, and the dashboard and the alerts that use them.

mod collector;
mod documents;
mod page;
mod promtool;
mod traces;

use std::collections::BTreeSet;
use std::io::Write as _;

use loggia_http::ENDPOINTS;

use self::page::Page;
use self::promtool::promtool;
use crate::harness::{Home, Response, Server, head, member, on_every_engine, request};

on_every_engine!(
    metrics_count_requests_and_their_stages,
    no_client_adds_a_time_series,
    the_page_passes_the_linter_of_prometheus,
);

/// A server whose metrics are read, and a key of its admin.
struct Measured {
    server: Server,
    metrics: String,
    key: String,
}

impl Measured {
    fn start(home: &Home) -> Self {
        let mut server = home.serve_with(|command| command.env("LOGGIA_METRICS_LISTEN", "127.0.0.1:0"));
        let said = server.printed_until(|text| text.contains("metrics are served"));
        let line = said.lines().find(|line| line.contains("metrics are served")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let metrics = member(&line, "addr").to_owned();
        let made = home.bootstrap("ada@example.com");
        Self { server, metrics, key: member(&made, "apiKey").to_owned() }
    }

    fn ask(&self, method: &str, path: &str) -> Response {
        request(&self.metrics, method, path, None, None).unwrap()
    }

    fn page(&self) -> Page {
        let response = self.ask("GET", "/metrics");
        assert_eq!(response.status, 200, "{response:?}");
        Page::parse(&response.body)
    }

    fn get(&self, path: &str) -> u16 {
        self.server.get(path, Some(&self.key)).status
    }

    fn create_spaces(&self, number: usize) {
        for number in 0..number {
            let body = format!(r#"{{"name": "Quay {number}"}}"#);
            let made = self.server.send("POST", "/api/v1/spaces", Some(&self.key), Some(&body));
            assert_eq!(made.status, 201, "{made:?}");
        }
    }
}

fn metrics_count_requests_and_their_stages(home: Home) {
    let measured = Measured::start(&home);
    let before = measured.page();
    measured.create_spaces(3);
    for _ in 0..5 {
        assert_eq!(measured.get("/api/v1/spaces?limit=2"), 200);
    }
    assert_eq!(measured.get("/api/v1/spaces?limit=0"), 400);
    assert_eq!(measured.server.get("/api/v1/me", Some("lgk_no_key")).status, 401);
    let after = measured.page();
    let more = |name: &str, labels: &[(&str, &str)]| after.sum(name, labels) - before.sum(name, labels);
    let requests = |method, status| {
        let labels = [("http_request_method", method), ("http_response_status_code", status)];
        more("http_server_request_duration_seconds_count", &labels)
    };
    assert_eq!([requests("POST", "201"), requests("GET", "200"), requests("GET", "400")], [3.0, 5.0, 1.0]);
    assert_eq!(requests("GET", "401"), 1.0);
    assert_eq!(more("loggia_request_statements_count", &[]), 10.0, "each request is counted");
    // A write has at least a beginning, a row, an event and an end; on SQLite the end is shared. A read has one statement at least.
    assert!(more("loggia_request_statements_sum", &[]) >= 3.0 * 3.0 + 6.0, "{after:?}");
    let stage = |stage| more("loggia_request_stage_duration_seconds_count", &[("stage", stage)]);
    assert_eq!([stage("authenticate"), stage("store"), stage("serialize")], [10.0, 9.0, 8.0]);
    assert!(more("loggia_request_stage_duration_seconds_sum", &[("stage", "store")]) > 0.0);
    let admitted = |kind| more("loggia_admission_calls_total", &[("permits", kind), ("outcome", "admitted")]);
    assert_eq!([admitted("write"), admitted("read"), admitted("authentication")], [3.0, 5.0, 9.0]);
    assert_eq!(more("loggia_store_failures_total", &[]), 0.0);
    assert_eq!(after.sum("loggia_build_info", &[]), 1.0);
    assert_eq!(after.sum("http_server_active_requests", &[]), 0.0, "all have their responses");
    let connections =
        |state| after.sum("db_client_connection_count", &[("db_client_connection_state", state)]);
    assert!(
        connections("idle") + connections("used") >= 2.0,
        "one that reads and one that writes: {after:?}"
    );
    assert!(connections("used") <= after.sum("db_client_connection_max", &[]), "{after:?}");
    assert!(after.sum("process_resident_memory_bytes", &[]) > 1e6);
    assert!(after.sum("process_open_fds", &[]) >= 5.0);
    assert!(after.sum("process_open_fds", &[]) < after.sum("process_max_fds", &[]));
    let is_file = after.0.contains_key("loggia_commit_group_units");
    assert_eq!(is_file, home.engine() == crate::harness::Engine::Sqlite);
    if is_file {
        // Each write was alone; the use of the key may have been noted in one more.
        let units = more("loggia_commit_group_units_sum", &[]);
        assert!((3.0..=5.0).contains(&units), "{units}");
        // The rows may still be in the log.
        assert!(after.sum("loggia_store_file_size_bytes", &[]) > 1e4);
        assert!(after.sum("loggia_store_filesystem_available_bytes", &[]) > 0.0);
    }
}

/// The values that a label may have, if they are not those of a table in the program.
fn bounded(page: &Page) {
    let mut routes: BTreeSet<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    routes.insert("-");
    let methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "_OTHER"];
    assert!(page.label("http_route").is_subset(&routes), "{:?}", page.label("http_route"));
    assert!(page.label("http_request_method").is_subset(&methods.into()));
    let known = [
        "commit",
        "db_client_connection_pool_name",
        "db_client_connection_state",
        "file",
        "http_request_method",
        "http_response_status_code",
        "http_route",
        "kind",
        "le",
        "outcome",
        "permits",
        "rate",
        "stage",
        "state",
        "store",
        "version",
    ];
    let labels =
        page.0.values().flat_map(|metric| metric.values.iter().flat_map(|(_, labels, _)| labels.keys()));
    let labels: BTreeSet<&str> = labels.map(String::as_str).collect();
    assert!(labels.is_subset(&known.into()), "{labels:?}");
    for status in page.label("http_response_status_code") {
        assert!(status.parse().is_ok_and(|status: u16| (100..600).contains(&status)), "{status}");
    }
}

fn no_client_adds_a_time_series(home: Home) {
    let measured = Measured::start(&home);
    let (key, server) = (measured.key.as_str(), &measured.server);
    let ask = |round: usize| {
        for (method, path) in [
            ("GET", format!("/quay/{round}")),
            ("GET", format!("/api/v1/spaces/01930000-0000-7000-8000-{round:012}")),
            ("GET", format!("/api/v1/organizations/{round}/members?search=quay{round}")),
            ("POST", format!("/v2/projects/{round}/tasks")),
        ] {
            server.send(method, &path, Some(key), None);
        }
        // No client can choose a method, a host, a request id or a trace that becomes a label.
        let mut stream = crate::harness::connect(server.address()).unwrap();
        let head = head(server.address(), &format!("BREW{round}"), "/api/v1/me", Some(key), None);
        let ids = format!("X-Request-Id: quay-{round}\r\ntraceparent: 00-{round:032x}-{round:016x}-01\r\n");
        stream.write_all(format!("{head}{ids}\r\n").as_bytes()).unwrap();
        assert_eq!(crate::harness::response(&mut stream, "BREW").unwrap().status, 405);
        assert_eq!(server.get("/api/v1/me", Some(&format!("lgk_{round}"))).status / 100, 4);
    };
    // Enough that every status is there which such requests get, 429 for invalid keys among them.
    (1..=30).for_each(ask);
    let before = measured.page();
    bounded(&before);
    (31..=60).for_each(ask);
    let after = measured.page();
    bounded(&after);
    assert_eq!(after.series(), before.series(), "the same series as before");
}

/// The findings of the linter that are meant, with the reason.
const MEANT: [&str; 1] = [
    // The name is that of OpenTelemetry's semantic conventions.
    r#"db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix"#,
];

fn the_page_passes_the_linter_of_prometheus(home: Home) {
    let measured = Measured::start(&home);
    measured.create_spaces(1);
    let page = measured.ask("GET", "/metrics").body;
    let (_, said) = promtool(&["check", "metrics"], Some(&page));
    let found: Vec<&str> = said.lines().filter(|line| !line.is_empty() && !MEANT.contains(line)).collect();
    assert!(found.is_empty(), "{found:?}");
    // The linter works: it finds a counter without its suffix.
    let bad = format!("{page}# HELP loggia_bad Bad.\n# TYPE loggia_bad counter\nloggia_bad 1\n");
    let (_, said) = promtool(&["check", "metrics"], Some(&bad));
    assert!(said.contains("loggia_bad"), "{said}");
}

#[test]
fn without_a_metrics_listener_no_metrics_are_served() {
    let home = Home::new();
    let mut server = home.serve();
    let said = server.printed_until(|text| text.contains("listening")).to_owned();
    assert!(!said.contains("metrics"), "{said}");
    assert_eq!(server.get("/metrics", None).status, 404, "the API's own listener has no metrics");
}

#[test]
fn metrics_are_served_in_the_requested_format_and_nothing_else_is() {
    let home = Home::new();
    let measured = Measured::start(&home);
    let page = measured.ask("GET", "/metrics");
    assert!(
        page.head.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"),
        "{}",
        page.head
    );
    assert!(page.body.contains("# TYPE loggia_use_case_retries_total counter\n"), "{}", page.body);
    let mut stream = crate::harness::connect(&measured.metrics).unwrap();
    let head = head(&measured.metrics, "GET", "/metrics", None, None);
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n";
    stream.write_all(format!("{head}{accept}\r\n").as_bytes()).unwrap();
    let open = crate::harness::response(&mut stream, "GET").unwrap();
    assert!(open.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", open.head);
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/api/v1/me", 404),
        ("GET", "/metrics/x", 404),
        ("POST", "/metrics", 405),
        ("HEAD", "/metrics", 200),
    ] {
        assert_eq!(measured.ask(method, path).status, status, "{method} {path}");
    }
    let (status, said) = measured.server.terminate();
    assert!(status.success(), "{said}");
}

#[test]
fn a_taken_metrics_port_is_reported_before_a_store_is_created() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let address = taken.local_addr().unwrap().to_string();
    let output = home.run(&["serve", "--listen=127.0.0.1:0", "--metrics-listen", &address]);
    assert!(!output.status.success());
    assert!(crate::harness::text(&output.stderr).contains("cannot listen on"), "{output:?}");
    assert!(!home.path().join("loggia.db").exists(), "no store was made");
}
