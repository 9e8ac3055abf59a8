//! Keys that were created with other keys, over HTTP: no later expiry, no further reach, revoked together; and the limit of their number.

use loggia_domain::service::UserLimits;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Who, World};

on_every_store!(
    a_key_creates_no_key_that_outlives_it,
    a_confined_key_creates_no_unconfined_key_and_the_field_is_reported,
    revoking_a_key_revokes_its_descendants,
    descendants_of_a_revoked_key_are_kept_on_request,
    a_rotated_key_passes_its_descendants_to_the_new_key,
    a_key_is_not_rotated_with_one_that_expires_earlier_or_descends_from_it,
    revoking_an_admins_key_revokes_the_keys_it_issued,
    one_key_too_many_is_refused,
    one_organization_too_many_is_refused,
);

const KEYS: &str = "/api/v1/api-keys";

#[track_caller]
fn made(response: &Response) -> Value {
    assert_eq!(response.status, 201, "{response}");
    response.json()["data"].take()
}

fn id(key: &Value) -> &str {
    key["id"].as_str().expect("an id")
}

fn with(world: &World, key: &Value) -> Client {
    world.with_authorization(&[&format!("Bearer {}", key["key"].as_str().expect("a secret"))])
}

async fn child(client: &Client) -> Value {
    made(&client.post(KEYS, json!({"name": "child"})).await)
}

async fn opens(world: &World, key: &Value) -> bool {
    with(world, key).get("/api/v1/me").await.status == 200
}

async fn revoked(client: &Client, key: &Value, query: &str) -> Value {
    let response = client.delete(&format!("{KEYS}/{}{query}", id(key))).await;
    assert_eq!(response.status, 200, "{response}");
    response.json()["data"]["revokedDescendants"].take()
}

async fn a_key_creates_no_key_that_outlives_it(world: World) {
    let (grace, end) = (world.as_member(), "2026-02-01T08:00:03.000Z");
    let soon = made(&grace.post(KEYS, json!({"name": "soon", "expiresAt": end})).await);
    let holder = with(&world, &soon);
    assert_eq!(child(&holder).await["expiresAt"], end);
    for none in [json!({"name": "a", "expiresAt": null}), json!({"name": "a", "expiresAt": end})] {
        assert_eq!(made(&holder.post(KEYS, none).await)["expiresAt"], end);
    }
    for later in ["2026-02-01T08:00:03.000001Z", "2099-01-01"] {
        let response = holder.post(KEYS, json!({"name": "a", "expiresAt": later})).await;
        response.names(&[("/expiresAt", "BEYOND_YOUR_KEY")]);
        assert!(response.to_string().contains(end), "{response}");
    }
    world.clock.advance_seconds(3);
    holder.get("/api/v1/me").await.refuses(401, "INVALID_KEY");
}

async fn a_confined_key_creates_no_unconfined_key_and_the_field_is_reported(world: World) {
    let grace = world.as_member();
    let body = json!({"name": "narrow", "confinedToOrganization": true});
    let narrow = with(&world, &made(&grace.post(KEYS, body).await));
    let response = narrow.post(KEYS, json!({"name": "a", "confinedToOrganization": false})).await;
    response.refuses(403, "KEY_IS_CONFINED");
    let errors = &response.json()["errors"];
    assert_eq!(errors[0]["pointer"], "/confinedToOrganization", "{response}");
    assert_eq!(errors[0]["code"], "BEYOND_YOUR_KEY", "{response}");
}

async fn revoking_a_key_revokes_its_descendants(world: World) {
    let grace = world.as_member();
    let root = child(&grace).await;
    let one = child(&with(&world, &root)).await;
    let other = child(&with(&world, &one)).await;
    assert_eq!(revoked(&grace, &root, "").await, 2);
    for key in [&root, &one, &other] {
        assert!(!opens(&world, key).await);
    }
    assert!(grace.get("/api/v1/me").await.status == 200, "the one that made it lives on");
    assert_eq!(revoked(&grace, &root, "?descendants=revoke").await, 0, "nothing is left");
}

async fn descendants_of_a_revoked_key_are_kept_on_request(world: World) {
    let grace = world.as_member();
    let root = child(&grace).await;
    let one = child(&with(&world, &root)).await;
    let other = child(&with(&world, &one)).await;
    assert_eq!(revoked(&grace, &one, "?descendants=keep").await, 0);
    assert!(!opens(&world, &one).await && opens(&world, &other).await);
    assert_eq!(revoked(&grace, &root, "").await, 1, "it is that one's now");
    assert!(!opens(&world, &other).await);
    let response = grace.delete(&format!("{KEYS}/{}?descendants=all", id(&root))).await;
    response.refuses(400, "VALIDATION_FAILED");
}

async fn a_rotated_key_passes_its_descendants_to_the_new_key(world: World) {
    let grace = world.as_member();
    let old = child(&grace).await;
    let one = child(&with(&world, &old)).await;
    let path = format!("{KEYS}/{}/rotate", id(&old));
    let new = made(&with(&world, &old).post(&path, json!({})).await);
    assert_eq!(revoked(&grace, &old, "").await, 0, "the old one can be ended early");
    assert!(opens(&world, &new).await && opens(&world, &one).await);
    assert_eq!(revoked(&grace, &new, "").await, 1);
    assert!(!opens(&world, &one).await);
}

async fn a_key_is_not_rotated_with_one_that_expires_earlier_or_descends_from_it(world: World) {
    let grace = world.as_member();
    let body = json!({"name": "soon", "expiresAt": "2026-02-01T08:00:03Z"});
    let soon = with(&world, &made(&grace.post(KEYS, body).await));
    let endless = child(&grace).await;
    let response = soon.post(&format!("{KEYS}/{}/rotate", id(&endless)), json!({})).await;
    response.refuses(403, "KEY_IS_BEYOND_YOURS");
    let one = child(&with(&world, &endless)).await;
    let response = with(&world, &one).post(&format!("{KEYS}/{}/rotate", id(&endless)), json!({})).await;
    response.refuses(403, "KEY_IS_BEYOND_YOURS");
    assert!(opens(&world, &endless).await, "nothing was changed");
}

async fn revoking_an_admins_key_revokes_the_keys_it_issued(world: World) {
    let founder = world.as_founder();
    let body = json!({"name": "admin", "expiresAt": "2026-02-02"});
    let admins = made(&founder.post(KEYS, body).await);
    let keys = format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, world.id(Who::Own));
    let late = json!({"name": "crane", "expiresAt": "2026-02-03"});
    let response = with(&world, &admins).post(&keys, late).await;
    response.names(&[("/expiresAt", "BEYOND_YOUR_KEY")]);
    let crane = made(&with(&world, &admins).post(&keys, json!({"name": "crane"})).await);
    assert_eq!(crane["expiresAt"], admins["expiresAt"]);
    let hook = made(&with(&world, &crane).post(KEYS, json!({"name": "hook"})).await);
    let sibling = made(&with(&world, &admins).post(&keys, json!({"name": "sibling"})).await);
    let response = founder.delete(&format!("{keys}/{}", id(&crane))).await;
    assert_eq!(response.json()["data"]["revokedDescendants"], 1, "{response}");
    assert!(!opens(&world, &crane).await && !opens(&world, &hook).await);
    assert_eq!(revoked(&founder, &admins, "").await, 1);
    assert!(!opens(&world, &sibling).await);
}

async fn one_key_too_many_is_refused(world: World) {
    // A key that the operator issued counts, such as the key of the call, and is itself not refused.
    let keys = world.as_own_person().get(KEYS).await.json()["data"].as_array().map(Vec::len).expect("a list");
    let live_keys = u32::try_from(keys).expect("a few") + 2;
    let world = world.with_user_limits(UserLimits { live_keys, organizations: 1 }).await;
    let hedy = world.as_own_person();
    let first = child(&hedy).await;
    child(&hedy).await;
    for _ in 0..2 {
        hedy.post(KEYS, json!({"name": "more"})).await.refuses(409, "TOO_MANY_API_KEYS");
    }
    let rotate = format!("{KEYS}/{}/rotate", id(&first));
    hedy.post(&rotate, json!({})).await.refuses(409, "TOO_MANY_API_KEYS");
    let first = made(&hedy.post(&rotate, json!({"overlapSeconds": 0})).await);
    assert_eq!(revoked(&hedy, &first, "").await, 0);
    child(&hedy).await;
    // The keys that her organization issues for her are counted separately.
    let keys = format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, world.id(Who::Own));
    for _ in 0..live_keys {
        made(&world.as_founder().post(&keys, json!({"name": "crane"})).await);
    }
    world.as_founder().post(&keys, json!({"name": "crane"})).await.refuses(409, "TOO_MANY_API_KEYS");
}

async fn one_organization_too_many_is_refused(world: World) {
    let world = world.with_user_limits(UserLimits { live_keys: 200, organizations: 1 }).await;
    let grace = world.as_member();
    made(&grace.post("/api/v1/organizations", json!({"name": "Quay"})).await);
    for _ in 0..2 {
        let response = grace.post("/api/v1/organizations", json!({"name": "Pier"})).await;
        response.refuses(409, "TOO_MANY_ORGANIZATIONS");
    }
    let listed = grace.get("/api/v1/organizations").await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "hers, and Meridian");
}
