//! The API keys of the current user: creation, list, revocation and replacement.

use futures_util::future::join_all;
use loggia_domain::service::Bootstrap;
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName};
use loggia_testkit::builders::KATHERINE;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, NOW, Who, World};

on_every_store!(
    a_secret_is_shown_once,
    omitted_scopes_of_a_new_key_are_those_of_the_key_of_the_call,
    a_key_reaches_no_further_than_the_one_that_made_it,
    a_revoked_key_opens_nothing_and_stays_listed,
    a_replaced_key_stays_valid_for_the_overlap,
    an_expired_or_revoked_key_is_not_replaced,
    the_last_use_of_a_key_is_recorded_to_the_hour,
    a_first_key_that_is_not_used_within_a_day_opens_nothing,
    concurrent_first_uses_of_a_first_key_all_succeed_and_keep_it,
);

const KEYS: &str = "/api/v1/api-keys";

/// Returns the key that was created.
#[track_caller]
fn made(response: &Response) -> Value {
    assert_eq!(response.status, 201, "{response}");
    response.json()["data"].take()
}

fn with(world: &World, key: &Value) -> Client {
    world.with_authorization(&[&format!("Bearer {}", key["key"].as_str().expect("a secret"))])
}

/// Returns a key as lists show it.
async fn listed(client: &Client, id: &Value) -> Option<Value> {
    let list = client.get(KEYS).await.json();
    list["data"].as_array().expect("a list").iter().find(|key| key["id"] == *id).cloned()
}

/// Returns a client with a key as the first start creates it.
async fn first_key(world: &World) -> Client {
    let plan = Bootstrap {
        organization: OrganizationName::parse("Lighthouse").expect("a name"),
        email: EmailAddress::parse("first@example.com").expect("an address"),
        profile: KATHERINE.profile(),
        key: KeyName::parse("first start").expect("a name"),
        key_ends_unless_used: true,
    };
    let made =
        world.loggia.operator().bootstrap(&plan, false).await.expect("an organization").expect("one more");
    world.with_authorization(&[&format!("Bearer {}", made.issued.secret.expose())])
}

async fn a_first_key_that_is_not_used_within_a_day_opens_nothing(world: World) {
    let first = first_key(&world).await;
    world.clock.advance_seconds(24 * 60 * 60);
    for path in ["/api/v1/me", KEYS] {
        first.get(path).await.refuses(401, "INVALID_KEY");
    }
    first.post(KEYS, json!({"name": "more"})).await.refuses(401, "INVALID_KEY");
}

async fn concurrent_first_uses_of_a_first_key_all_succeed_and_keep_it(world: World) {
    let first = first_key(&world).await;
    world.clock.advance_seconds(24 * 60 * 60 - 1);
    let calls = (0..20).map(async |number| {
        if number % 2 == 0 {
            first.get("/api/v1/me").await.status
        } else {
            first.post("/api/v1/spaces", json!({"name": format!("Quay {number}")})).await.status
        }
    });
    let statuses = join_all(calls).await;
    assert!(statuses.iter().all(|status| matches!(status, 200 | 201)), "{statuses:?}");
    world.clock.advance_seconds(365 * 24 * 60 * 60);
    let me = first.get("/api/v1/me").await;
    assert_eq!((me.status, &me.json()["data"]["key"]["expiresAt"]), (200, &Value::Null), "{me}");
}

async fn a_secret_is_shown_once(world: World) {
    let grace = world.as_member();
    let body = json!({
        "name": " backup ", "ability": "read", "defaultOrganizationId": world.meridian,
        "confinedToOrganization": true, "expiresAt": "2026-03-01T10:00:00+02:00",
    });
    let response = grace.post(KEYS, body).await;
    let key = made(&response);
    let (id, secret) = (key["id"].as_str().expect("an id"), key["key"].as_str().expect("a secret"));
    assert_eq!(response.location(), Some(format!("{KEYS}/{id}").as_str()));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let mut expected = json!({
        "id": id, "name": "backup", "prefix": &secret[..12], "ability": "read",
        "defaultOrganizationId": world.meridian, "confinedToOrganizationId": world.meridian,
        "createdAt": NOW, "expiresAt": "2026-03-01T08:00:00.000Z", "revokedAt": null, "lastUsedAt": null,
    });
    assert_eq!(listed(&grace, &key["id"]).await.as_ref(), Some(&expected));
    assert!(secret.starts_with("lga_") && secret.len() == 53, "{secret}");
    assert!(!grace.get(KEYS).await.to_string().contains(secret));
    expected["key"] = secret.into();
    assert_eq!(key, expected);
    // The key opens what it should and no more.
    let reader = with(&world, &key);
    assert_eq!(reader.get("/api/v1/spaces").await.status, 200);
    reader.post("/api/v1/spaces", json!({"name": "Quay"})).await.refuses(403, "INSUFFICIENT_SCOPE");
    reader.get("/api/v1/spaces?organizationId=").await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    reader.post(KEYS, json!({"name": "more"})).await.refuses(403, "INSUFFICIENT_SCOPE");
}

async fn omitted_scopes_of_a_new_key_are_those_of_the_key_of_the_call(world: World) {
    let scopes = |key: &Value| {
        let text = |field: &str| key[field].as_str().map(str::to_owned);
        (text("defaultOrganizationId"), text("confinedToOrganizationId"))
    };
    let meridian = Some(world.meridian.clone());
    let plain = made(&world.as_member().post(KEYS, json!({"name": "a"})).await);
    assert_eq!(scopes(&plain), (meridian.clone(), None));
    assert_eq!((&plain["ability"], &plain["expiresAt"]), (&json!("write"), &Value::Null));
    let personal = world.with_key(Who::Member, Key::Personal).await;
    let key = made(&personal.post(KEYS, json!({"name": "a"})).await);
    assert_eq!(scopes(&key), (None, None));
    let confined = world.with_key(Who::Member, Key::Confined).await;
    let key = made(&confined.post(KEYS, json!({"name": "a"})).await);
    assert_eq!(scopes(&key), (meridian.clone(), meridian));
    for empty in [Value::Null, json!("")] {
        let body = json!({"name": "a", "defaultOrganizationId": empty});
        assert_eq!(scopes(&made(&world.as_member().post(KEYS, body).await)), (None, None));
    }
}

async fn a_key_reaches_no_further_than_the_one_that_made_it(world: World) {
    let (grace, confined) = (world.as_member(), world.with_key(Who::Member, Key::Confined).await);
    let post = async |client: &Client, more: Value| {
        let mut body = json!({"name": "a"});
        for (field, value) in more.as_object().expect("fields") {
            body[field] = value.clone();
        }
        client.post(KEYS, body).await
    };
    let wide = post(&confined, json!({"confinedToOrganization": false})).await;
    wide.refuses(403, "KEY_IS_CONFINED");
    let personal = post(&confined, json!({"defaultOrganizationId": null})).await;
    personal.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let elsewhere = json!({"defaultOrganizationId": world.borealis, "confinedToOrganization": true});
    post(&confined, elsewhere.clone()).await.refuses(403, "KEY_IS_CONFINED");
    // No caller reaches the organization of others, whether or not it exists.
    post(&grace, elsewhere).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let nowhere = json!({"defaultOrganizationId": crate::world::MADE_UP});
    post(&grace, nowhere).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    let nothing = json!({"defaultOrganizationId": null, "confinedToOrganization": true});
    post(&grace, nothing).await.names(&[("/confinedToOrganization", "NOT_ALLOWED")]);
    post(&grace, json!({"expiresAt": NOW})).await.names(&[("/expiresAt", "NOT_IN_THE_FUTURE")]);
    // A confined key shows and affects only those of its user's keys that are as confined as itself.
    let free = made(&post(&grace, json!({})).await);
    assert_eq!(listed(&confined, &free["id"]).await, None);
    let path = format!("{KEYS}/{}", free["id"].as_str().expect("an id"));
    confined.delete(&path).await.refuses(404, "NOT_FOUND");
    confined.post(&format!("{path}/rotate"), json!({})).await.refuses(404, "NOT_FOUND");
    assert!(listed(&grace, &free["id"]).await.is_some());
}

async fn a_revoked_key_opens_nothing_and_stays_listed(world: World) {
    let grace = world.as_member();
    let key = made(&grace.post(KEYS, json!({"name": "lost"})).await);
    let path = format!("{KEYS}/{}", key["id"].as_str().expect("an id"));
    let holder = with(&world, &key);
    // A key may revoke itself.
    let revoked = holder.delete(&path).await;
    assert_eq!((revoked.status, &revoked.json()["data"]["revokedAt"]), (200, &json!(NOW)), "{revoked}");
    assert_eq!(revoked.json()["data"]["key"], Value::Null, "no secret");
    holder.get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    world.clock.advance_seconds(60);
    let mut again = listed(&grace, &key["id"]).await.expect("the key");
    again["revokedDescendants"] = json!(0);
    grace.delete(&path).await.is(200, json!({"data": again}));
    assert_eq!(listed(&grace, &key["id"]).await.expect("the key")["revokedAt"], json!(NOW));
}

async fn a_replaced_key_stays_valid_for_the_overlap(world: World) {
    let grace = world.as_member();
    let end = "2026-03-01T00:00:00.000Z";
    let body = json!({"name": "ci", "ability": "read", "confinedToOrganization": true, "expiresAt": end});
    let rotate = async |id: &Value, body: Value| {
        grace.post(&format!("{KEYS}/{}/rotate", id.as_str().expect("an id")), body).await
    };
    for (overlap, ends) in [
        (json!({"overlapSeconds": 60}), "2026-02-01T08:01:00.000Z"),
        (json!({}), "2026-02-02T08:00:00.000Z"),
        (json!({"overlapSeconds": 604_800}), "2026-02-08T08:00:00.000Z"),
    ] {
        let old = made(&grace.post(KEYS, body.clone()).await);
        let response = rotate(&old["id"], overlap).await;
        let new = made(&response);
        assert_eq!(response.location(), Some(format!("{KEYS}/{}", new["id"].as_str().unwrap()).as_str()));
        for field in ["name", "ability", "expiresAt", "defaultOrganizationId", "confinedToOrganizationId"] {
            assert_eq!(new[field], old[field], "{field}");
        }
        assert_ne!(new["key"], old["key"]);
        assert_eq!(listed(&grace, &old["id"]).await.expect("the old one")["expiresAt"], ends);
        for key in [&old, &new] {
            assert_eq!(with(&world, key).get("/api/v1/me").await.status, 200, "both for now");
        }
    }
    let old = made(&grace.post(KEYS, body).await);
    let new = made(&rotate(&old["id"], json!({"overlapSeconds": 0})).await);
    with(&world, &old).get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    assert_eq!(with(&world, &new).get("/api/v1/me").await.status, 200);
    // A replaced key that would expire before the end of the overlap expires at its own time.
    let soon = made(&grace.post(KEYS, json!({"name": "ci", "expiresAt": "2026-02-01T09:00:00Z"})).await);
    made(&rotate(&soon["id"], json!({})).await);
    assert_eq!(listed(&grace, &soon["id"]).await.expect("it")["expiresAt"], "2026-02-01T09:00:00.000Z");
}

async fn an_expired_or_revoked_key_is_not_replaced(world: World) {
    let grace = world.as_member();
    let revoked = made(&grace.post(KEYS, json!({"name": "a"})).await);
    let path = format!("{KEYS}/{}", revoked["id"].as_str().expect("an id"));
    assert_eq!(grace.delete(&path).await.status, 200);
    let expired = made(&grace.post(KEYS, json!({"name": "a", "expiresAt": "2026-02-01T08:01:00Z"})).await);
    world.clock.advance_seconds(60);
    let count = async || grace.get(KEYS).await.json()["data"].as_array().map(Vec::len);
    let before = count().await;
    for key in [&revoked, &expired] {
        let path = format!("{KEYS}/{}/rotate", key["id"].as_str().expect("an id"));
        grace.post(&path, json!({})).await.refuses(409, "KEY_NOT_LIVE");
    }
    assert_eq!(count().await, before);
}

async fn the_last_use_of_a_key_is_recorded_to_the_hour(world: World) {
    let grace = world.as_member();
    let key = made(&grace.post(KEYS, json!({"name": "a"})).await);
    let last_use = async || listed(&grace, &key["id"]).await.expect("the key")["lastUsedAt"].take();
    assert_eq!(last_use().await, Value::Null);
    for (seconds, hour) in [(1_800, "08"), (1_799, "08"), (1, "09"), (7_200, "11")] {
        world.clock.advance_seconds(seconds);
        // The last use is recorded in parallel with the response. While an earlier use is still being recorded, this one is left to the
        // next call.
        let expected = json!(format!("2026-02-01T{hour}:00:00.000Z"));
        crate::faults::within(async {
            loop {
                assert_eq!(with(&world, &key).get("/api/v1/me").await.status, 200);
                if last_use().await == expected {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    let events = world.ports().views;
    let scope = loggia_domain::scope::Scope::Organization(world.person(Who::Member).organization);
    let events = events.events(scope, None, 10_000).await.expect("events");
    let id = key["id"].as_str().expect("an id");
    let reported = events.iter().filter(|(_, event)| event.subject.to_string() == id).count();
    assert_eq!(reported, 1, "that it was made, and nothing of its use");
}
