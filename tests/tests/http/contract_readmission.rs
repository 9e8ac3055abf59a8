//! Readmission of a member over HTTP: the API keys from before do not open that organization.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Who, World};

on_every_store!(
    a_key_from_before_a_readmission_gets_the_responses_of_a_former_member,
    a_key_from_before_a_readmission_creates_none_for_the_organization,
    an_admin_issues_a_key_after_a_readmission,
);

const KEYS: &str = "/api/v1/api-keys";

fn member(world: &World, who: Who) -> String {
    format!("/api/v1/organizations/{}/members/{}", world.meridian, world.id(who))
}

fn with(world: &World, key: &Value) -> Client {
    world.with_authorization(&[&format!("Bearer {}", key["key"].as_str().expect("a secret"))])
}

async fn readmit(world: &World, who: Who) {
    assert_eq!(world.as_founder().delete(&member(world, who)).await.status, 200);
    world.bring_back(who).await;
}

/// Returns every kind of request for Meridian's records, with a body for those that take one.
fn asked(world: &World) -> Vec<(&'static str, String, Value)> {
    let (organization, harbour) = (&world.meridian, &world.harbour);
    let get = |path: String| ("GET", path, Value::Null);
    vec![
        get(format!("/api/v1/organizations/{organization}/members")),
        get(format!("/api/v1/organizations/{organization}/members/{}", world.id(Who::Founder))),
        ("PATCH", format!("/api/v1/organizations/{organization}"), json!({"name": "Quay"})),
        get(format!("/api/v1/spaces/{}", world.pier)),
        get(format!("/api/v1/spaces?organizationId={organization}")),
        get("/api/v1/spaces".to_owned()),
        ("POST", "/api/v1/spaces".to_owned(), json!({"name": "Quay"})),
        ("PATCH", format!("/api/v1/spaces/{}", world.pier), json!({"name": "Quay"})),
        get(format!("/v2/projects/{}", harbour.id)),
        get(format!("/v2/projects/{}/members", harbour.id)),
        get(format!("/v2/projects/{}/tasks", harbour.id)),
        get(format!("/v2/tasks/{}", harbour.free_task)),
        get("/v2/projects".to_owned()),
        get("/v2/tasks/my-tasks-by-project".to_owned()),
        ("POST", "/v2/projects".to_owned(), json!({"project_name": "Quay"})),
    ]
}

async fn responses(world: &World, client: &Client) -> Vec<(u16, Value)> {
    let mut responses = Vec::new();
    for (method, path, body) in asked(world) {
        let request = client.request(method, &path).header("X-Request-Id", "the-same");
        let response = if body.is_null() { request.await } else { request.json(body).await };
        responses.push((response.status, response.json()));
    }
    responses
}

async fn a_key_from_before_a_readmission_gets_the_responses_of_a_former_member(world: World) {
    let grace = world.as_member();
    for (status, response) in responses(&world, &grace).await {
        assert!(status < 300 || status == 403, "{response}");
    }
    let path = member(&world, Who::Member);
    assert_eq!(world.as_founder().patch(&path, json!({"active": false})).await.status, 200);
    let as_one_who_left = responses(&world, &grace).await;
    assert!(as_one_who_left.iter().all(|(status, _)| matches!(status, 403 | 404)), "{as_one_who_left:?}");
    world.bring_back(Who::Member).await;
    assert_eq!(responses(&world, &grace).await, as_one_who_left, "to the byte");

    assert_eq!(grace.get("/api/v1/organizations").await.json(), json!({"data": []}));
    let me = grace.get("/api/v1/me").await.json()["data"].take();
    assert_eq!(me["scopes"], json!([{"kind": "personal", "organizationId": null}]), "{me}");
    let own = grace.post("/api/v1/spaces", json!({"name": "Note", "organizationId": null})).await;
    assert_eq!(own.status, 201, "her personal scope is open: {own}");
    // Others see her as the active member that she is.
    let seen = world.as_viewer().get(&path).await.json();
    assert_eq!(seen["data"]["active"], true);
}

async fn a_key_from_before_a_readmission_creates_none_for_the_organization(world: World) {
    let grace = world.as_member();
    readmit(&world, Who::Member).await;
    let there = json!({"name": "a", "defaultOrganizationId": world.meridian});
    let refused = grace.post(KEYS, there.clone()).await;
    let stranger = world.as_stranger().post(KEYS, there).await;
    assert_eq!(refused.problem(), stranger.problem(), "{refused}");
    let child = grace.post(KEYS, json!({"name": "a", "defaultOrganizationId": null})).await;
    assert_eq!(child.status, 201, "{child}");
    let child = child.json()["data"].take();
    let at = format!("/api/v1/spaces?organizationId={}", world.meridian);
    with(&world, &child).get(&at).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let path = format!("{KEYS}/{}/rotate", child["id"].as_str().expect("an id"));
    let rotated = with(&world, &child).post(&path, json!({})).await;
    assert_eq!(rotated.status, 201, "{rotated}");
    with(&world, &rotated.json()["data"]).get(&at).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
}

async fn an_admin_issues_a_key_after_a_readmission(world: World) {
    readmit(&world, Who::Own).await;
    let path = format!("{}/api-keys", member(&world, Who::Own));
    let issued = world.as_founder().post(&path, json!({"name": "pipeline"})).await;
    assert_eq!(issued.status, 201, "{issued}");
    let holder = with(&world, &issued.json()["data"]);
    assert_eq!(holder.get("/api/v1/spaces").await.status, 200);
    let child = holder.post(KEYS, json!({"name": "child"})).await;
    assert_eq!(child.status, 201, "{child}");
    assert_eq!(with(&world, &child.json()["data"]).get("/v2/projects").await.status, 200);
    assert_eq!(holder.post("/api/v1/spaces", json!({"name": "Quay"})).await.status, 201);
}
