//! The projects dialect for single projects: exact bodies of every response.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{MADE, NOW, Who, World};

on_every_store!(
    a_project_is_opened_with_its_defaults,
    a_project_is_opened_with_every_field,
    the_creator_of_a_project_is_admin_on_its_roster,
    an_organization_has_three_states_in_a_body,
    a_patch_changes_what_it_names,
    an_empty_patch_gets_204,
    null_clears_what_may_be_empty,
    a_project_is_deleted_with_all_that_is_in_it,
    a_private_project_becomes_open,
);

/// Returns Ada, as the projects dialect shows people.
fn ada(world: &World) -> Value {
    json!({
        "id": 1, "email": "ada@example.com", "avatar": "https://example.com/ada.png",
        "node_id": world.id(Who::Admin), "full_name": "Ada Byron", "first_name": "Ada", "last_name": "Byron",
        "employee_no": "1",
    })
}

/// Returns Barbara, who has no picture.
fn barbara(world: &World) -> Value {
    json!({
        "id": 2, "email": "barbara@example.com", "avatar": "", "node_id": world.id(Who::Founder),
        "full_name": "Barbara Liskov", "first_name": "Barbara", "last_name": "Liskov", "employee_no": "2",
    })
}

/// Returns the world's Harbour as it was made.
fn harbour(world: &World) -> Value {
    json!({
        "id": 1, "node_id": world.harbour.id, "project_name": "Harbour", "description": null,
        "start_date": null, "end_date": null, "visibility": "organization",
        "createdAt": MADE, "updatedAt": MADE, "created_by": barbara(world),
    })
}

async fn a_project_is_opened_with_its_defaults(world: World) {
    let made = world.as_admin().post("/v2/projects", json!({"project_name": "Quay"})).await;
    let id = made.json()["node_id"].as_str().expect("an id").to_owned();
    let project = json!({
        "id": 3, "node_id": id, "project_name": "Quay", "description": null, "start_date": null,
        "end_date": null, "visibility": "organization", "createdAt": NOW, "updatedAt": NOW,
        "created_by": ada(&world),
    });
    made.is(201, project.clone());
    assert_eq!(made.location(), Some(format!("/v2/projects/{id}").as_str()));
    for path in [format!("/v2/projects/{id}"), format!("/projects/{id}")] {
        world.as_viewer().get(&path).await.is(200, project.clone());
    }
    world.as_viewer().get(&format!("/v2/projects/{}", world.harbour.id)).await.is(200, harbour(&world));
}

async fn a_project_is_opened_with_every_field(world: World) {
    let body = json!({
        "project_name": " Quay ", "description": "Stone\nand wood", "start_date": "2026-01-31",
        "end_date": "2026-01-31T01:30:00.25+01:00", "visibility": "private",
        "organization_id": world.meridian,
    });
    let made = world.as_admin().post("/v2/projects", body).await;
    let id = made.json()["node_id"].clone();
    made.is(
        201,
        json!({
            "id": 3, "node_id": id, "project_name": "Quay", "description": "Stone\nand wood",
            "start_date": "2026-01-31T00:00:00.000Z", "end_date": "2026-01-31T00:30:00.250Z",
            "visibility": "private", "createdAt": NOW, "updatedAt": NOW, "created_by": ada(&world),
        }),
    );
}

async fn the_creator_of_a_project_is_admin_on_its_roster(world: World) {
    let made = world.as_admin().post("/v2/projects", json!({"project_name": "Quay"})).await.json();
    let id = made["node_id"].as_str().expect("an id");
    let roster = world.as_admin().get(&format!("/v2/projects/{id}/members")).await.json();
    let node_id = roster["result"][0]["node_id"].clone();
    let membership = json!({
        "id": 1, "node_id": node_id, "role": "admin", "user_node_id": world.id(Who::Admin), "createdAt": NOW,
        "project": {"id": 3, "node_id": id, "project_name": "Quay"},
        "member": {"id": 1, "node_id": world.id(Who::Admin), "username": "ada", "email": "ada@example.com"},
    });
    assert_eq!(roster["result"], json!([membership]));
}

async fn an_organization_has_three_states_in_a_body(world: World) {
    // Every user may create projects in the personal scope, whatever the user's roles elsewhere are.
    let viewer = world.as_viewer();
    for personal in [json!(null), json!("")] {
        let body = json!({"project_name": "Garden", "organization_id": personal});
        assert_eq!(viewer.post("/v2/projects", body).await.status, 201);
    }
    viewer.post("/v2/projects", json!({"project_name": "Quay"})).await.refuses(403, "FORBIDDEN");
    let named = json!({"project_name": "Quay", "organization_id": world.meridian});
    viewer.post("/v2/projects", named.clone()).await.refuses(403, "FORBIDDEN");
    assert_eq!(world.as_admin().post("/v2/projects", named).await.json()["id"], json!(3));

    let numbers = async |query: &str| {
        let list = viewer.get(&format!("/v2/projects{query}")).await.json();
        let rows = list["result"].as_array().expect("a list").clone();
        rows.iter().map(|row| row["id"].as_i64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(numbers("?organization_id=").await, [1, 2], "a scope has numbers of its own");
    assert_eq!(numbers("").await, [1, 3], "the private one is not among them");
    assert_eq!(numbers(&format!("?organization_id={}", world.meridian)).await, [1, 3]);
}

async fn a_patch_changes_what_it_names(world: World) {
    let mut project = harbour(&world);
    project["project_name"] = json!("Harbor");
    project["end_date"] = json!("2026-12-31T00:00:00.000Z");
    project["updatedAt"] = json!(NOW);
    let patch = json!({"project_name": "Harbor", "end_date": "2026-12-31"});
    let path = format!("/v2/projects/{}", world.harbour.id);
    world.as_project_admin().patch(&path, patch).await.is(200, project.clone());

    // The path with a final slash is the same resource, without a redirect, for this method alone.
    project["description"] = json!("Deep");
    let slash = world.as_project_admin().request("PATCH", &format!("{path}/"));
    let body = json!({"description": "Deep"}).to_string();
    slash.raw("application/merge-patch+json", body).await.is(200, project.clone());
    world.as_viewer().get(&path).await.is(200, project);
    let other = world.as_viewer().get(&format!("{path}/")).await;
    other.refuses(405, "METHOD_NOT_ALLOWED");
    assert_eq!(other.header("allow"), Some("PATCH, OPTIONS"));
}

async fn an_empty_patch_gets_204(world: World) {
    let admin = world.as_project_admin();
    for path in [format!("/v2/projects/{}", world.harbour.id), format!("/v2/projects/{}/", world.harbour.id)]
    {
        let responses = [
            admin.request("PATCH", &path).await,
            admin.request("PATCH", &path).untyped("").await,
            admin.patch(&path, json!({})).await,
            admin.request("PATCH", &path).raw("application/json", " {\n} ").await,
        ];
        for response in responses {
            assert_eq!((response.status, response.bytes.as_slice()), (204, &b""[..]), "{response}");
        }
    }
    world.as_viewer().get(&format!("/v2/projects/{}", world.harbour.id)).await.is(200, harbour(&world));
    // A patch without a field is authorized like any other.
    let path = format!("/v2/projects/{}", world.harbour.id);
    for body in [None, Some(json!({}))] {
        let request = |client: Client| match &body {
            None => client.request("PATCH", &path),
            Some(body) => client.patch(&path, body.clone()),
        };
        request(world.as_viewer()).await.refuses(403, "FORBIDDEN");
        request(world.as_stranger()).await.refuses(404, "NOT_FOUND");
    }
    // A patch that would change nothing is a patch nevertheless.
    let path = format!("/v2/projects/{}", world.harbour.id);
    admin.patch(&path, json!({"project_name": "Harbour"})).await.is(200, harbour(&world));
    for body in ["null", "[]", "7", "\"\""] {
        let response = admin.request("PATCH", &path).raw("application/json", body).await;
        response.names(&[("", "WRONG_TYPE")]);
    }
    // A body without a media type is not accepted.
    admin.request("PATCH", &path).untyped("{}").await.refuses(415, "UNSUPPORTED_MEDIA_TYPE");
}

async fn null_clears_what_may_be_empty(world: World) {
    let (admin, path) = (world.as_project_admin(), format!("/v2/projects/{}", world.harbour.id));
    let full = json!({"description": "Deep", "start_date": "2026-01-01", "end_date": "2026-12-31"});
    admin.patch(&path, full).await;
    let nulls = json!({"description": null, "start_date": null, "end_date": null});
    let mut cleared = harbour(&world);
    cleared["updatedAt"] = json!(NOW);
    admin.patch(&path, nulls).await.is(200, cleared);
    let nulls = json!({"project_name": null, "visibility": null});
    admin
        .patch(&path, nulls)
        .await
        .names(&[("/project_name", "NULL_NOT_ALLOWED"), ("/visibility", "NULL_NOT_ALLOWED")]);
    for field in ["id", "node_id", "organization_id", "created_by", "createdAt"] {
        let pointer = format!("/{field}");
        admin.patch(&path, json!({field: "x"})).await.names(&[(&pointer, "UNKNOWN_FIELD")]);
    }
}

async fn a_project_is_deleted_with_all_that_is_in_it(world: World) {
    let admin = world.as_admin();
    let path = format!("/v2/projects/{}", world.harbour.id);
    let project = json!({"id": 1, "node_id": world.harbour.id, "project_name": "Harbour"});
    admin.delete(&path).await.is(200, json!({"message": "PROJECT_REMOVED", "project": project}));
    let gone = [
        path.clone(),
        format!("{path}/members"),
        format!("{path}/tasks"),
        format!("/v2/tasks/{}", world.harbour.free_task),
        format!("/v2/tasks/{}", world.harbour.done_task),
    ];
    for path in gone {
        world.as_project_member().get(&path).await.refuses(404, "NOT_FOUND");
    }
    admin.delete(&path).await.refuses(404, "NOT_FOUND");
    let space = admin.get(&format!("/api/v1/spaces/{}", world.harbour.space)).await.json();
    assert_eq!((&space["data"]["projectId"], &space["data"]["name"]), (&json!(null), &json!("Harbour area")));
    // Other projects are not affected, and the number is not assigned again.
    let other = format!("/v2/projects/{}/members", world.vault.id);
    assert_eq!(world.as_project_member().get(&other).await.json()["total"], json!(3));
    let next = admin.post("/v2/projects", json!({"project_name": "Quay"})).await.json();
    assert_eq!(next["id"], json!(3));
}

async fn a_private_project_becomes_open(world: World) {
    let path = format!("/v2/projects/{}", world.vault.id);
    assert_eq!(world.as_member().get(&path).await.status, 404);
    let open = world.as_project_admin().patch(&path, json!({"visibility": "organization"})).await;
    assert_eq!(open.json()["visibility"], json!("organization"));
    assert_eq!(world.as_member().get(&path).await.status, 200);
    world.as_project_admin().patch(&path, json!({"visibility": "private"})).await;
    assert_eq!(world.as_member().get(&path).await.status, 404);
}
