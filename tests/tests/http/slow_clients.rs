//! Clients that send or read slowly, even on connections that have worked before (promise B27).

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::body::MessageBody as _;
use actix_web::test::{TestRequest, call_service, init_service};
use futures_util::future::join_all;
use loggia_http::{HttpApp, Limits, ServerLimits};
use loggia_testkit::SequentialIds;
use serde_json::json;

use crate::faults::within;
use crate::harness::Store;
use crate::wire::{Serving, Wire, request};
use crate::world::{Key, Who, World};

async fn serving(limits: Limits) -> (World, Serving, String) {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    (world, Serving::start(app), key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_head_is_not_waited_for_whether_the_first_or_a_later_one() {
    let (_world, serving, key) = serving(Limits {
        server: ServerLimits { head_seconds: 1, ..ServerLimits::default() },
        ..Limits::default()
    })
    .await;
    let me = request("GET", "/api/v1/me", &key, None);
    let (begun, _) = me.split_at(20);
    let (mut idle, mut first, mut second) =
        (serving.connect().await, serving.connect().await, serving.connect().await);
    assert_eq!(idle.call(&me).await.status, 200);
    assert_eq!(second.call(&me).await.status, 200);
    first.send(begun).await;
    second.send(begun).await;
    let received = String::from_utf8(within(first.rest()).await).unwrap();
    assert!(received.is_empty() || received.starts_with("HTTP/1.1 408 "), "{received}");
    assert_eq!(within(second.rest()).await, b"", "it is closed without a word");
    // An equal time has passed on this connection, but no timeout is running on it.
    assert_eq!(idle.call(&me).await.status, 200);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partial_head_behind_a_whole_request_has_no_more_time_than_any_head() {
    // Far longer than the test waits, so that only the timeout of a head can end a connection here.
    let limits = Limits {
        server: ServerLimits { head_seconds: 1, keep_alive_seconds: 3_600, ..ServerLimits::default() },
        ..Limits::default()
    };
    let (_world, serving, key) = serving(limits).await;
    let get = request("GET", "/api/v1/me", &key, None);
    let post = request("POST", "/api/v1/spaces", &key, Some("{\"name\": \"Quay\"}"));
    let head = request("POST", "/api/v1/spaces", &key, None);
    let chunked = format!(
        "{}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         8;quay=\"side\"\r\n{{\"name\":\r\n7\r\n\"Quay\"}}\r\n0\r\nX-Quay: side\r\n\r\n",
        head.trim_end()
    );
    let bare = get.replace("\r\n", "\n");
    let both = format!("{post}{get}");
    let whole = [(&get, 1), (&post, 1), (&chunked, 1), (&bare, 1), (&both, 2)];
    let mut idle = serving.connect().await;
    for (request, responses) in whole {
        idle.send(request).await;
        for _ in 0..responses {
            assert!(idle.response(false).await.status < 300, "{request}");
        }
    }
    let partial = ["G", "\r\n", &get[..20], get.trim_end(), &head[..head.len() - 2]];
    let cases = whole.iter().flat_map(|case| partial.map(|partial| (*case, partial)));
    join_all(cases.map(async |((request, responses), partial)| {
        let mut wire = serving.connect().await;
        wire.send(&format!("{request}{partial}")).await;
        for _ in 0..responses {
            assert!(wire.response(false).await.status < 300, "{request}");
        }
        assert_eq!(within(wire.rest()).await, b"", "{request}{partial}");
    }))
    .await;
    // An equal time has passed on this connection, but no request has begun on it.
    assert_eq!(idle.call(&get).await.status, 200);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sent_in_pieces_in_time_succeeds() {
    let (_world, serving, key) = serving(Limits {
        server: ServerLimits { head_seconds: 20, ..ServerLimits::default() },
        ..Limits::default()
    })
    .await;
    let me = request("GET", "/api/v1/me", &key, None);
    let mut wire = serving.connect().await;
    for _ in 0..2 {
        for piece in me.as_bytes().chunks(30) {
            wire.send(std::str::from_utf8(piece).unwrap()).await;
        }
        assert_eq!(wire.response(false).await.status, 200);
    }
    serving.end().await;
}

/// Creates spaces whose list is longer than the buffers between the two ends of a connection.
async fn a_long_list(world: &World) -> &'static str {
    let founder = world.as_founder();
    // Characters of four bytes: four megabytes in all.
    let description = "\u{1F6A2}".repeat(10_000);
    for number in 0..100 {
        let body = json!({"name": format!("Berth {number}"), "description": description});
        assert_eq!(founder.post("/api/v1/spaces", body).await.status, 201);
    }
    "/api/v1/spaces?limit=100"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unread_responses_take_bounded_memory_for_a_bounded_time() {
    // Memory for one of these responses.
    let limits = Limits {
        server: ServerLimits { answer_seconds: 2, ..ServerLimits::default() },
        response_room_bytes: 8 * 1024 * 1024,
        permit_milliseconds: 100,
        ..Limits::default()
    };
    let (world, serving, key) = serving(limits).await;
    let list = request("GET", a_long_list(&world).await, &key, None);
    let mut stubborn = Wire::with_little_room(serving.address).await;
    // Pipelined, so that together the responses are longer than the buffers between the two ends.
    for _ in 0..4 {
        stubborn.send(&list).await;
    }
    let mut polite = serving.connect().await;
    let mut refused = 0;
    within(async {
        // Other clients get memory until the stubborn one holds it. From then on no client does, and in the end it is as before.
        loop {
            let response = polite.call(&list).await;
            match response.status {
                503 => {
                    assert_eq!(response.code(), "BUSY");
                    refused += 1;
                }
                status => {
                    assert_eq!(status, 200);
                    assert!(response.body.len() > 4_000_000);
                    if refused > 0 {
                        break;
                    }
                }
            }
            // A small response needs no reserved memory.
            assert_eq!(polite.call(&request("GET", "/api/v1/me", &key, None)).await.status, 200);
        }
    })
    .await;
    drop(stubborn);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_response_arrives_whole() {
    let (world, serving, key) = serving(Limits::default()).await;
    let path = a_long_list(&world).await;
    let expected = world.as_founder().get(path).await;
    let mut wire = serving.connect().await;
    for _ in 0..2 {
        let response = wire.call(&request("GET", path, &key, None)).await;
        assert_eq!((response.status, response.body == expected.bytes), (200, true));
        let head = wire.call(&request("HEAD", path, &key, None)).await;
        assert_eq!(head.header("content-length"), Some(expected.bytes.len().to_string().as_str()));
    }
    serving.end().await;
}

/// actix copies each part that it is handed, so a slow client must not make it copy more than a little at a time.
#[actix_web::test]
async fn a_published_document_is_sent_in_chunks() {
    let world = World::on(Store::Memory).await;
    let ids = Arc::new(SequentialIds::new());
    let app = HttpApp::new(world.loggia.clone(), ids, [7; 32], Limits::default());
    let service = init_service(loggia_http::application(app)).await;
    for path in ["/openapi.json", "/docs/try/swagger-ui-bundle.js"] {
        let request = TestRequest::get().uri(path).to_request();
        let mut body = call_service(&service, request).await.into_body();
        let mut document = Vec::new();
        while let Some(part) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            let part = part.expect("a part");
            assert!(part.len() <= 64 * 1024, "{} bytes at once", part.len());
            document.extend_from_slice(&part);
        }
        assert!(document.len() > 64 * 1024, "{path} is a long one");
        assert!(document == world.as_nobody().get(path).await.bytes, "{path} is there whole");
    }
}
