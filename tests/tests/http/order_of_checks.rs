//! The order of checks of a request, so that no response reveals more to a stranger than the request itself contains: authentication
//! (401), the request by itself (415, 413, 400), hidden records (404), permissions (403), references in the body (400, 404), preconditions
//! (412). A stored response is replayed as soon as the caller is known and the body was read.

use serde_json::json;

use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    authentication_is_checked_first,
    the_request_itself_is_checked_before_any_record,
    the_media_type_is_checked_before_the_length_and_the_length_before_the_content,
    visibility_is_checked_before_permissions_and_references,
    permissions_are_checked_before_references,
    references_in_the_body_are_checked_after_permissions,
    the_role_is_checked_before_the_ability_of_the_key,
    preconditions_are_checked_after_permissions,
    a_retry_is_recognized_after_its_body_is_read,
);

/// Routes that read a body: the method, and the path with `ID` for an id.
const WRITES: [(&str, &str); 13] = [
    ("PATCH", "/api/v1/organizations/ID"),
    ("POST", "/api/v1/organizations/ID/members"),
    ("PATCH", "/api/v1/organizations/ID/members/ID"),
    ("POST", "/api/v1/organizations/ID/members/ID/api-keys"),
    ("POST", "/api/v1/organizations/ID/invitations"),
    ("POST", "/api/v1/api-keys/ID/rotate"),
    ("POST", "/v2/projects/ID/tasks"),
    ("POST", "/v2/projects/ID/add-member"),
    ("PATCH", "/v2/projects/ID/remove-member"),
    ("PATCH", "/v2/projects/ID"),
    ("PATCH", "/v2/projects/ID/"),
    ("PATCH", "/v2/tasks/ID"),
    ("PATCH", "/api/v1/spaces/ID"),
];

/// Returns requests of one write, each of which is invalid by itself in another way.
fn wrong_by_themselves(client: &Client, method: &str, path: &str) -> [(Request, u16, &'static str); 5] {
    let request = || client.request(method, path);
    let long = format!("{{\"description\":\"{}\"}}", "x".repeat(256 * 1024));
    [
        (request().raw("text/plain", "{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            request().json(json!({"role": "admin"})).header("Content-Encoding", "gzip"),
            415,
            "UNSUPPORTED_CONTENT_ENCODING",
        ),
        (request().raw("application/json", long), 413, "PAYLOAD_TOO_LARGE"),
        (request().raw("application/json", "{"), 400, "INVALID_JSON"),
        (request().json(json!({"surprise": 1})), 400, "VALIDATION_FAILED"),
    ]
}

async fn authentication_is_checked_first(world: World) {
    let nobody = world.as_nobody();
    for (method, path) in WRITES {
        for (request, ..) in wrong_by_themselves(&nobody, method, &path.replace("ID", MADE_UP)) {
            request.await.refuses(401, "UNAUTHENTICATED");
        }
    }
    nobody.get("/api/v1/spaces?limit=0&surprise=1").await.refuses(401, "UNAUTHENTICATED");
    nobody.get("/v2/tasks/abc").await.refuses(401, "UNAUTHENTICATED");
    let wrong = world.with_authorization(&["Bearer lga_wrong"]);
    wrong.get("/v2/projects?page=0").await.refuses(401, "INVALID_KEY");
}

async fn the_request_itself_is_checked_before_any_record(world: World) {
    // Neither the stranger nor the viewer learns whether the record exists, or what they may do.
    for client in [world.as_stranger(), world.as_viewer()] {
        for (method, path) in WRITES {
            let ids = match path {
                path if path.contains("/tasks/ID") => [MADE_UP, &world.harbour.free_task, "1"],
                path if path.contains("/organizations/") => [MADE_UP, &world.meridian, "1"],
                path if path.contains("/api-keys/") => [MADE_UP, &world.spare, "1"],
                path if path.contains("/spaces/") => [MADE_UP, &world.pier, "1"],
                _ => [MADE_UP, &world.harbour.id, "1"],
            };
            for id in ids {
                for (request, status, code) in wrong_by_themselves(&client, method, &path.replace("ID", id)) {
                    let response = request.await;
                    assert_eq!(
                        response.problem(),
                        (status, code.to_owned()),
                        "{method} {path} {id}: {response}"
                    );
                }
            }
        }
        for id in [MADE_UP, &world.harbour.id, "1"] {
            let list = client.get(&format!("/v2/projects/{id}/tasks?page=0&status=Done&surprise=1")).await;
            list.names(&[
                ("?surprise", "UNKNOWN_PARAMETER"),
                ("?status", "NOT_ALLOWED"),
                ("?page", "OUT_OF_RANGE"),
            ]);
            let list = client.get(&format!("/v2/projects/{id}/members?per_page=101")).await;
            list.names(&[("?per_page", "OUT_OF_RANGE")]);
            let deleted = client.delete(&format!("/v2/projects/{id}?force=true")).await;
            deleted.names(&[("?force", "UNKNOWN_PARAMETER")]);
            let one = client.get(&format!("/api/v1/spaces/{id}?include=owner")).await;
            one.names(&[("?include", "NOT_ALLOWED")]);
        }
    }
    let foreign = json!({"organizationId": world.borealis, "status": "draft"});
    let response = world.as_member().post("/api/v1/spaces", foreign).await;
    response.names(&[("/name", "REQUIRED"), ("/status", "NOT_ALLOWED")]);
}

async fn the_media_type_is_checked_before_the_length_and_the_length_before_the_content(world: World) {
    let member = world.as_member();
    let long = "{".repeat(256 * 1024 + 1);
    let request = || member.request("POST", "/api/v1/spaces?surprise=1");
    request().raw("text/plain", long.clone()).await.refuses(415, "UNSUPPORTED_MEDIA_TYPE");
    request().raw("application/json", long).await.refuses(413, "PAYLOAD_TOO_LARGE");
    let response = request().json(json!({"name": ""})).await;
    response.names(&[("?surprise", "UNKNOWN_PARAMETER"), ("/name", "TOO_SHORT")]);
}

async fn visibility_is_checked_before_permissions_and_references(world: World) {
    // The caller may not do it, either, and the body refers to nothing that exists: both would be reported later.
    let reading = world.with_key(Who::Stranger, Key::ReadOnly).await;
    for client in [world.as_stranger(), reading] {
        let nobody = json!({"user_node_id": MADE_UP});
        for id in [MADE_UP, &world.harbour.id, &world.vault.id] {
            let path = |name: &str| format!("/v2/projects/{id}/{name}");
            client.post(&path("add-member"), nobody.clone()).await.refuses(404, "NOT_FOUND");
            client.patch(&path("remove-member"), nobody.clone()).await.refuses(404, "NOT_FOUND");
            let role = client.patch(&path(&format!("members/{MADE_UP}")), json!({"role": "admin"})).await;
            role.refuses(404, "NOT_FOUND");
        }
        let elsewhere = json!({"projectId": MADE_UP});
        client.patch(&format!("/api/v1/spaces/{}", world.pier), elsewhere).await.refuses(404, "NOT_FOUND");
        let assigned = json!({"assignee_node_id": MADE_UP});
        let task = format!("/v2/tasks/{}", world.harbour.free_task);
        client.patch(&task, assigned).await.refuses(404, "NOT_FOUND");
    }
}

async fn permissions_are_checked_before_references(world: World) {
    let viewer = world.as_viewer();
    let path = |name: &str| format!("/v2/projects/{}/{name}", world.harbour.id);
    let nobody = json!({"user_node_id": MADE_UP});
    viewer.post(&path("add-member"), nobody.clone()).await.refuses(403, "FORBIDDEN");
    viewer.patch(&path("remove-member"), nobody).await.refuses(403, "FORBIDDEN");
    let role = viewer.patch(&path(&format!("members/{MADE_UP}")), json!({"role": "admin"})).await;
    role.refuses(403, "FORBIDDEN");
    let elsewhere = json!({"name": "Quay", "projectId": MADE_UP});
    viewer.post("/api/v1/spaces", elsewhere.clone()).await.refuses(403, "FORBIDDEN");
    viewer.patch(&format!("/api/v1/spaces/{}", world.pier), elsewhere).await.refuses(403, "FORBIDDEN");
    let assigned = json!({"task_name": "Paint", "assignee_node_id": MADE_UP, "task_no": "1"});
    viewer.post(&path("tasks"), assigned.clone()).await.refuses(403, "FORBIDDEN");
    let task = format!("/v2/tasks/{}", world.harbour.free_task);
    viewer.patch(&task, assigned).await.refuses(403, "FORBIDDEN");
    let dates = json!({"start_date": "2026-02-02"});
    world.as_founder().patch(&path(""), json!({"end_date": "2026-02-01"})).await;
    viewer.patch(&path(""), dates).await.refuses(403, "FORBIDDEN");
}

async fn references_in_the_body_are_checked_after_permissions(world: World) {
    let admin = world.as_project_admin();
    let path = |name: &str| format!("/v2/projects/{}/{name}", world.harbour.id);
    let nobody = json!({"user_node_id": MADE_UP});
    admin.post(&path("add-member"), nobody.clone()).await.refuses(404, "USER_NOT_FOUND");
    admin.patch(&path("remove-member"), nobody).await.refuses(404, "USER_NOT_FOUND");
    let role = admin.patch(&path(&format!("members/{MADE_UP}")), json!({"role": "admin"})).await;
    role.refuses(404, "USER_NOT_FOUND");
    let elsewhere = json!({"name": "Quay", "projectId": MADE_UP});
    admin.post("/api/v1/spaces", elsewhere).await.names(&[("/projectId", "UNKNOWN_PROJECT")]);
    let taken = admin.post(&path("tasks"), json!({"task_name": "Paint", "task_no": "1"})).await;
    taken.names(&[("/task_no", "TASK_NO_TAKEN")]);
    let invited = json!({"email": "mary@example.com", "projects": [{"node_id": MADE_UP}]});
    let invitations = format!("/api/v1/organizations/{}/invitations", world.meridian);
    admin.post(&invitations, invited.clone()).await.refuses(403, "FORBIDDEN");
    let unknown = world.as_admin().post(&invitations, invited).await;
    unknown.names(&[("/projects/0/node_id", "UNKNOWN_PROJECT")]);
}

async fn the_role_is_checked_before_the_ability_of_the_key(world: World) {
    let member = world.with_key(Who::Member, Key::ReadOnly).await;
    let path = format!("/v2/projects/{}", world.harbour.id);
    member.patch(&path, json!({"project_name": "Quay"})).await.refuses(403, "FORBIDDEN");
    let space = format!("/api/v1/spaces/{}", world.pier);
    member.patch(&space, json!({"name": "Quay"})).await.refuses(403, "INSUFFICIENT_SCOPE");
}

async fn preconditions_are_checked_after_permissions(world: World) {
    let space = format!("/api/v1/spaces/{}", world.pier);
    let change = |client: &Client| client.patch(&space, json!({"name": "Quay"})).header("If-Match", "\"x\"");
    change(&world.as_nobody()).await.refuses(401, "UNAUTHENTICATED");
    change(&world.as_stranger()).await.refuses(404, "NOT_FOUND");
    change(&world.as_viewer()).await.refuses(403, "FORBIDDEN");
    change(&world.as_member()).await.refuses(412, "PRECONDITION_FAILED");
    // A caller who does not see the record gets no tag; a caller who may change it does.
    assert_eq!(change(&world.as_stranger()).await.header("etag"), None);
    assert_eq!(change(&world.as_viewer()).await.header("etag"), None);
    assert!(change(&world.as_member()).await.header("etag").is_some());
}

async fn a_retry_is_recognized_after_its_body_is_read(world: World) {
    let path = "/api/v1/spaces";
    let make = |client: &Client| client.request("POST", path).header("Idempotency-Key", "k");
    let member = world.as_member();
    let made = make(&member).json(json!({"name": "Quay"})).await;
    assert_eq!(made.status, 201, "{made}");
    make(&world.as_nobody()).json(json!({"name": "Quay"})).await.refuses(401, "UNAUTHENTICATED");
    make(&member).raw("text/plain", "{}").await.refuses(415, "UNSUPPORTED_MEDIA_TYPE");
    let long = " ".repeat(256 * 1024 + 1);
    make(&member).raw("application/json", long).await.refuses(413, "PAYLOAD_TOO_LARGE");
    make(&member).raw("application/json", "{").await.refuses(422, "IDEMPOTENCY_KEY_REUSED");
    make(&member).json(json!({"surprise": 1})).await.refuses(422, "IDEMPOTENCY_KEY_REUSED");
}
