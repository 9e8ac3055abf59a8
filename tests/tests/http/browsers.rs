//! The headers of every response, and cross-origin requests (rule C38).

use std::sync::Arc;

use loggia_http::{HttpApp, Limits, Origins};
use loggia_testkit::SequentialIds;

use crate::harness::answer::Answer;
use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    every_answer_is_for_once_and_for_whom_it_was_made,
    pages_of_named_origins_may_call_and_no_others,
    a_preflight_is_answered_for_named_origins_only,
    without_origins_nothing_is_told_to_any,
);

const APP: &str = "https://app.example.com";

async fn client(world: &World, origins: &str) -> Client {
    let key = world.new_key(Who::Founder, Key::Full).await;
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let app = app.for_pages_of(Origins::parse(origins).unwrap());
    Client::new(world.serve(app).await, vec![format!("Bearer {key}")])
}

async fn every_answer_is_for_once_and_for_whom_it_was_made(world: World) {
    let (founder, nobody) = (world.as_founder(), world.as_nobody());
    for answer in [
        founder.get("/api/v1/spaces").await,
        founder.get(&format!("/api/v1/spaces/{MADE_UP}")).await,
        founder.get("/api/v1/spaces?limit=0").await,
        founder.request("POST", "/api/v1/spaces").raw("text/plain", "quay").await,
        founder.request("POST", "/api/v1/spaces").raw("application/json", "{").await,
        founder.get("/quay").await,
        founder.request("QUAY", "/api/v1/spaces").await,
        founder.request("OPTIONS", "/api/v1/spaces").await,
        founder.delete(&format!("/api/v1/spaces/{}", world.pier)).await,
        nobody.get("/api/v1/me").await,
        nobody.get("/livez").await,
        nobody.get("/readyz").await,
    ] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("vary", "Authorization"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer}");
        }
        assert_eq!(answer.header("content-encoding"), None, "{answer}");
    }
    let space = founder.get(&format!("/api/v1/spaces/{}", world.harbour.space)).await;
    assert_eq!(
        space.header("cache-control"),
        Some("private, no-cache"),
        "what has a tag may be kept: {space}"
    );
}

/// Returns the CORS headers of a response.
fn cors(answer: &Answer) -> Vec<(&str, &str)> {
    let headers = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut told: Vec<_> = headers.filter(|(name, _)| name.starts_with("access-control-")).collect();
    told.sort_unstable();
    told
}

async fn pages_of_named_origins_may_call_and_no_others(world: World) {
    let client = client(&world, "https://app.example.com,http://localhost:3000").await;
    for path in ["/api/v1/me", "/quay", "/livez", "/api/v1/spaces?limit=0"] {
        let answer = client.get(path).header("Origin", APP).await;
        let told = cors(&answer);
        assert_eq!(told[0], ("access-control-allow-origin", APP), "{path}");
        assert_eq!((told[1].0, told.len()), ("access-control-expose-headers", 2), "{path}: no credentials");
        for name in ["ETag", "Link", "Location", "Retry-After", "X-Request-Id", "X-Total-Count"] {
            assert!(told[1].1.split(", ").any(|exposed| exposed == name), "{name}");
        }
        assert_eq!(answer.header("vary"), Some("Authorization, Origin"), "{path}");
    }
    let plain = client.get("/api/v1/me").await;
    assert_eq!((cors(&plain), plain.header("vary")), (vec![], Some("Authorization, Origin")));
    let file = client.get("/docs/try/swagger-ui.css").await;
    assert_eq!(file.header("vary"), Some("Authorization, Origin, Accept-Encoding"), "its own is added");
    for origin in [
        "https://app.example.com.example.net",
        "https://app.example.com:444",
        "http://app.example.com",
        "https://www.app.example.com",
        "HTTPS://APP.EXAMPLE.COM",
        "null",
        "*",
        "",
    ] {
        let answer = client.get("/api/v1/me").header("Origin", origin).await;
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{origin}");
        assert_eq!(answer.header("vary"), Some("Authorization, Origin"), "{origin}");
    }
    let twice = client.get("/api/v1/me").header("Origin", APP).header("Origin", APP).await;
    assert_eq!(cors(&twice), vec![]);
}

async fn a_preflight_is_answered_for_named_origins_only(world: World) {
    let client = client(&world, APP).await;
    let ask = async |origin: &str| {
        let request = client.request("OPTIONS", "/api/v1/spaces").header("Origin", origin);
        request.header("Access-Control-Request-Method", "POST").await
    };
    let answer = ask(APP).await;
    assert_eq!((answer.status, answer.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    let allowed = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, \
                   X-Requested-With, traceparent, tracestate, baggage";
    assert_eq!(
        cors(&answer),
        [
            ("access-control-allow-headers", allowed),
            ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
            ("access-control-allow-origin", APP),
            ("access-control-max-age", "600"),
        ]
    );
    let other = ask("https://evil.example.com").await;
    assert_eq!((other.status, cors(&other)), (204, vec![]));
}

async fn without_origins_nothing_is_told_to_any(world: World) {
    let client = client(&world, "").await;
    let answer = client.get("/api/v1/me").header("Origin", APP).await;
    assert_eq!((cors(&answer), answer.header("vary")), (vec![], Some("Authorization")));
    let preflight = client.request("OPTIONS", "/api/v1/spaces").header("Origin", APP);
    let preflight = preflight.header("Access-Control-Request-Method", "POST").await;
    assert_eq!((preflight.status, cors(&preflight)), (204, vec![]));
}
