//! Memory for request bodies: it is reserved for bytes that have arrived, and shared fairly between users and organizations.

use std::sync::Arc;

use futures_util::future::join_all;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;

use crate::harness::Store;
use crate::wire::{RawResponse, Serving, Wire, request};
use crate::world::{Key, Who, World};

/// Memory for four bodies of the maximum length.
const ROOM: usize = 1024 * 1024;
const LENGTH: usize = 256 * 1024;

async fn serving() -> (World, Serving) {
    let world = World::on(Store::Memory).await;
    let limits = Limits { body_room_bytes: ROOM, ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    (world, Serving::start(app))
}

/// Declares a body of the maximum length and sends that many bytes of it. When this returns, the server has begun to read the body.
async fn upload(serving: &Serving, key: &str, sent: usize) -> Wire {
    let head = request("POST", "/api/v1/spaces", key, None);
    let kind = format!("Content-Type: application/json\r\nContent-Length: {LENGTH}\r\nExpect: 100-continue");
    let mut wire = serving.connect().await;
    wire.send(&format!("{}\r\n{kind}\r\n\r\n", head.trim_end())).await;
    assert_eq!(wire.response(true).await.status, 100);
    wire.try_send(" ".repeat(sent).as_bytes()).await;
    wire
}

async fn write(serving: &Serving, key: &str) -> RawResponse {
    let body = format!("{{\"name\":\"Quay\",\"description\":\"{}\"}}", "a".repeat(9_000));
    serving.connect().await.call(&request("POST", "/api/v1/spaces", key, Some(&body))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_uploads_of_one_user_with_two_keys_refuse_no_writes() {
    let (world, serving) = serving().await;
    let keys =
        [world.new_key(Who::Founder, Key::Full).await, world.new_key(Who::Founder, Key::Personal).await];
    // The uploads declare eight times the memory that there is.
    let idle = join_all((0..32).map(|number| upload(&serving, &keys[number % 2], 1))).await;
    for who in [Who::Stranger, Who::Member, Who::Founder] {
        let key = world.new_key(who, Key::Full).await;
        for _ in 0..3 {
            let response = write(&serving, &key).await;
            assert_eq!(response.status, 201, "{who:?}: {response:?}");
        }
    }
    drop(idle);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_many_keys_leaves_memory_for_the_bodies_of_others() {
    let (world, serving) = serving().await;
    let mut uploads = Vec::new();
    for number in 0..32 {
        let kind = [Key::Full, Key::Personal, Key::Confined][number % 3];
        let key = world.new_key(Who::Founder, kind).await;
        // Everything but the last byte.
        uploads.push(upload(&serving, &key, LENGTH - 1).await);
    }
    for who in [Who::Stranger, Who::Member] {
        let key = world.new_key(who, Key::Full).await;
        for _ in 0..3 {
            let response = write(&serving, &key).await;
            assert_eq!(response.status, 201, "{who:?}: {response:?}");
        }
    }
    // The uploads that got memory are complete with their last byte. The others were refused, and hold none.
    let mut statuses = Vec::new();
    for mut upload in uploads {
        upload.try_send(b" ").await;
        statuses.push(upload.response(false).await.status);
    }
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert!(matches!(of(400), 1..=2) && of(400) + of(503) == 32, "{statuses:?}");
    serving.end().await;
}
