//! The headers of every response, and cross-origin requests (rule C38).

use std::sync::Arc;

use loggia_http::{HttpApp, Limits, Origins};
use loggia_testkit::SequentialIds;

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    responses_have_security_headers_and_no_shared_cache_may_store_them,
    pages_of_named_origins_may_call_and_no_others,
    a_preflight_is_answered_for_named_origins_only,
    without_allowed_origins_no_cors_header_is_sent,
);

const APP: &str = "https://app.example.com";

async fn client(world: &World, origins: &str) -> Client {
    let key = world.new_key(Who::Founder, Key::Full).await;
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let app = app.for_pages_of(Origins::parse(origins).unwrap());
    Client::new(world.serve(app).await, vec![format!("Bearer {key}")])
}

async fn responses_have_security_headers_and_no_shared_cache_may_store_them(world: World) {
    let (founder, nobody) = (world.as_founder(), world.as_nobody());
    for response in [
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
            assert_eq!(response.header(name), Some(value), "{response}");
        }
        assert_eq!(response.header("content-encoding"), None, "{response}");
    }
    let space = founder.get(&format!("/api/v1/spaces/{}", world.harbour.space)).await;
    assert_eq!(
        space.header("cache-control"),
        Some("private, no-cache"),
        "a response with a tag may be cached privately: {space}"
    );
}

/// Returns the CORS headers of a response.
fn cors(response: &Response) -> Vec<(&str, &str)> {
    let headers = response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut sent: Vec<_> = headers.filter(|(name, _)| name.starts_with("access-control-")).collect();
    sent.sort_unstable();
    sent
}

async fn pages_of_named_origins_may_call_and_no_others(world: World) {
    let client = client(&world, "https://app.example.com,http://localhost:3000").await;
    for path in ["/api/v1/me", "/quay", "/livez", "/api/v1/spaces?limit=0"] {
        let response = client.get(path).header("Origin", APP).await;
        let sent = cors(&response);
        assert_eq!(sent[0], ("access-control-allow-origin", APP), "{path}");
        assert_eq!((sent[1].0, sent.len()), ("access-control-expose-headers", 2), "{path}: no credentials");
        for name in ["ETag", "Link", "Location", "Retry-After", "X-Request-Id", "X-Total-Count"] {
            assert!(sent[1].1.split(", ").any(|exposed| exposed == name), "{name}");
        }
        assert_eq!(response.header("vary"), Some("Authorization, Origin"), "{path}");
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
        let response = client.get("/api/v1/me").header("Origin", origin).await;
        assert_eq!((response.status, cors(&response)), (200, vec![]), "{origin}");
        assert_eq!(response.header("vary"), Some("Authorization, Origin"), "{origin}");
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
    let response = ask(APP).await;
    assert_eq!((response.status, response.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
    let allowed = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, \
                   X-Requested-With, traceparent, tracestate, baggage";
    assert_eq!(
        cors(&response),
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

async fn without_allowed_origins_no_cors_header_is_sent(world: World) {
    let client = client(&world, "").await;
    let response = client.get("/api/v1/me").header("Origin", APP).await;
    assert_eq!((cors(&response), response.header("vary")), (vec![], Some("Authorization")));
    let preflight = client.request("OPTIONS", "/api/v1/spaces").header("Origin", APP);
    let preflight = preflight.header("Access-Control-Request-Method", "POST").await;
    assert_eq!((preflight.status, cors(&preflight)), (204, vec![]));
}
