//! Ambiguous requests, whose end two parsers could see in different places, and other malformed ones: none of them reaches a handler, and
//! the connection is closed, so that the bytes after it are no request, either (promise B28).
//!
//! The parser accepts one deviation: lines that end with a line feed alone, which does not change where a request ends.

use std::sync::Arc;

use loggia_http::limits::{HEAD_BYTES, HEADER_LINES, TARGET_BYTES};
use loggia_http::{HttpApp, Limits, ServerLimits};
use loggia_testkit::SequentialIds;
use loggia_tests::framing::{self, BODY};

use crate::capture;
use crate::faults::within;
use crate::harness::Store;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

async fn serving() -> (World, Serving, String) {
    capture::listen();
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    // A connection that is not closed at once is closed after this time, after a response that reveals it.
    let limits = Limits {
        server: ServerLimits { keep_alive_seconds: 1, ..ServerLimits::default() },
        ..Limits::default()
    };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    (world, Serving::start(app), key)
}

/// Sends a request with a valid one behind it, and reads to the end, which comes only if the server closes the connection.
async fn received(serving: &Serving, bytes: String) -> String {
    let mut wire = serving.connect().await;
    let behind = request("GET", "/livez", "", None);
    wire.send_bytes((bytes + &behind).as_bytes()).await;
    String::from_utf8_lossy(&within(wire.rest()).await).into_owned()
}

fn is_refused(case: &str, received: &str) {
    // Either nothing at all, or one response, which is a refusal.
    let responses = received.matches("HTTP/1.1 ").count();
    let refusal =
        received.is_empty() || received.starts_with("HTTP/1.1 400 ") || received.starts_with("HTTP/1.1 413 ");
    assert!(responses <= 1 && refusal, "{case}: {received}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_could_be_read_in_two_ways_reaches_no_handler() {
    let (world, serving, key) = serving().await;
    let cases = framing::of_two_readings(&key);
    for (case, request) in &cases {
        is_refused(case, &received(&serving, request.clone()).await);
    }
    for (case, request) in framing::of_no_host(&key) {
        let received = received(&serving, request).await;
        assert!(
            received.starts_with("HTTP/1.1 400 ") && received.contains("connection: close"),
            "{case}: {received}"
        );
    }
    let found = world.as_founder().get("/api/v1/spaces?search=smuggled").await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 0, "none was made");
    assert!(cases.len() > 25);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_with_correct_framing_succeeds() {
    let (world, serving, key) = serving().await;
    let head = "POST /api/v1/spaces HTTP/1.1\r\nHost: loggia.example.com\r\n";
    let common = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    let plain = format!("Content-Length: 20\r\nConnection: close\r\n\r\n{BODY}");
    let chunked = format!("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n14\r\n{BODY}\r\n0\r\n\r\n");
    // The deviation that the parser accepts: lines that end with a line feed alone.
    let bare = format!("{head}{common}{plain}").replace("\r\n", "\n");
    for sound in [format!("{head}{common}{plain}"), format!("{head}{common}{chunked}"), bare] {
        let mut wire = serving.connect().await;
        wire.send_bytes(sound.as_bytes()).await;
        let received = String::from_utf8_lossy(&within(wire.rest()).await).into_owned();
        assert!(received.starts_with("HTTP/1.1 201 "), "{received}");
    }
    let found = world.as_founder().get("/api/v1/spaces?search=smuggled").await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 3);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_is_read_up_to_the_limits_of_the_parser_and_refused_beyond() {
    let (_world, serving, _) = serving().await;
    let head = |target: &str, lines: usize, padding: usize| {
        // `Host` and `Connection` are header lines, too, and the first line is as long as it must be.
        let lines: String = (3..lines).map(|number| format!("X-Quay-{number}: quay\r\n")).collect();
        let padding = "q".repeat(padding);
        format!(
            "GET {target} HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\nX-Long: {padding}\r\n{lines}\r\n"
        )
    };
    let target = |length: usize| format!("/livez?{}", "q".repeat(length - "/livez?".len()));
    for (case, request, status) in [
        ("as many lines as are read", head("/livez", HEADER_LINES, 1), Some("200")),
        ("one line more", head("/livez", HEADER_LINES + 1, 1), Some("431")),
        ("the longest target, with an unknown parameter", head(&target(TARGET_BYTES), 3, 1), Some("400")),
        ("a longer one", head(&target(TARGET_BYTES + 1), 3, 1), Some("400")),
        ("headers of 100 KiB", head("/livez", 3, 100 * 1024), Some("200")),
        // The server closes the connection while the client still sends, so the response may get lost.
        ("longer headers than are read", head("/livez", 3, 2 * HEAD_BYTES), None),
    ] {
        let mut wire = serving.connect().await;
        wire.try_send(request.as_bytes()).await;
        let received = String::from_utf8_lossy(&within(wire.rest()).await).into_owned();
        let found = received.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next());
        match status {
            Some(status) => assert_eq!(found, Some(status), "{case}: {received}"),
            None => assert!(found.is_none_or(|status| status == "431"), "{case}: {received}"),
        }
        let is_ours = received.contains("application/problem+json");
        assert_eq!(is_ours, case.starts_with("the longest"), "{case}: {received}");
    }
    serving.end().await;
}
