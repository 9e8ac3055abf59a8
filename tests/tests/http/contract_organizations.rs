//! The current user, and the user's organizations.

use std::sync::Arc;

use loggia_domain::policy::OrganizationCreation;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, MADE, NOW, Who, World};

on_every_store!(
    me_shows_the_user_the_key_and_the_scopes,
    the_organizations_of_the_caller_are_listed_with_their_role,
    an_organization_is_shown_to_its_members_only,
    the_creator_of_an_organization_is_its_admin,
    a_new_organization_shows_the_profile_of_the_account,
    a_setting_reserves_creating_organizations_to_operators,
    an_organization_is_renamed_by_its_admins,
    a_patch_without_a_field_changes_nothing,
);

async fn me_shows_the_user_the_key_and_the_scopes(world: World) {
    let ada = world.with_key(Who::Admin, Key::Full).await;
    let me = ada.get("/api/v1/me").await;
    let key = me.json()["data"]["key"]["id"].clone();
    me.is(
        200,
        json!({"data": {
            "user": {
                "id": world.id(Who::Admin),
                "kind": "person",
                "account": true,
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

async fn the_organizations_of_the_caller_are_listed_with_their_role(world: World) {
    let meridian = |role| json!({"data": [{"id": world.meridian, "name": "Meridian", "createdAt": MADE, "updatedAt": MADE, "role": role}]});
    world.as_viewer().get("/api/v1/organizations").await.is(200, meridian("viewer"));
    world.as_project_admin().get("/api/v1/organizations").await.is(200, meridian("member"));
    world.as_founder().get("/api/v1/organizations").await.is(200, meridian("admin"));
}

async fn an_organization_is_shown_to_its_members_only(world: World) {
    let path = format!("/api/v1/organizations/{}", world.borealis);
    let borealis = json!({
        "id": world.borealis, "name": "Borealis", "createdAt": MADE, "updatedAt": MADE, "role": "admin",
    });
    world.as_stranger().get(&path).await.is(200, json!({"data": borealis}));
    world.as_admin().get(&path).await.refuses(404, "NOT_FOUND");
}

/// Creates an organization as that client, and returns its path.
async fn found(client: &Client, name: &str) -> String {
    let made = client.post("/api/v1/organizations", json!({"name": name})).await;
    assert_eq!(made.status, 201, "{made}");
    made.location().expect("its location").to_owned()
}

async fn the_creator_of_an_organization_is_its_admin(world: World) {
    let viewer = world.as_viewer();
    let made = viewer.post("/api/v1/organizations", json!({"name": " Quay Works "})).await;
    let id = made.json()["data"]["id"].clone();
    let quay = json!({"id": id, "name": "Quay Works", "createdAt": NOW, "updatedAt": NOW, "role": "admin"});
    made.is(201, json!({"data": quay}));
    let path = format!("/api/v1/organizations/{}", id.as_str().expect("an id"));
    assert_eq!(made.location(), Some(path.as_str()));
    viewer.get(&path).await.is(200, json!({"data": quay}));
    assert_eq!(viewer.get("/api/v1/organizations").await.json()["data"][1], quay);
    world.as_admin().get(&path).await.refuses(404, "NOT_FOUND");
    // The user can work in the new organization at once.
    let there = json!({"project_name": "Crane", "organization_id": id});
    assert_eq!(viewer.post("/v2/projects", there).await.status, 201);
}

async fn a_new_organization_shows_the_profile_of_the_account(world: World) {
    let member = async |client: &Client, organization: &str, who: Who| -> Value {
        let path = format!("{organization}/members/{}", world.id(who));
        client.get(&path).await.json()["data"].take()
    };
    let ada = world.as_admin();
    let there = found(&ada, "Quay").await;
    let shown = member(&ada, &there, Who::Admin).await;
    let expected = json!({
        "id": world.id(Who::Admin), "kind": "person", "account": true, "email": "ada@example.com", "role": "admin",
        "active": true, "firstName": "Ada", "lastName": "Byron", "fullName": "Ada Byron", "username": null,
        "employeeNumber": null, "avatar": "https://example.com/ada.png", "createdAt": NOW, "updatedAt": NOW,
    });
    assert_eq!(shown, expected, "username and number are another organization's");
    // An organization's own person makes none.
    let own = world.as_own_person().post("/api/v1/organizations", json!({"name": "Quay"})).await;
    own.refuses(403, "KEY_IS_CONFINED");
}

async fn a_setting_reserves_creating_organizations_to_operators(world: World) {
    let make = async |client: Client| client.post("/api/v1/organizations", json!({"name": "Quay"})).await;
    let confined = make(world.with_key(Who::Admin, Key::Confined).await).await;
    confined.refuses(403, "KEY_IS_CONFINED");
    make(world.with_key(Who::Admin, Key::ReadOnly).await).await.refuses(403, "INSUFFICIENT_SCOPE");

    let loggia = world.loggia.to_builder().organization_creation(OrganizationCreation::Operators).build();
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let key = world.new_key(Who::Admin, Key::Full).await;
    let closed = Client::new(world.serve(app).await, vec![format!("Bearer {key}")]);
    make(closed.clone()).await.refuses(403, "ORGANIZATION_CREATION_CLOSED");
    closed.post("/api/v1/organizations", json!({"name": ""})).await.names(&[("/name", "TOO_SHORT")]);
    assert_eq!(closed.get("/api/v1/organizations").await.json()["data"].as_array().map(Vec::len), Some(1));
}

async fn an_organization_is_renamed_by_its_admins(world: World) {
    let path = format!("/api/v1/organizations/{}", world.meridian);
    world.as_project_admin().patch(&path, json!({"name": "Quay"})).await.refuses(403, "FORBIDDEN");
    world.as_stranger().patch(&path, json!({"name": "Quay"})).await.refuses(404, "NOT_FOUND");
    let renamed =
        json!({"id": world.meridian, "name": "Quay", "createdAt": MADE, "updatedAt": NOW, "role": "admin"});
    world.as_founder().patch(&path, json!({"name": "Quay"})).await.is(200, json!({"data": renamed}));
    world.as_admin().get(&path).await.is(200, json!({"data": renamed}));
}

async fn a_patch_without_a_field_changes_nothing(world: World) {
    let path = format!("/api/v1/organizations/{}", world.meridian);
    let before = world.as_admin().get(&path).await.json();
    world.clock.advance_seconds(60);
    world.as_admin().patch(&path, json!({})).await.is(200, before.clone());
    world.as_admin().patch(&path, json!({"name": "Meridian"})).await.is(200, before.clone());
    assert_eq!(world.as_admin().get(&path).await.json(), before);
    // Even without a change, the caller must be allowed to make one.
    world.as_viewer().patch(&path, json!({})).await.refuses(403, "FORBIDDEN");
    world.as_stranger().patch(&path, json!({})).await.refuses(404, "NOT_FOUND");
    let reading = world.with_key(Who::Admin, Key::ReadOnly).await;
    reading.patch(&path, json!({})).await.refuses(403, "INSUFFICIENT_SCOPE");
}
