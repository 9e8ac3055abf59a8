//! Requests whose end two readers could see in two places, and other malformed ones: none gets to a handler, and its connection is
//! closed, so that what follows on it is no request either (promise B28).
//!
//! One thing is known to be let through by the parser: lines that end with a line feed alone. It does not change where
//! a request ends.

use std::sync::Arc;

use loggia_http::limits::{HEAD_BYTES, HEADER_LINES, TARGET_BYTES};
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;

use crate::capture;
use crate::faults::within;
use crate::harness::Store;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

/// What a request that makes a space has beside `Host` and its key, and then its body. `{body}` is a body of 20 bytes.
const CASES: &[(&str, &str)] = &[
    (
        "a length and chunks",
        "Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    (
        "chunks and a length",
        "Transfer-Encoding: chunked\r\nContent-Length: 20\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    ("two lengths", "Content-Length: 20\r\nContent-Length: 5\r\n\r\n{body}"),
    ("two lengths that agree", "Content-Length: 20\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a list of lengths", "Content-Length: 20, 20\r\n\r\n{body}"),
    ("a length with a plus", "Content-Length: +20\r\n\r\n{body}"),
    ("a negative length", "Content-Length: -20\r\n\r\n{body}"),
    ("a length in hexadecimal", "Content-Length: 0x14\r\n\r\n{body}"),
    ("a length with a fraction", "Content-Length: 20.0\r\n\r\n{body}"),
    ("a length that no number holds", "Content-Length: 99999999999999999999999\r\n\r\n{body}"),
    ("no length at all after the name", "Content-Length: \r\n\r\n{body}"),
    ("a folded line", "X-Folded: quay\r\n side\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a folded length", "Content-Length:\r\n 20\r\n\r\n{body}"),
    ("a space before the colon", "Content-Length : 20\r\n\r\n{body}"),
    ("a tab before the colon", "Content-Length\t: 20\r\n\r\n{body}"),
    ("a line without a colon", "Content-Length 20\r\n\r\n{body}"),
    ("a header without a name", ": quay\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a NUL in a value", "X-Quay: a\0b\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a NUL in a name", "X-Qu\0ay: a\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a carriage return in a value", "X-Quay: a\rb\r\nContent-Length: 20\r\n\r\n{body}"),
    ("a coding before chunks", "Transfer-Encoding: gzip, chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("chunks before a coding", "Transfer-Encoding: chunked, gzip\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    (
        "chunks twice",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n",
    ),
    ("an unknown coding", "Transfer-Encoding: quay\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("a coding that is nearly the one", "Transfer-Encoding: xchunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    ("a coding behind a vertical tab", "Transfer-Encoding: \x0bchunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"),
    (
        "a chunk that is too large for a number",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000014\r\n{body}\r\n0\r\n\r\n",
    ),
    ("a chunk of a negative size", "Transfer-Encoding: chunked\r\n\r\n-14\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk whose size begins with 0x", "Transfer-Encoding: chunked\r\n\r\n0x14\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk without a size", "Transfer-Encoding: chunked\r\n\r\n\r\n{body}\r\n0\r\n\r\n"),
    ("a chunk that is longer than its size", "Transfer-Encoding: chunked\r\n\r\n4\r\n{body}\r\n0\r\n\r\n"),
    (
        "a chunk's line that ends with a carriage return",
        "Transfer-Encoding: chunked\r\n\r\n14\rX{body}\r\n0\r\n\r\n",
    ),
];

/// Whole request lines and `Host` headers that are wrong; the rest is sound.
const HEADS: &[(&str, &str)] = &[
    ("no host", "POST /api/v1/spaces HTTP/1.1\r\n"),
    ("two hosts", "POST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\nHost: b.example.com\r\n"),
    (
        "two hosts that agree",
        "POST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\nHost: a.example.com\r\n",
    ),
    ("an unknown version", "POST /api/v1/spaces HTTP/1.7\r\nHost: a.example.com\r\n"),
    ("no version", "POST /api/v1/spaces\r\nHost: a.example.com\r\n"),
    ("a version of two digits", "POST /api/v1/spaces HTTP/1.10\r\nHost: a.example.com\r\n"),
    ("two spaces in the line", "POST  /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a space in the path", "POST /api/v1/spaces /quay HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a NUL in the path", "POST /api/v1/spaces\0 HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a method with a colon", "PO:ST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
    ("a line before the line", "quay\r\nPOST /api/v1/spaces HTTP/1.1\r\nHost: a.example.com\r\n"),
];

/// Hosts that are none, in requests whose end everybody sees in one place. So what was sent ahead behind one may be answered, too.
const HOSTS: &[(&str, &str)] = &[
    ("a host with a space", "a.example.com b"),
    ("a host with a name before it", "ada@example.com"),
    ("a host with a path", "a.example.com/b"),
];

const BODY: &str = r#"{"name":"smuggled"} "#;

async fn serving() -> (World, Serving, String) {
    capture::listen();
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    // What is not closed at once is closed after this, with an answer that tells on it.
    let limits = Limits { keep_alive_seconds: 1, ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    (world, Serving::start(app), key)
}

/// Sends it with a sound request behind it, and reads to the end, which only comes if the server closes the connection.
async fn told(serving: &Serving, bytes: String) -> String {
    let mut wire = serving.connect().await;
    let behind = request("GET", "/livez", "", None);
    wire.send_bytes((bytes + &behind).as_bytes()).await;
    String::from_utf8_lossy(&within(wire.rest()).await).into_owned()
}

fn is_refused(case: &str, told: &str) {
    // Nothing at all, or one answer, which is a refusal.
    let answers = told.matches("HTTP/1.1 ").count();
    let refusal = told.is_empty() || told.starts_with("HTTP/1.1 400 ") || told.starts_with("HTTP/1.1 413 ");
    assert!(answers <= 1 && refusal, "{case}: {told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_could_be_read_in_two_ways_reaches_no_handler() {
    assert_eq!(BODY.len(), 20);
    let (world, serving, key) = serving().await;
    let common = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    for (case, rest) in CASES {
        let head = "POST /api/v1/spaces HTTP/1.1\r\nHost: loggia.example.com\r\n";
        is_refused(case, &told(&serving, format!("{head}{common}{}", rest.replace("{body}", BODY))).await);
    }
    for (case, head) in HEADS {
        is_refused(case, &told(&serving, format!("{head}{common}Content-Length: 20\r\n\r\n{BODY}")).await);
    }
    for (case, host) in HOSTS {
        let head = format!("POST /api/v1/spaces HTTP/1.1\r\nHost: {host}\r\n");
        let told = told(&serving, format!("{head}{common}Content-Length: 20\r\n\r\n{BODY}")).await;
        assert!(told.starts_with("HTTP/1.1 400 ") && told.contains("connection: close"), "{case}: {told}");
    }
    // Chunks are of HTTP/1.1. Before, a body of that kind was none.
    let old = "POST /api/v1/spaces HTTP/1.0\r\nHost: loggia.example.com\r\n";
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n14\r\n{BODY}\r\n0\r\n\r\n");
    is_refused("chunks in HTTP/1.0", &told(&serving, format!("{old}{common}{chunked}")).await);
    let found = world.as_founder().get("/api/v1/spaces?search=smuggled").await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 0, "none was made");
    assert!(CASES.len() + HEADS.len() > 25);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_without_a_fault_is_done() {
    let (world, serving, key) = serving().await;
    let head = "POST /api/v1/spaces HTTP/1.1\r\nHost: loggia.example.com\r\n";
    let common = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\n");
    let plain = format!("Content-Length: 20\r\nConnection: close\r\n\r\n{BODY}");
    let chunked = format!("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n14\r\n{BODY}\r\n0\r\n\r\n");
    // What the parser is known to take: lines that end with a line feed alone.
    let bare = format!("{head}{common}{plain}").replace("\r\n", "\n");
    for sound in [format!("{head}{common}{plain}"), format!("{head}{common}{chunked}"), bare] {
        let mut wire = serving.connect().await;
        wire.send_bytes(sound.as_bytes()).await;
        let told = String::from_utf8_lossy(&within(wire.rest()).await).into_owned();
        assert!(told.starts_with("HTTP/1.1 201 "), "{told}");
    }
    let found = world.as_founder().get("/api/v1/spaces?search=smuggled").await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 3);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_for_the_parser_is_refused_and_what_is_just_not_is_read() {
    let (_world, serving, _) = serving().await;
    let head = |target: &str, lines: usize, padding: usize| {
        // `Host` and `Connection` are lines, too, and one is as long as it must be.
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
        (
            "the longest target, which says what no endpoint knows",
            head(&target(TARGET_BYTES), 3, 1),
            Some("400"),
        ),
        ("a longer one", head(&target(TARGET_BYTES + 1), 3, 1), Some("400")),
        ("headers of 100 KiB", head("/livez", 3, 100 * 1024), Some("200")),
        // It is closed while the client still sends, so the answer may get lost.
        ("longer headers than are read", head("/livez", 3, 2 * HEAD_BYTES), None),
    ] {
        let mut wire = serving.connect().await;
        wire.try_send(request.as_bytes()).await;
        let told = String::from_utf8_lossy(&within(wire.rest()).await).into_owned();
        let found = told.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next());
        match status {
            Some(status) => assert_eq!(found, Some(status), "{case}: {told}"),
            None => assert!(found.is_none_or(|status| status == "431"), "{case}: {told}"),
        }
        let is_ours = told.contains("application/problem+json");
        assert_eq!(is_ours, case.starts_with("the longest"), "{case}: {told}");
    }
    serving.end().await;
}
