//! The limits that act on a mounted API, under the server of its host.

use loggia_http::Limits;

use super::hosted::Hosted;
use crate::wire::RawResponse;

fn refused(response: &RawResponse, status: u16, code: &str) {
    assert_eq!((response.status, response.code().as_str()), (status, code), "{response:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_read_up_to_the_limit_and_within_its_time() {
    let hosted = Hosted::with(Limits { body_bytes: 1_000, body_seconds: 1, ..Limits::default() }).await;
    let large = hosted.response_to(&hosted.new_space(&"a".repeat(1_000))).await;
    refused(&large, 413, "PAYLOAD_TOO_LARGE");
    assert_eq!(large.header("connection"), Some("close"));
    let head = hosted.request("POST", "/api/v1/spaces", None);
    let mut wire = hosted.connect().await;
    let body = format!("Transfer-Encoding: chunked\r\n\r\n400\r\n{}\r\n", " ".repeat(0x400));
    wire.send(&format!("{}\r\nContent-Type: application/json\r\n{body}", head.trim_end())).await;
    refused(&wire.response(false).await, 413, "PAYLOAD_TOO_LARGE");
    let mut slow = hosted.connect().await;
    let whole = hosted.new_space("slow");
    slow.send(&whole[..whole.len() - 1]).await;
    refused(&slow.response(false).await, 408, "REQUEST_TIMEOUT");
    hosted.server.stop(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_without_a_permit_is_refused_and_the_hosts_pages_are_served() {
    let hosted =
        Hosted::with(Limits { writes_at_once: 1, permit_milliseconds: 0, ..Limits::default() }).await;
    let mut first = hosted.connect().await;
    first.send(&hosted.new_space("first")).await;
    hosted.commits.arrival().await;
    refused(&hosted.response_to(&hosted.new_space("second")).await, 503, "BUSY");
    assert_eq!(hosted.response_to(&crate::wire::request("GET", "/", "", None)).await.status, 200);
    hosted.commits.let_one_through();
    assert_eq!(first.response(false).await.status, 201);
    hosted.server.stop(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_for_a_response_is_reserved_before_the_store_is_asked() {
    // Memory for one page of spaces of one user.
    let limits = Limits { response_room_bytes: 8 * 1024 * 1024, permit_milliseconds: 0, ..Limits::default() };
    let hosted = Hosted::with(limits).await;
    let list = hosted.request("GET", "/api/v1/spaces", None);
    let mut first = hosted.connect().await;
    first.send(&list).await;
    hosted.lists.arrivals(1).await;
    refused(&hosted.response_to(&list).await, 503, "BUSY");
    assert_eq!(hosted.lists.waiting(), 0, "it does not come to the store");
    hosted.lists.let_through(1);
    assert_eq!(first.response(false).await.status, 200);
    hosted.server.stop(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_takes_too_long_gets_a_response_and_continues() {
    let hosted =
        Hosted::with(Limits { request_seconds: 1, permit_milliseconds: 500, ..Limits::default() }).await;
    refused(&hosted.response_to(&hosted.new_space("quay")).await, 503, "OUTCOME_UNKNOWN");
    assert!(!hosted.has_space("quay").await);
    hosted.commits.let_one_through();
    hosted.commits.end().await;
    assert!(hosted.has_space("quay").await);
    hosted.server.stop(false).await;
}
