//! The request log: one line for each request, which never contains a secret, a body, a query or an address (promise B34, rule C37).

use std::sync::Arc;

use loggia_domain::page::PageRequest;
use serde_json::json;

use crate::capture::{self, LogEvent};
use crate::harness::client::Request;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    a_request_has_one_line_with_its_route_and_its_outcome,
    nothing_that_a_client_sends_is_logged_but_a_known_method_and_a_valid_id,
);

/// Sends a request with a new id. Returns the response and the log line.
async fn logged(request: Request) -> (Response, Arc<LogEvent>) {
    let id = capture::new_id();
    let response = request.header("X-Request-Id", &id).await;
    let lines = capture::lines(&id);
    assert_eq!(lines.len(), 1, "{lines:?}");
    (response, lines.into_iter().next().unwrap())
}

async fn a_request_has_one_line_with_its_route_and_its_outcome(world: World) {
    capture::listen();
    let founder = world.person(Who::Founder);
    let keys = world
        .ports()
        .views
        .keys(&loggia_testkit::builders::viewer(founder.user), &PageRequest::FIRST.window())
        .await
        .unwrap();
    let key = keys[0].id.to_string();
    let (meridian, key) = (Some(world.meridian.as_str()), Some(key.as_str()));
    let (caller, nobody) = (world.as_founder(), world.as_nobody());
    let project = format!("/v2/projects/{}", world.harbour.id);
    let confined = world.with_key(Who::ProjectMember, Key::Full).await;
    for (request, method, route, status, organization, key) in [
        (caller.get("/api/v1/spaces?limit=1"), "GET", "/api/v1/spaces", "200", meridian, key),
        (caller.get("/api/v1/spaces?organizationId="), "GET", "/api/v1/spaces", "200", None, key),
        (caller.get("/api/v1/spaces?limit=0"), "GET", "/api/v1/spaces", "400", None, key),
        (caller.get(&project), "GET", "/v2/projects/{node_id}", "200", meridian, key),
        (caller.get(&format!("/projects/{MADE_UP}")), "GET", "/projects/{node_id}", "404", None, key),
        (caller.patch(&project, json!({})), "PATCH", "/v2/projects/{node_id}", "204", meridian, key),
        (caller.request("HEAD", "/api/v1/me"), "HEAD", "/api/v1/me", "200", None, key),
        (
            caller.post("/api/v1/spaces", json!({"name": "Quay"})),
            "POST",
            "/api/v1/spaces",
            "201",
            meridian,
            key,
        ),
        (caller.request("QUAY", &project), "_OTHER", "/v2/projects/{node_id}", "405", None, None),
        (caller.get("/quay/side"), "GET", "-", "404", None, None),
        (nobody.get("/api/v1/me"), "GET", "/api/v1/me", "401", None, None),
        (nobody.get("/livez"), "GET", "/livez", "200", None, None),
        (nobody.request("get", "/livez"), "_OTHER", "/livez", "405", None, None),
        (nobody.request("TRACE", "/livez"), "TRACE", "/livez", "405", None, None),
    ] {
        let (response, line) = logged(request).await;
        assert_eq!(line.get("method"), Some(method), "{line:?}");
        assert_eq!(line.get("route"), Some(route), "{line:?}");
        assert_eq!(line.get("status"), Some(status), "{line:?} {response}");
        assert_eq!(response.status.to_string(), status, "{line:?}");
        assert_eq!(line.get("request_id"), response.header("x-request-id"), "{line:?}");
        assert_eq!(line.get("organization"), organization, "{line:?}");
        assert_eq!(line.get("key_id"), key, "{line:?}");
        let duration: f64 = line.get("duration_ms").unwrap().parse().unwrap();
        assert!(duration > 0.0, "{line:?}");
    }
    // The organization is that of the record, not that of the key's default scope: Margaret's garden belongs to none.
    let garden = format!("/v2/projects/{}", world.garden.id);
    for path in [garden.clone(), format!("{garden}/members"), format!("{garden}/tasks")] {
        let (response, line) = logged(confined.get(&path)).await;
        assert_eq!((response.status, line.get("organization")), (200, None), "{line:?}");
    }
    let harbour = format!("/v2/projects/{}", world.harbour.id);
    for path in [format!("{harbour}/members"), format!("{harbour}/tasks")] {
        let (response, line) = logged(confined.get(&path)).await;
        assert_eq!((response.status, line.get("organization")), (200, meridian), "{line:?}");
    }
    let made = caller.post(&format!("{harbour}/tasks"), json!({"task_name": "Rope"})).await.json();
    let task = format!("/v2/tasks/{}", made["node_id"].as_str().unwrap());
    for request in [caller.get(&task), caller.patch(&task, json!({})), caller.delete(&task)] {
        let (response, line) = logged(request).await;
        assert_eq!((response.status, line.get("organization")), (200, meridian), "{line:?}");
    }
}

async fn nothing_that_a_client_sends_is_logged_but_a_known_method_and_a_valid_id(world: World) {
    capture::listen();
    let secret = world.new_key(Who::Founder, Key::Full).await;
    let founder = world.with_authorization(&[&format!("Bearer {secret}")]);
    let marked = "zzlogmarkerzz";
    let misspelt = format!("Bearer {}{marked}", &secret[..20]);
    let two = world.with_authorization(&[&format!("Bearer {secret}"), &misspelt]);
    let body = json!({"name": marked, "description": "{\"level\":\"error\"}\n\u{9}barbara@example.com"});
    for request in [
        founder.post("/api/v1/spaces", body.clone()),
        founder.post("/api/v1/spaces", json!({"name": marked, (marked): marked})),
        founder.get(&format!("/api/v1/spaces?search={marked}%0A%1B[31m")),
        founder.get(&format!("/api/v1/spaces?{marked}={marked}")),
        founder.get(&format!("/{marked}/%0a/{marked}")),
        founder.get(&format!("/api/v1/spaces/{marked}%0d%0a")),
        founder.get("/api/v1/me").header("User-Agent", marked).header("Referer", marked),
        founder.get("/api/v1/me").header("X-Forwarded-For", marked).header("Cookie", marked),
        founder.request("POST", "/api/v1/spaces").raw(marked, "{}"),
        founder.request("POST", "/api/v1/spaces").raw("application/json", format!("{{{marked}")),
        world.with_authorization(&[&misspelt]).get("/api/v1/me"),
        world.with_authorization(&[marked]).get("/api/v1/me"),
        two.get("/api/v1/me"),
        founder.request(marked, "/api/v1/me"),
        founder.request(&marked.to_uppercase(), "/api/v1/me"),
    ] {
        logged(request).await;
    }
    // An invalid id is not logged, either.
    founder.get("/api/v1/me").header("X-Request-Id", &format!("{marked} level=error")).await;
    let log = format!("{:?}", capture::all());
    assert!(log.contains("loggia::request"), "it did listen");
    for unspoken in
        [marked, "ZZLOGMARKERZZ", secret.as_str(), &secret[4..24], "lga_", "example.com", "Bearer"]
    {
        assert!(!log.contains(unspoken), "{unspoken} was logged");
    }
    // The log belongs to the whole program: other tests replay responses.
    let fields = [
        "duration_ms",
        "key_id",
        "message",
        "method",
        "organization",
        "replayed",
        "request_id",
        "route",
        "status",
    ];
    for line in capture::all().iter().filter(|event| event.target == "loggia::request") {
        assert!(line.fields.keys().all(|field| fields.contains(&field.as_str())), "{line:?}");
        assert!(line.fields.values().all(|value| !value.contains(['\n', '\r', '\u{1b}'])), "{line:?}");
    }
}
