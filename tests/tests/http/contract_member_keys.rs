//! The API keys that an organization's admins issue for its members, and which reach that organization only.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::{NOW, Who, World};

on_every_store!(
    a_members_key_reaches_the_organization_only,
    admins_see_and_revoke_only_keys_of_the_organization,
    a_former_member_gets_no_new_key,
    the_keys_of_a_deactivated_member_grant_nothing,
);

fn keys(world: &World, who: Who) -> String {
    format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, world.id(who))
}

async fn a_members_key_reaches_the_organization_only(world: World) {
    let (founder, path) = (world.as_founder(), keys(&world, Who::Own));
    let body = json!({"name": "crane", "expiresAt": "2026-02-02"});
    // An account creates its own keys.
    founder.post(&keys(&world, Who::Member), body.clone()).await.refuses(403, "BELONGS_TO_ACCOUNT");
    let response = founder.post(&path, body).await;
    assert_eq!(response.status, 201, "{response}");
    let key = response.json()["data"].take();
    let (id, secret) = (key["id"].as_str().expect("an id"), key["key"].as_str().expect("a secret"));
    let expected = json!({
        "id": id, "name": "crane", "prefix": &secret[..12], "ability": "write",
        "defaultOrganizationId": world.meridian, "confinedToOrganizationId": world.meridian,
        "createdAt": NOW, "expiresAt": "2026-02-02T00:00:00.000Z", "revokedAt": null, "lastUsedAt": null,
        "key": secret,
    });
    assert_eq!(key, expected);
    assert_eq!(response.location(), Some(format!("{path}/{id}").as_str()));
    assert_eq!(response.header("cache-control"), Some("no-store"));

    let crane = world.with_authorization(&[&format!("Bearer {secret}")]);
    let me = crane.get("/api/v1/me").await.json()["data"].take();
    assert_eq!(me["user"]["id"], world.id(Who::Own));
    assert_eq!(me["scopes"], json!([{"kind": "organization", "organizationId": world.meridian}]));
    crane.get(&format!("/v2/projects/{}", world.garden.id)).await.refuses(404, "NOT_FOUND");
    crane.post("/api/v1/organizations", json!({"name": "Quay"})).await.refuses(403, "KEY_IS_CONFINED");
}

async fn admins_see_and_revoke_only_keys_of_the_organization(world: World) {
    let (founder, path) = (world.as_founder(), keys(&world, Who::Own));
    let ids = |response: &Value| -> Vec<Value> {
        response["data"].as_array().expect("a list").iter().map(|key| key["id"].clone()).collect()
    };
    assert_eq!(
        ids(&founder.get(&path).await.json()),
        [json!(world.person(Who::Own).key), json!(world.badge)]
    );
    assert_eq!(ids(&world.as_own_person().get("/api/v1/api-keys").await.json()).len(), 2);
    // The key of an account for its laptop is not Meridian's.
    let edsgers = keys(&world, Who::Viewer);
    assert_eq!(founder.get(&edsgers).await.json(), json!({"data": []}));
    let laptop = &world.person(Who::Viewer).key;
    founder.delete(&format!("{edsgers}/{laptop}")).await.refuses(404, "NOT_FOUND");
    assert_eq!(world.as_viewer().get("/api/v1/me").await.status, 200);

    let revoked = founder.delete(&format!("{path}/{}", world.badge)).await;
    assert_eq!((revoked.status, &revoked.json()["data"]["revokedAt"]), (200, &json!(NOW)), "{revoked}");
    world.clock.advance_seconds(60);
    founder.delete(&format!("{path}/{}", world.badge)).await.is(200, revoked.json());
    // Only an admin may list keys this way; a member may not even list their own.
    world.as_own_person().get(&path).await.refuses(403, "FORBIDDEN");
}

async fn a_former_member_gets_no_new_key(world: World) {
    let founder = world.as_founder();
    founder.post(&keys(&world, Who::Former), json!({"name": "a"})).await.refuses(404, "USER_NOT_FOUND");
    let listed = founder.get(&keys(&world, Who::Former)).await.json();
    assert_eq!(listed["data"][0]["id"], world.person(Who::Former).key, "earlier keys stay readable");
    let past = founder.post(&keys(&world, Who::Own), json!({"name": "a", "expiresAt": NOW})).await;
    past.names(&[("/expiresAt", "NOT_IN_THE_FUTURE")]);
}

async fn the_keys_of_a_deactivated_member_grant_nothing(world: World) {
    let (founder, path) = (world.as_founder(), keys(&world, Who::Own));
    let key = founder.post(&path, json!({"name": "crane"})).await.json()["data"]["key"].take();
    let crane = world.with_authorization(&[&format!("Bearer {}", key.as_str().expect("a secret"))]);
    assert_eq!(crane.get("/api/v1/spaces").await.status, 200);
    assert_eq!(founder.delete(path.strip_suffix("/api-keys").expect("a member")).await.status, 200);
    crane.get("/api/v1/spaces").await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    crane.get(&format!("/api/v1/spaces/{}", world.pier)).await.refuses(404, "NOT_FOUND");
    assert_eq!(crane.get("/api/v1/me").await.json()["data"]["scopes"], json!([]));
    crane.post("/api/v1/api-keys", json!({"name": "more"})).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
}
