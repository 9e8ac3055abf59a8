//! Methods, routes, and the headers of every response (promises B29, B30).

use std::collections::{BTreeMap, BTreeSet};

use loggia_http::ENDPOINTS;
use loggia_http::problem::Code;
use serde_json::json;

use crate::bad_input::filled;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    a_method_that_a_path_lacks_gets_405_and_the_allowed_methods,
    options_lists_the_methods_of_a_path,
    head_has_the_status_and_the_headers_of_get,
    a_path_that_no_endpoint_has_is_404,
    every_response_has_the_common_headers,
    a_valid_request_id_is_kept_and_an_invalid_one_replaced,
);

/// Methods that exist, and some that do not.
const METHODS: [&str; 13] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "PROPFIND", "QUAY", "get",
    "Post",
];

/// Returns each path with its methods, as `Allow` names them.
fn paths() -> BTreeMap<&'static str, String> {
    let paths = ENDPOINTS.iter().map(|endpoint| endpoint.path);
    let allowed = |path| {
        let has = |method: &&str| ENDPOINTS.iter().any(|it| (it.path, it.method) == (path, *method));
        let methods = ["GET", "POST", "PATCH", "DELETE"].into_iter().filter(has);
        // Whatever has GET has HEAD.
        let methods = methods.map(|method| if method == "GET" { "GET, HEAD" } else { method });
        methods.chain(["OPTIONS"]).collect::<Vec<_>>().join(", ")
    };
    paths.map(|path| (path, allowed(path))).collect()
}

#[test]
fn every_error_code_is_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for code in Code::ALL {
        let text = code.as_str();
        assert!(seen.insert(text), "{text} stands once");
        assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{text}");
        assert!(code.status().is_client_error() || code.status().is_server_error(), "{text}");
        assert!(!code.title().is_empty() && !code.title().ends_with('.'), "{text}");
    }
    let titles: BTreeSet<_> = Code::ALL.iter().map(|code| code.title()).collect();
    assert_eq!(titles.len(), Code::ALL.len(), "each has a title of its own");
}

async fn a_method_that_a_path_lacks_gets_405_and_the_allowed_methods(world: World) {
    for (path, allow) in paths() {
        let url = filled(&world, path, path);
        let allowed: Vec<_> = allow.split(", ").collect();
        for method in METHODS.iter().filter(|method| !allowed.contains(*method)) {
            // With a key and without, since the table of routes is no secret.
            for caller in [world.as_founder(), world.as_nobody()] {
                let response = caller.request(method, &url).await;
                response.refuses(405, "METHOD_NOT_ALLOWED");
                assert_eq!(response.header("allow"), Some(allow.as_str()), "{method} {path}");
            }
        }
    }
}

async fn options_lists_the_methods_of_a_path(world: World) {
    for (path, allow) in paths() {
        for caller in [world.as_founder(), world.as_nobody()] {
            let response = caller.request("OPTIONS", &filled(&world, path, path)).await;
            assert_eq!((response.status, response.bytes.len()), (204, 0), "{path}: {response}");
            assert_eq!(response.header("allow"), Some(allow.as_str()), "{path}");
        }
    }
}

/// Returns the headers except the request's id, sorted.
fn headers(response: &Response) -> Vec<(String, String)> {
    let mut headers = response.headers.clone();
    headers.retain(|(name, _)| name != "x-request-id");
    headers.sort();
    headers
}

async fn head_has_the_status_and_the_headers_of_get(world: World) {
    let gets = ENDPOINTS.iter().filter(|endpoint| endpoint.method == "GET");
    for endpoint in gets {
        let url = filled(&world, endpoint.path, endpoint.path);
        let missing = endpoint.path.replace("{id}", MADE_UP).replace("{node_id}", MADE_UP);
        let missing = filled(&world, endpoint.path, &missing);
        for url in [url.clone(), missing, format!("{url}?colour=red")] {
            for caller in [world.as_founder(), world.as_stranger(), world.as_nobody()] {
                let get = caller.get(&url).await;
                let head = caller.request("HEAD", &url).await;
                assert_eq!((head.status, headers(&head)), (get.status, headers(&get)), "{url}");
            }
        }
    }
    let counted = world.as_founder().request("HEAD", "/api/v1/spaces?limit=1&count=true").await;
    assert!(counted.header("x-total-count").is_some() && counted.header("link").is_some(), "{counted}");
}

async fn a_path_that_no_endpoint_has_is_404(world: World) {
    let node = &world.harbour.id;
    let mut paths: Vec<String> = [
        "/",
        "//",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/spaces",
        "/API/v1/spaces",
        "/api/v1/spaces/",
        "/api/v1/me/",
        "/livez/",
        "//livez",
        "/v2",
        "/v2/",
        "/v2/projects/",
        "/V2/projects",
        "/v2//projects",
        "/v2/tasks",
        "/v2/tasks/",
        "/v1/projects",
        "/projects",
        "/projects/",
        "/api/v1/spaces/a/b",
        "/quay",
        "/%00",
        "/%ff",
        "/..%2f..%2fetc%2fpasswd",
        "/v2/./projects",
        "/v2/quay/../projects",
    ]
    .map(str::to_owned)
    .to_vec();
    for end in ["//", "/members/", "/tasks/", "/add-member/", "/remove-member/", "/quay"] {
        paths.push(format!("/v2/projects/{node}{end}"));
    }
    paths.push(format!("/projects/{node}/"));
    paths.push(format!("/v2/tasks/{}/", world.harbour.free_task));
    paths.push(format!("/api/v1/spaces/{}/", world.pier));
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "QUAY"] {
            for caller in [world.as_founder(), world.as_nobody()] {
                let response = caller.request(method, &path).await;
                assert_eq!(
                    response.problem(),
                    (404, "ROUTE_NOT_FOUND".to_owned()),
                    "{method} {path}: {response}"
                );
                assert_eq!(response.header("allow"), None, "{method} {path}");
            }
        }
    }
}

#[track_caller]
fn has_the_common_headers(response: &Response) {
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{response}");
    // A response with an entity tag may be stored and revalidated.
    let caching = if response.header("etag").is_some() { "private, no-cache" } else { "no-store" };
    assert_eq!(response.header("cache-control"), Some(caching), "{response}");
    let id = response.header("x-request-id").unwrap();
    assert!((1..=64).contains(&id.len()), "{response}");
    if response.status >= 400 {
        response.problem();
    } else if !response.bytes.is_empty() {
        assert_eq!(response.header("content-type"), Some("application/json"), "{response}");
    }
    assert_eq!(response.header("server"), None, "{response}");
}

async fn every_response_has_the_common_headers(world: World) {
    let founder = world.as_founder();
    let reader = world.with_key(Who::Founder, Key::ReadOnly).await;
    let quay = || json!({"name": "Quay"});
    let project = format!("/v2/projects/{}", world.harbour.id);
    let demoted = format!("{project}/members/{}", world.id(Who::ProjectMember));
    let large = " ".repeat(300 * 1024);
    let responses = [
        (200, founder.get("/api/v1/spaces").await),
        (200, founder.get("/livez").await),
        (201, founder.post("/api/v1/spaces", quay()).await),
        (204, founder.patch(&project, json!({})).await),
        (204, founder.request("OPTIONS", "/api/v1/spaces").await),
        (400, founder.get("/livez?quay=1").await),
        (400, founder.get("/api/v1/spaces?limit=0").await),
        (400, founder.post("/api/v1/spaces", json!({})).await),
        (401, world.as_nobody().get("/api/v1/me").await),
        (401, world.with_authorization(&["Bearer quay"]).get("/api/v1/me").await),
        (403, reader.post("/api/v1/spaces", quay()).await),
        (403, world.as_viewer().post("/api/v1/spaces", quay()).await),
        (404, founder.get(&format!("/api/v1/spaces/{MADE_UP}")).await),
        (404, founder.get("/quay").await),
        (405, founder.request("PUT", "/livez").await),
        (400, founder.patch(&demoted, json!({"role": "owner"})).await),
        (413, founder.request("POST", "/api/v1/spaces").raw("application/json", large).await),
        (415, founder.request("POST", "/api/v1/spaces").raw("text/plain", "{}").await),
    ];
    for (status, response) in responses {
        assert_eq!(response.status, status, "{response}");
        has_the_common_headers(&response);
    }
}

async fn a_valid_request_id_is_kept_and_an_invalid_one_replaced(world: World) {
    let long = "x".repeat(64);
    for id in ["a", "0", "a.b_c-D9", "---", long.as_str()] {
        for path in ["/api/v1/me", "/livez", "/quay", "/api/v1/spaces?limit=0"] {
            let response = world.as_founder().get(path).header("X-Request-Id", id).await;
            assert_eq!(response.header("x-request-id"), Some(id), "{path}");
            has_the_common_headers(&response);
        }
    }
    let longer = "x".repeat(65);
    for id in ["", "a b", " ", "a/b", "a,b", "a;b", "a\"b", "<b>", "a\tb", "é", "a:b", "{}", longer.as_str()]
    {
        let response = world.as_founder().get("/quay").header("X-Request-Id", id).await;
        let made = response.header("x-request-id").unwrap().to_owned();
        assert!(made != id && made.starts_with("01930000-"), "{id:?} became {made:?}");
        has_the_common_headers(&response);
    }
    let twice = world.as_founder().get("/quay").header("X-Request-Id", "a").header("X-Request-Id", "a").await;
    assert_ne!(twice.header("x-request-id"), Some("a"), "a repeated id is replaced");
}
