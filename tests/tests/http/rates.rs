//! The rate limits of users and organizations, and their response headers (rule C25).

use std::sync::Arc;

use loggia_http::{HttpApp, Limits, Networks};
use loggia_testkit::SequentialIds;
use serde_json::json;

use crate::harness::Store;
use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

on_every_store!(
    a_user_over_the_quota_gets_429_with_retry_after,
    a_user_with_a_hundred_keys_has_one_quota,
    without_a_limit_no_rate_limit_header_is_sent
);

async fn with_limits(world: &World, limits: Limits, key: &str) -> Client {
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    Client::new(world.serve(app).await, vec![format!("Bearer {key}")])
}

fn rate_limit_headers(response: &Response) -> [Option<&str>; 3] {
    ["ratelimit-policy", "ratelimit", "retry-after"].map(|name| response.header(name))
}

async fn a_user_over_the_quota_gets_429_with_retry_after(world: World) {
    let limits = Limits { requests_per_minute: Some(3), ..Limits::default() };
    let key = world.new_key(Who::Founder, Key::Full).await;
    let client = with_limits(&world, limits, &key).await;
    let policy = Some("\"user\";q=3;w=60, \"organization\";q=30;w=60");
    let missing = format!("/v2/projects/{}", crate::world::MADE_UP);
    // Every request counts, whatever its outcome, and has the headers.
    let responses = [
        client.get("/api/v1/me").await,
        client.get(&missing).await,
        client.post("/api/v1/spaces", json!({"name": 7})).await,
    ];
    assert_eq!(responses.each_ref().map(|response| response.status), [200, 404, 400]);
    for (response, left) in
        responses.iter().zip([["r=2;t=20", "r=29;t=2"], ["r=1;t=40", "r=28;t=4"], ["r=0;t=60", "r=27;t=6"]])
    {
        let left = format!("\"user\";{}, \"organization\";{}", left[0], left[1]);
        assert_eq!(rate_limit_headers(response), [policy, Some(left.as_str()), None]);
    }
    for _ in 0..5 {
        let refused = client.post("/api/v1/spaces", json!({"name": "Quay"})).await;
        refused.refuses(429, "RATE_LIMITED");
        let headers = rate_limit_headers(&refused);
        assert_eq!(headers, [Some("\"user\";q=3;w=60"), Some("\"user\";r=0;t=20"), Some("20")]);
    }
    let found = world.as_founder().get("/api/v1/spaces?search=Quay").await.json();
    assert_eq!(found["data"], json!([]), "nothing was done");
    // Health checks and requests without a key do not count.
    assert_eq!(rate_limit_headers(&client.get("/livez").await), [None; 3]);
    world.clock.advance_seconds(19);
    client.get("/api/v1/me").await.refuses(429, "RATE_LIMITED");
    world.clock.advance_seconds(1);
    assert_eq!(client.get("/api/v1/me").await.status, 200);
    client.get("/api/v1/me").await.refuses(429, "RATE_LIMITED");
}

async fn a_user_with_a_hundred_keys_has_one_quota(world: World) {
    let limits = Limits { requests_per_minute: Some(100), ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    let service = world.serve(app).await;
    let with = |key: &str| Client::new(service.clone(), vec![format!("Bearer {key}")]);
    for number in 0..100 {
        let kind = [Key::Full, Key::ReadOnly, Key::Confined, Key::Personal][number % 4];
        let client = with(&world.new_key(Who::Founder, kind).await);
        assert_eq!(client.get("/api/v1/me/permissions").await.status, 200, "{number}");
    }
    for kind in [Key::Full, Key::Confined, Key::Personal] {
        let client = with(&world.new_key(Who::Founder, kind).await);
        client.get("/api/v1/me/permissions").await.refuses(429, "RATE_LIMITED");
    }
    let other = with(&world.new_key(Who::Member, Key::Full).await);
    assert_eq!(other.get("/api/v1/me/permissions").await.status, 200);
}

async fn without_a_limit_no_rate_limit_header_is_sent(world: World) {
    let key = world.new_key(Who::Founder, Key::Full).await;
    let client = with_limits(&world, Limits::default(), &key).await;
    for _ in 0..50 {
        let response = client.get("/api/v1/me").await;
        assert_eq!((response.status, rate_limit_headers(&response)), (200, [None; 3]));
    }
}

/// Starts a server that trusts these proxies, and lets each address send one invalid key a minute.
async fn strict(proxies: &str) -> (World, Serving) {
    let world = World::on(Store::Memory).await;
    let limits = Limits { failed_authentications: 1, ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    let serving = Serving::start(app.behind(Networks::parse(proxies).unwrap()));
    (world, serving)
}

/// Returns a call with an invalid key, as a proxy forwards it.
fn guess(header: &str) -> String {
    request("GET", "/api/v1/me", "quay", None).replacen("Host:", &format!("{header}\r\nHost:"), 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_keys_count_against_the_client_behind_a_trusted_proxy() {
    let (world, serving) = strict("127.0.0.0/8, 10.0.0.0/8").await;
    let mut wire = serving.connect().await;
    for (header, status) in [
        ("X-Forwarded-For: 192.0.2.1", 401),
        ("X-Forwarded-For: 192.0.2.2", 401),
        ("X-Forwarded-For: 192.0.2.1", 429),
        // An element before the address that our proxy saw may be forged.
        ("X-Forwarded-For: 198.51.100.1, 192.0.2.1", 429),
        ("X-Forwarded-For: 192.0.2.1, 10.1.1.1", 429),
        ("Forwarded: for=192.0.2.1", 429),
        ("Forwarded: for=192.0.2.3;proto=https", 401),
    ] {
        let response = wire.call(&guess(header)).await;
        assert_eq!(response.status, status, "{header}");
        if status == 429 {
            assert_eq!(response.code(), "TOO_MANY_FAILED_AUTHENTICATIONS");
            assert_eq!(response.header("ratelimit-policy"), Some("\"failed-authentications\";q=1;w=60"));
            assert_eq!(response.header("ratelimit"), Some("\"failed-authentications\";r=0;t=60"));
            assert_eq!(response.header("retry-after"), Some("60"));
        }
    }
    let key = world.new_key(Who::Founder, Key::Full).await;
    assert_eq!(wire.call(&request("GET", "/api/v1/me", &key, None)).await.status, 200);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarding_headers_of_an_untrusted_peer_are_ignored() {
    let (_world, serving) = strict("10.0.0.0/8").await;
    let mut wire = serving.connect().await;
    assert_eq!(wire.call(&guess("X-Forwarded-For: 192.0.2.1")).await.status, 401);
    for header in ["X-Forwarded-For: 192.0.2.2", "Forwarded: for=192.0.2.3", "X-Forwarded-For: 10.1.1.1"] {
        assert_eq!(wire.call(&guess(header)).await.status, 429, "{header}");
    }
    serving.end().await;
}
