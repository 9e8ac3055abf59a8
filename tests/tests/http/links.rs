//! `Link` and `Location`: absolute URLs that a client can use unchanged, even behind proxies (RFC 8288, RFC 9110 §10.2.2).

use std::sync::Arc;

use loggia_http::{HttpApp, Limits, Networks, PublicUrl};
use loggia_testkit::SequentialIds;

use crate::harness::Store;
use crate::wire::{RawResponse, Serving};
use crate::world::{Key, Who, World};

fn app(world: &World, proxies: &str) -> HttpApp {
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    app.behind(Networks::parse(proxies).unwrap())
}

/// Starts a server that trusts these proxies. Tests call it from 127.0.0.1.
async fn serving(proxies: &str) -> (World, Serving, String) {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let serving = Serving::start(app(&world, proxies));
    (world, serving, key)
}

/// Sends a request with a key and these header lines, which may hold any bytes.
async fn sent(serving: &Serving, key: &str, line: &str, headers: &[&str], body: &str) -> RawResponse {
    let headers = headers.join("\r\n");
    let request = format!(
        "{line}\r\n{headers}\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    serving.connect().await.call(&request).await
}

/// Creates a space with these header lines, and returns the response.
async fn made(serving: &Serving, key: &str, headers: &[&str]) -> RawResponse {
    sent(serving, key, "POST /api/v1/spaces HTTP/1.1", headers, "{\"name\": \"Quay\"}").await
}

/// Returns the part of `Location` before the path of the created space.
async fn base(serving: &Serving, key: &str, headers: &[&str]) -> String {
    let response = made(serving, key, headers).await;
    assert_eq!(response.status, 201, "{headers:?}");
    let location = response.header("location").unwrap();
    let path = format!("/api/v1/spaces/{}", response.json()["data"]["_id"].as_str().unwrap());
    location.strip_suffix(&path).unwrap_or_else(|| panic!("{location}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_proxy_links_lead_to_the_host_that_was_called() {
    let (_world, serving, key) = serving("").await;
    for (host, base_url) in [
        ("loggia.example.com", "http://loggia.example.com"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("LOGGIA.example.com:80", "http://LOGGIA.example.com:80"),
        ("loggia.example.com:", "http://loggia.example.com"),
    ] {
        assert_eq!(base(&serving, &key, &[&format!("Host: {host}")]).await, base_url);
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarding_headers_of_an_untrusted_peer_change_no_link() {
    let (_world, serving, key) = serving("192.0.2.1").await;
    for forwarded in [
        "X-Forwarded-Host: evil.example.com",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /evil",
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1;host=evil.example.com;proto=https",
    ] {
        let base = base(&serving, &key, &["Host: loggia.example.com", forwarded]).await;
        assert_eq!(base, "http://loggia.example.com", "{forwarded}");
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_behind_a_trusted_proxy_have_the_address_that_the_client_called() {
    let (_world, serving, key) = serving("127.0.0.1, 10.0.0.0/8").await;
    for (forwarded, base_url) in [
        (&["X-Forwarded-Proto: https"][..], "https://loggia.example.com"),
        (&["X-Forwarded-Host: api.example.com"], "http://api.example.com"),
        (
            &[
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: api.example.com:8443",
                "X-Forwarded-Prefix: /loggia/",
            ],
            "https://api.example.com:8443/loggia",
        ),
        (&["Forwarded: for=192.0.2.9;host=api.example.com;proto=https"], "https://api.example.com"),
        (&["Forwarded: proto=https;host=\"api.example.com:8443\""], "https://api.example.com:8443"),
    ] {
        let headers = [&["Host: loggia.example.com"], forwarded].concat();
        assert_eq!(base(&serving, &key, &headers).await, base_url, "{forwarded:?}");
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_host_makes_no_link() {
    let (_world, serving, key) = serving("127.0.0.1").await;
    // An invalid host is refused if the request itself names it, and ignored if a proxy passed it on.
    let hostile = [
        "evil.example.com/",
        "evil.example.com>; rel=\"next\", <http://evil.example.com",
        "evil.example.com, evil.example.com",
        "ada@evil.example.com",
        "evil.example.com:80:81",
        "evil.example.com:99999",
        "evil.example.com\\@example.com",
        "%65vil.example.com",
        "evil\tname",
        "\u{e9}vil.example.com",
        "[::1",
    ];
    for host in hostile {
        let refused = made(&serving, &key, &[&format!("Host: {host}")]).await;
        assert_eq!(refused.status, 400, "{host:?}");
        let forwarded = [
            format!("X-Forwarded-Host: {host}"),
            format!("Forwarded: for=192.0.2.9;host=\"{host}\""),
            format!("Forwarded: for=192.0.2.9;host={host}"),
        ];
        for forwarded in forwarded {
            let base = base(&serving, &key, &["Host: loggia.example.com", &forwarded]).await;
            let invented = host.starts_with("evil.example.com, ") && !forwarded.contains('"');
            assert!(
                base == "http://loggia.example.com" || invented && base == "http://evil.example.com",
                "{forwarded:?}: {base}"
            );
        }
    }
    for prefix in [
        "/a>",
        "a",
        "/a/../b",
        "//evil.example.com",
        "/a?b",
        "/a#b",
        "/%",
        "/a b",
        "https://evil.example.com",
    ] {
        let forwarded = format!("X-Forwarded-Prefix: {prefix}");
        let base = base(&serving, &key, &["Host: loggia.example.com", &forwarded]).await;
        assert_eq!(base, "http://loggia.example.com", "{prefix}");
    }
    // Two proxies that each remove a prefix: both prefixes together may be no longer than a single one.
    for (length, is_taken) in [(511, true), (512, false)] {
        let prefix = format!("/{}", "a".repeat(length));
        let forwarded = format!("X-Forwarded-Prefix: {prefix}, {prefix}");
        let headers = ["Host: loggia.example.com", "X-Forwarded-For: 192.0.2.1, 127.0.0.1", &forwarded];
        let expected = if is_taken { prefix.repeat(2) } else { String::new() };
        let base = base(&serving, &key, &headers).await;
        assert_eq!(base, format!("http://loggia.example.com{expected}"), "{length}");
    }
    for scheme in ["gopher", "https:", "javascript", "https;x"] {
        let forwarded = format!("X-Forwarded-Proto: {scheme}");
        let base = base(&serving, &key, &["Host: loggia.example.com", &forwarded]).await;
        assert_eq!(base, "http://loggia.example.com", "{scheme}");
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_a_whole_url_replaces_the_host() {
    let (_world, serving, key) = serving("").await;
    let body = "{\"name\": \"Quay\"}";
    let line = "POST http://api.example.com:81/api/v1/spaces HTTP/1.1";
    let response = sent(&serving, &key, line, &["Host: other.example.com"], body).await;
    assert_eq!(response.status, 201);
    assert!(response.header("location").unwrap().starts_with("http://api.example.com:81/api/v1/spaces/"));
    let line = "POST http://ada@api.example.com/api/v1/spaces HTTP/1.1";
    let response = sent(&serving, &key, line, &["Host: other.example.com"], body).await;
    assert_eq!(response.status, 400);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_a_host_gets_a_relative_location() {
    let (_world, serving, key) = serving("").await;
    let body = "{\"name\": \"Quay\"}";
    for headers in [&["Connection: close"][..], &["Host:"]] {
        let response = sent(&serving, &key, "POST /api/v1/spaces HTTP/1.0", headers, body).await;
        assert_eq!(response.status, 201);
        assert!(response.header("location").unwrap().starts_with("/api/v1/spaces/"));
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_url_takes_precedence_over_forwarding_headers() {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let url = PublicUrl::parse("https://example.com/loggia/").unwrap();
    let serving = Serving::start(app(&world, "127.0.0.1").reached_at(url));
    for forwarded in [
        "X-Forwarded-Host: evil.example.com",
        "X-Forwarded-Prefix: /evil",
        "Forwarded: host=evil.example.com",
    ] {
        let base = base(&serving, &key, &["Host: loggia.example.com", forwarded]).await;
        assert_eq!(base, "https://example.com/loggia", "{forwarded}");
    }
    serving.end().await;
}

/// Every list, and every record that is created, for a client that uses the URLs it gets: the proxy in front removes a prefix.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_follows_links_as_they_are_works_behind_a_prefix() {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let public =
        Serving::start(app(&world, "").reached_at(PublicUrl::parse("https://example.com/loggia").unwrap()));
    let forwarded = Serving::start(app(&world, "127.0.0.1"));
    let headers = [
        "Host: 10.0.0.7:8080",
        "X-Forwarded-Host: example.com",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Prefix: /loggia",
    ];
    for serving in [&public, &forwarded] {
        // The proxy is called with a URL, and calls the service with a path.
        let follow = async |method: &str, url: &str, body: &str| {
            let path = url.strip_prefix("https://example.com/loggia").unwrap_or_else(|| panic!("{url}"));
            sent(serving, &key, &format!("{method} {path} HTTP/1.1"), &headers, body).await
        };
        let root = "https://example.com/loggia";
        for (path, body) in [
            ("/api/v1/spaces".to_owned(), r#"{"name": "Quay"}"#),
            ("/v2/projects".to_owned(), r#"{"project_name": "Quay"}"#),
            (format!("/v2/projects/{}/tasks", world.harbour.id), r#"{"task_name": "Rope"}"#),
            ("/api/v1/organizations".to_owned(), r#"{"name": "Quay Works"}"#),
        ] {
            let made = follow("POST", &format!("{root}{path}"), body).await;
            assert_eq!(made.status, 201, "{path}");
            let location = made.header("location").unwrap();
            let found = follow("GET", location, "").await;
            assert_eq!((found.status, found.json()), (200, made.json()), "{location}");
        }
        for path in ["/api/v1/spaces", &format!("/api/v1/organizations/{}/members", world.meridian)] {
            let (mut url, mut pages) = (format!("{root}{path}?limit=1"), 0);
            loop {
                let page = follow("GET", &url, "").await;
                assert_eq!(page.status, 200, "{url}");
                pages += 1;
                let links = page.header("link").unwrap();
                for link in links.split(", ") {
                    assert!(link.starts_with("<https://example.com/loggia/api/v1/"), "{links}");
                }
                let next = links
                    .split(", ")
                    .find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
                let Some(next) = next else { break };
                url = next.to_owned();
            }
            assert!(pages > 3, "{path} has {pages} pages");
        }
    }
    public.end().await;
    forwarded.end().await;
}

/// The stored response is replayed byte for byte, even if the service is reached under another URL by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replayed_response_keeps_its_location() {
    let world = World::on(Store::Memory).await;
    let key = world.new_key(Who::Founder, Key::Full).await;
    let before =
        Serving::start(app(&world, "").reached_at(PublicUrl::parse("https://old.example.com").unwrap()));
    let after =
        Serving::start(app(&world, "").reached_at(PublicUrl::parse("https://new.example.com/v").unwrap()));
    let headers = ["Host: loggia.example.com", "Idempotency-Key: quay"];
    let first = made(&before, &key, &headers).await;
    assert_eq!(first.status, 201);
    for serving in [&before, &after] {
        let again = made(serving, &key, &headers).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")));
        assert_eq!(again.body, first.body);
        for name in ["location", "etag", "content-type"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
    }
    assert!(first.header("location").unwrap().starts_with("https://old.example.com/api/v1/spaces/"));
    before.end().await;
    after.end().await;
}
