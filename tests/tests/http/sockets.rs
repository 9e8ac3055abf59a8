//! Behaviour that only a socket shows: slow and broken clients, and writes that go on without them (rules C1 and C2).

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::poll;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits, ServerLimits};
use loggia_testkit::{SequentialIds, intercept};

use crate::capture;
use crate::faults::{Gate, within};
use crate::harness::Store;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

/// A world behind a socket, whose units of work commit when the gate lets them.
struct Served {
    world: World,
    serving: Serving,
    gate: Arc<Gate>,
    key: String,
}

async fn served(limits: Limits) -> Served {
    capture::listen();
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let gate = Gate::closed();
    let loggia = Loggia::on_ports(intercept::store(world.ports(), gate.clone())).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits);
    Served { world, serving: Serving::start(app), gate, key }
}

impl Served {
    fn request(&self, method: &str, path: &str, body: Option<&str>) -> String {
        request(method, path, &self.key, body)
    }

    /// Returns a request to create a space with that name, which is also the request's id in the log.
    fn new_space(&self, name: &str) -> String {
        let request = self.request("POST", "/api/v1/spaces", Some(&format!("{{\"name\":\"{name}\"}}")));
        request.replacen("Host:", &format!("X-Request-Id: {name}\r\nHost:"), 1)
    }

    /// Returns `true` if there is a space with that name, asked without the socket.
    async fn has_space(&self, name: &str) -> bool {
        let found = self.world.as_founder().get(&format!("/api/v1/spaces?search={name}")).await;
        found.json()["data"].as_array().unwrap().len() == 1
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_body_gets_408_and_the_connection_is_closed() {
    let served = served(Limits { body_seconds: 1, ..Limits::default() }).await;
    let whole = served.new_space("dribble");
    let head = served.request("POST", "/api/v1/spaces", None);
    let chunked =
        format!("{}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n", head.trim_end());
    // Everything but the last byte, and one chunk of several: the rest never comes.
    let begun = [whole[..whole.len() - 1].to_owned(), chunked + "\r\n8\r\n{\"name\":\r\n"];
    join_all(begun.iter().map(async |begun| {
        let mut wire = served.serving.connect().await;
        wire.send(begun).await;
        let response = wire.response(false).await;
        assert_eq!((response.status, response.code().as_str()), (408, "REQUEST_TIMEOUT"));
        assert_eq!(response.header("connection"), Some("close"));
        assert_eq!(wire.rest().await, b"", "nothing follows");
    }))
    .await;
    assert!(!served.has_space("dribble").await);
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused_before_all_of_it_was_sent() {
    let served = served(Limits::default()).await;
    let head = served.request("POST", "/api/v1/spaces", None);
    let head = head.trim_end();
    // An announced length that is too large, and chunks without an announced length.
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let rests = [
        "Content-Length: 262145\r\n\r\n".to_owned(),
        format!("Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(5)),
    ];
    join_all(rests.iter().map(async |rest| {
        let mut wire = served.serving.connect().await;
        wire.send(&format!("{head}\r\nContent-Type: application/json\r\n{rest}")).await;
        let response = wire.response(false).await;
        assert_eq!((response.status, response.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
        assert_eq!(response.header("connection"), Some("close"));
        assert_eq!(wire.rest().await, b"");
    }))
    .await;
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unread_body_is_not_waited_for() {
    let served = served(Limits::default()).await;
    // Endless chunks to targets that do not read them: without a key, to no endpoint, with the wrong method.
    let calls = [
        ("POST", "/api/v1/spaces", "", 401),
        ("POST", "/quay", served.key.as_str(), 404),
        ("POST", "/livez", served.key.as_str(), 405),
        ("GET", "/api/v1/me", served.key.as_str(), 200),
    ];
    join_all(calls.map(async |(method, path, key, status)| {
        let mut wire = served.serving.connect().await;
        let head = request(method, path, key, None);
        wire.send(&format!("{}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nquay\r\n", head.trim_end())).await;
        let response = wire.response(false).await;
        assert_eq!(response.status, status, "{method} {path}");
        assert_eq!(response.header("connection"), Some("close"), "{method} {path}");
        assert_eq!(wire.rest().await, b"");
    }))
    .await;
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_has_the_content_length_and_no_body() {
    let served = served(Limits::default()).await;
    let mut wire = served.serving.connect().await;
    let missing = format!("/v2/projects/{}", crate::world::MADE_UP);
    for path in
        ["/api/v1/me", "/api/v1/spaces", "/v2/projects", "/livez", &missing, "/quay", "/v2/projects?page=0"]
    {
        let get = wire.call(&served.request("GET", path, None)).await;
        let head = wire.call(&served.request("HEAD", path, None)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_client_disconnected_completes() {
    let served = served(Limits::default()).await;
    let mut wire = served.serving.connect().await;
    wire.send(&served.new_space("castaway")).await;
    served.gate.arrival().await;
    wire.reset();
    // The server has noticed that the client has gone, and logs it; the write is in flight nevertheless.
    let line = capture::line("castaway").await;
    assert_eq!(line.get("status"), Some("499"));
    assert!(!served.has_space("castaway").await, "not before it is committed");
    served.gate.let_one_through();
    served.gate.end().await;
    assert!(served.has_space("castaway").await);
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_head_sent_while_a_write_is_in_flight_has_no_more_time_than_any_head() {
    let limits = Limits {
        server: ServerLimits { head_seconds: 1, keep_alive_seconds: 3_600, ..ServerLimits::default() },
        ..Limits::default()
    };
    let served = served(limits).await;
    let mut wire = served.serving.connect().await;
    wire.send(&served.new_space("ahead")).await;
    served.gate.arrival().await;
    wire.send("GET /api/v1/me HTTP/1.1\r\nHost: ").await;
    served.gate.let_one_through();
    assert_eq!(wire.response(false).await.status, 201);
    assert_eq!(within(wire.rest()).await, b"");
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_without_a_permit_is_refused_at_once_and_reads_continue() {
    let served = served(Limits { writes_at_once: 1, permit_milliseconds: 0, ..Limits::default() }).await;
    let (mut first, mut second) = (served.serving.connect().await, served.serving.connect().await);
    first.send(&served.new_space("first")).await;
    served.gate.arrival().await;
    let refused = second.call(&served.new_space("second")).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "BUSY"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    let read = second.call(&served.request("GET", "/api/v1/spaces", None)).await;
    assert_eq!(read.status, 200, "reads need no permit");
    served.gate.let_one_through();
    assert_eq!(first.response(false).await.status, 201);
    // The permit is free again.
    served.gate.let_one_through();
    assert_eq!(second.call(&served.new_space("third")).await.status, 201);
    assert!(!served.has_space("second").await);
    served.serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_waits_for_a_write_whose_client_disconnected() {
    let served = served(Limits::default()).await;
    let mut wire = served.serving.connect().await;
    wire.send(&served.new_space("last-one")).await;
    served.gate.arrival().await;
    wire.reset();
    assert_eq!(capture::line("last-one").await.get("status"), Some("499"));
    let Served { world, mut serving, gate, .. } = served;
    serving.stop.stop().await;
    assert!(poll!(&mut serving.ended).is_pending(), "a write is in flight");
    gate.let_one_through();
    serving.ended.await.unwrap().unwrap();
    let found = world.as_founder().get("/api/v1/spaces?search=last-one").await;
    assert_eq!(found.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunked_body_needs_the_right_media_type_too() {
    let served = served(Limits::default()).await;
    let head = served.request("POST", "/api/v1/spaces", None);
    for (kind, code) in [
        ("Content-Type: text/plain", "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: application/json\r\nContent-Encoding: gzip", "UNSUPPORTED_CONTENT_ENCODING"),
        (
            "Content-Type: application/json\r\nContent-Encoding: identity\r\nContent-Encoding: gzip",
            "UNSUPPORTED_CONTENT_ENCODING",
        ),
    ] {
        let mut wire = served.serving.connect().await;
        let body = "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        wire.send(&format!("{}\r\n{kind}\r\n{body}", head.trim_end())).await;
        let response = wire.response(false).await;
        assert_eq!((response.status, response.code().as_str()), (415, code), "{kind}");
    }
    served.serving.end().await;
}
