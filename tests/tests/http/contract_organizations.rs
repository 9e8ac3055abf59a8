//! Who am I, and which organizations are mine.

use serde_json::json;

use crate::harness::on_every_store;
use crate::world::{Key, MADE, NOW, Who, World};

on_every_store!(who_am_i, ones_organizations, one_organization);

async fn who_am_i(world: World) {
    let ada = world.with_key(Who::Admin, Key::Full).await;
    let me = ada.get("/api/v1/me").await;
    let key = me.json()["data"]["key"]["id"].clone();
    me.is(
        200,
        json!({"data": {
            "user": {
                "id": world.id(Who::Admin),
                "email": "ada@example.com",
                "firstName": "Ada",
                "lastName": "Byron",
                "fullName": "Ada Byron",
                "username": "ada",
                "avatar": "https://example.com/ada.png",
                "createdAt": MADE,
            },
            "key": {"id": key, "name": "a test's", "createdAt": NOW, "expiresAt": null},
            "abilities": ["read", "write"],
            "defaultScope": {"kind": "organization", "organizationId": world.meridian},
            "scopes": [
                {"kind": "organization", "organizationId": world.meridian},
                {"kind": "personal", "organizationId": null},
            ],
            "organizations": [
                {"id": world.meridian, "name": "Meridian", "createdAt": MADE, "updatedAt": MADE, "role": "admin"},
            ],
        }}),
    );
    assert!(key.is_string());
    ada.get("/api/v1/me?include=all").await.names(&[("?include", "UNKNOWN_PARAMETER")]);
}

async fn ones_organizations(world: World) {
    let meridian = |role| json!({"data": [{"id": world.meridian, "name": "Meridian", "createdAt": MADE, "updatedAt": MADE, "role": role}]});
    world.as_viewer().get("/api/v1/organizations").await.is(200, meridian("viewer"));
    world.as_project_admin().get("/api/v1/organizations").await.is(200, meridian("member"));
    world.as_founder().get("/api/v1/organizations").await.is(200, meridian("admin"));
}

async fn one_organization(world: World) {
    let path = format!("/api/v1/organizations/{}", world.borealis);
    let borealis = json!({
        "id": world.borealis, "name": "Borealis", "createdAt": MADE, "updatedAt": MADE, "role": "admin",
    });
    world.as_stranger().get(&path).await.is(200, json!({"data": borealis}));
    world.as_admin().get(&path).await.refuses(404, "NOT_FOUND");
}
