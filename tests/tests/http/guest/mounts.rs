//! Mounts among the host's routes.

use std::net::SocketAddr;

use actix_service::{IntoServiceFactory as _, map_config};
use actix_web::dev::{AppConfig, ServiceFactory as _};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use loggia_http::{InvalidMountPath, Limits, Networks, mount};
use serde_json::json;

use super::{app, client, get, host, mounted};
use crate::harness::client::{Client, Service};
use crate::harness::response::Response;
use crate::harness::{Store, run};
use crate::world::{Key, Who, World};

#[test]
fn the_routes_of_the_host_and_its_404_are_its_own() {
    run(Store::Memory, async |world| {
        let host = host(vec![mounted(&world, "/loggia")]).await;
        for path in ["/", "/other"] {
            let page = get(&host, path).await;
            assert_eq!((page.status, page.bytes.as_slice()), (200, &b"the host's page"[..]), "{path}");
            assert_eq!((page.header("x-request-id"), page.header("vary")), (None, None), "{page}");
        }
        for path in [
            "/quay",
            "/loggiaquay",
            "/Loggia/livez",
            "/livez",
            "/api/v1/me",
            "/other/loggia/livez",
            "//loggia/livez",
        ] {
            let missing = get(&host, path).await;
            assert_eq!((missing.status, missing.bytes.len()), (404, 0), "{path}: {missing}");
            assert_eq!(missing.header("x-request-id"), None, "{missing}");
        }
        for path in [
            "/loggia",
            "/loggia/",
            "/loggia/quay",
            "/loggia//livez",
            "/loggia/loggia/livez",
            "/loggia/livez/",
        ] {
            let missing = get(&host, path).await;
            let body = missing.json();
            assert_eq!(
                (missing.status, &body["code"]),
                (404, &json!("ROUTE_NOT_FOUND")),
                "{path}: {missing}"
            );
            assert_eq!(body["type"], json!("/loggia/docs/errors/ROUTE_NOT_FOUND"));
        }
        // An escaped letter is the letter, and an escaped slash is no slash.
        assert_eq!(get(&host, "/log%67ia/live%7A").await.status, 200);
        assert_eq!(get(&host, "/loggia%2Flivez").await.bytes, b"");
    });
}

#[test]
fn an_invalid_mount_path_is_refused() {
    run(Store::Memory, async |world| {
        for path in [
            "",
            "/",
            "loggia",
            "/loggia/",
            "/log%67ia",
            "/{tenant}",
            "/a//b",
            "/..",
            "https://example.com/loggia",
        ] {
            let refused = mount(path, app(&world.loggia, Limits::default()));
            let error = refused.err().unwrap_or_else(|| panic!("{path} was mounted"));
            assert_eq!(error, InvalidMountPath);
            assert!(error.to_string().contains("/apps/loggia"), "the error shows how: {error}");
        }
    });
}

#[test]
fn two_mounts_are_two_apis() {
    run(Store::Memory, async |north| {
        let south = north.again().await;
        let host = host(vec![mounted(&north, "/north"), mounted(&south, "/south")]).await;
        // Both worlds make the same secrets in the same order.
        let northern = north.new_key(Who::Founder, Key::Full).await;
        assert_eq!(south.new_key(Who::Founder, Key::Revoked).await, northern);
        let keys = [northern, south.new_key(Who::Stranger, Key::Full).await];
        for (path, own, other) in [("/north", &keys[0], &keys[1]), ("/south", &keys[1], &keys[0])] {
            let service = host.below(path);
            let with = |key: &str| Client::new(service.clone(), vec![format!("Bearer {key}")]);
            let made = with(own).post("/api/v1/spaces", json!({"name": "Quay"})).await;
            assert_eq!(made.status, 201, "{path}: {made}");
            // Panics if the location is not below this mount.
            let location = made.location().expect("a location").to_owned();
            assert_eq!(with(own).get(&location).await.status, 200);
            with(other).get(&location).await.refuses(401, "INVALID_KEY");
        }
    });
}

#[test]
fn two_mounts_of_one_application_share_its_limits_and_its_records() {
    run(Store::Memory, async |world| {
        let limits = Limits { requests_per_minute: Some(2), ..Limits::default() };
        let shared = app(&world.loggia, limits);
        let host = host(["/a", "/b"].map(|path| mount(path, shared.clone()).expect("a path")).into()).await;
        let [a, b] = ["/a", "/b"].map(|path| client(&world, &host.below(path), Who::Founder));
        let made = a.post("/api/v1/spaces", json!({"name": "Quay"})).await;
        let path = made.location().expect("a location");
        assert_eq!(b.get(path).await.json(), made.json());
        for client in [a, b] {
            client.get(path).await.refuses(429, "RATE_LIMITED");
        }
    });
}

/// An `Idempotency-Key` belongs to the operation, wherever the API is reached.
#[test]
fn a_retry_below_another_path_is_replayed() {
    run(Store::Memory, async |world| {
        let alone = world.as_founder();
        let host = host(vec![mounted(&world, "/a"), mounted(&world, "/b")]).await;
        let [a, b] = ["/a", "/b"].map(|path| client(&world, &host.below(path), Who::Founder));
        let first =
            alone.post("/api/v1/spaces", json!({"name": "Quay"})).header("Idempotency-Key", "quay").await;
        assert_eq!(first.status, 201, "{first}");
        for client in [alone, a, b] {
            let again = client
                .post("/api/v1/spaces", json!({"name": "Quay"}))
                .header("Idempotency-Key", "quay")
                .await;
            assert_eq!(
                (again.header("idempotent-replayed"), &again.bytes),
                (Some("true"), &first.bytes),
                "{again}"
            );
        }
    });
}

/// Sends a request for the first page of spaces, with an API key.
async fn list(
    world: &World,
    host: &Service,
    path: &str,
    headers: &[(&'static str, &'static str)],
) -> Response {
    let mut request = TestRequest::with_uri(&format!("{path}/api/v1/spaces?limit=1"))
        .peer_addr("127.0.0.1:4711".parse().expect("an address"))
        .insert_header(("Host", "loggia.example.com"))
        .insert_header(("Authorization", world.authorization(Who::Founder)));
    for header in headers {
        request = request.insert_header(*header);
    }
    host.outside(request).await
}

/// Returns the URL that the first link of a response leads to, up to the path of the API.
fn root(response: &Response) -> &str {
    let links = response.header("link").unwrap_or_else(|| panic!("no links: {response}"));
    links[1..].split_once("/api/v1/spaces?").expect("a link to the list").0
}

#[test]
fn a_mount_in_a_scope_is_below_that_scope() {
    run(Store::Memory, async |world| {
        let inner = web::scope("/{tenant}").service(mounted(&world, "/loggia"));
        let page = web::get().to(HttpResponse::NoContent);
        let scope = web::scope("/apps").route("/page", page).service(inner);
        let host = Service::from_actix(init_service(App::new().service(scope)).await, "");
        assert_eq!(get(&host, "/apps/page").await.status, 204);
        for (called, path) in [
            ("/apps/harbour/loggia", "/apps/harbour/loggia"),
            ("/apps/harbour%20works/loggia", "/apps/harbour%20works/loggia"),
            ("/apps/%C3%A9/loggia", "/apps/%C3%A9/loggia"),
            ("/apps/a%2Fb%25%3E/loggia", "/apps/a%2Fb%25%3E/loggia"),
            ("/apps/%68arbour/loggi%61", "/apps/harbour/loggia"),
        ] {
            let response = list(&world, &host, called, &[]).await;
            assert_eq!(
                (response.status, root(&response)),
                (200, format!("http://loggia.example.com{path}").as_str())
            );
            let again = list(&world, &host, path, &[]).await;
            assert_eq!(again.bytes, response.bytes, "the link leads back");
            let unknown = get(&host, &format!("{called}/quay")).await.json();
            assert_eq!(unknown["type"], json!(format!("{path}/docs/errors/ROUTE_NOT_FOUND")));
        }
    });
}

#[test]
fn the_prefixes_of_trusted_proxies_stand_before_the_mount() {
    run(Store::Memory, async |world| {
        let app =
            app(&world.loggia, Limits::default()).behind(Networks::parse("127.0.0.1").expect("networks"));
        let host = host(vec![mount("/loggia", app).expect("a path")]).await;
        for (headers, url) in [
            (&[][..], "http://loggia.example.com/loggia"),
            (
                &[("x-forwarded-prefix", "/outer"), ("x-forwarded-proto", "https")],
                "https://loggia.example.com/outer/loggia",
            ),
            (&[("x-forwarded-host", "api.example.com")], "http://api.example.com/loggia"),
            (&[("forwarded", "host=api.example.com;proto=https")], "https://api.example.com/loggia"),
            (&[("x-forwarded-prefix", "/a>, <b")], "http://loggia.example.com/loggia"),
        ] {
            let response = list(&world, &host, "/loggia", headers).await;
            assert_eq!((response.status, root(&response)), (200, url), "{headers:?}");
        }
        let unknown = TestRequest::with_uri("/loggia/quay").insert_header(("x-forwarded-prefix", "/outer"));
        let unknown = host.outside(unknown.peer_addr("127.0.0.1:4711".parse().expect("an address"))).await;
        assert_eq!(unknown.json()["type"], json!("/outer/loggia/docs/errors/ROUTE_NOT_FOUND"));
    });
}

#[test]
fn links_have_the_scheme_of_a_host_that_ends_tls_itself() {
    run(Store::Memory, async |world| {
        let address: SocketAddr = "127.0.0.1:443".parse().expect("an address");
        let secure = AppConfig::__priv_test_new(true, "loggia.example.com".to_owned(), address);
        let app = App::new().service(mounted(&world, "/loggia")).into_factory();
        let service = map_config(app, move |()| secure.clone()).new_service(()).await.expect("a service");
        let response = list(&world, &Service::from_actix(service, ""), "/loggia", &[]).await;
        assert_eq!(root(&response), "https://loggia.example.com/loggia");
    });
}
