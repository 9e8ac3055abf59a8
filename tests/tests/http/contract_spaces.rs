//! The spaces dialect for single spaces: exact bodies of every response.

use serde_json::{Value, json};

use crate::harness::on_every_store;
use crate::world::{MADE, NOW, Who, World};

on_every_store!(
    a_space_is_made_with_its_defaults,
    a_space_is_made_with_every_field,
    text_comes_back_as_it_was_accepted,
    an_organization_has_three_states_in_a_body,
    a_patch_changes_what_it_names,
    null_clears_what_may_be_empty,
    a_patch_that_changes_nothing_writes_nothing,
    the_organization_is_fixed,
    a_space_is_deleted,
    relations_are_included_by_name,
    relations_that_are_not_there_are_null,
);

/// Returns Ada, as the spaces dialect shows people.
fn ada(world: &World) -> Value {
    json!({
        "id": world.id(Who::Admin), "kind": "person", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron",
        "fullName": "Ada Byron", "username": "ada", "employeeNumber": "1",
        "avatar": "https://example.com/ada.png",
    })
}

async fn a_space_is_made_with_its_defaults(world: World) {
    let made = world.as_member().post("/api/v1/spaces", json!({"name": "Quay"})).await;
    let body = made.json();
    let id = body["data"]["_id"].as_str().expect("an id");
    let space = json!({"data": {
        "_id": id,
        "name": "Quay",
        "description": null,
        "organizationId": world.meridian,
        "projectId": null,
        "status": "Draft",
        "priority": "none",
        "currentStrength": 0,
        "createdBy": world.id(Who::Member),
        "createdAt": NOW,
        "updatedAt": NOW,
    }});
    made.is(201, space.clone());
    let location = format!("/api/v1/spaces/{id}");
    assert_eq!(made.location(), Some(location.as_str()));
    world.as_viewer().get(&location).await.is(200, space);
}

async fn a_space_is_made_with_every_field(world: World) {
    let body = json!({
        "name": "Quay",
        "description": "# Plan\n\n\t- dredge",
        "organizationId": world.meridian,
        "projectId": world.harbour.id,
        "status": "Active",
        "priority": "urgent",
        "currentStrength": 10,
    });
    let made = world.as_admin().post("/api/v1/spaces", body).await;
    let id = made.json()["data"]["_id"].clone();
    let space = json!({"data": {
        "_id": id,
        "name": "Quay",
        "description": "# Plan\n\n\t- dredge",
        "organizationId": world.meridian,
        "projectId": world.harbour.id,
        "status": "Active",
        "priority": "urgent",
        "currentStrength": 10,
        "createdBy": world.id(Who::Admin),
        "createdAt": NOW,
        "updatedAt": NOW,
    }});
    made.is(201, space);
}

async fn text_comes_back_as_it_was_accepted(world: World) {
    // Decomposed, astral, and similar to markup: trimmed, and otherwise stored byte for byte.
    let name = "Cafe\u{301} \u{1F680} <b>&amp;</b> \"\\";
    let body = json!({"name": format!(" \u{2003}{name}\n"), "description": "  \n"});
    let made = world.as_member().post("/api/v1/spaces", body).await.json();
    assert_eq!(made["data"]["name"], json!(name));
    assert_eq!(made["data"]["description"], json!(""));
    let id = made["data"]["_id"].as_str().expect("an id");
    let read = world.as_member().get(&format!("/api/v1/spaces/{id}")).await.json();
    assert_eq!(read, made);
}

async fn an_organization_has_three_states_in_a_body(world: World) {
    let member = world.as_member();
    let organization = async |body: Value| {
        let made = member.post("/api/v1/spaces", body).await;
        assert_eq!(made.status, 201, "{made}");
        made.json()["data"]["organizationId"].clone()
    };
    assert_eq!(organization(json!({"name": "Quay"})).await, json!(world.meridian));
    assert_eq!(organization(json!({"name": "Diary", "organizationId": null})).await, json!(null));
    assert_eq!(organization(json!({"name": "Diary", "organizationId": ""})).await, json!(null));
    let named = json!({"name": "Quay", "organizationId": world.meridian});
    assert_eq!(organization(named).await, json!(world.meridian));
    let count = async |query: &str| {
        let list = member.get(&format!("/api/v1/spaces?count=true&search=a&{query}")).await;
        list.header("x-total-count").map(str::to_owned)
    };
    // The world's own Harbour area and Vault area, and the two that were created.
    assert_eq!(count("").await.as_deref(), Some("4"));
    assert_eq!(count(&format!("organizationId={}", world.meridian)).await.as_deref(), Some("4"));
    assert_eq!(count("organizationId=").await.as_deref(), Some("2"));
}

async fn a_patch_changes_what_it_names(world: World) {
    let path = format!("/api/v1/spaces/{}", world.pier);
    let patch = json!({"status": "Archived", "currentStrength": 7.0, "projectId": world.harbour.id});
    let space = json!({"data": {
        "_id": world.pier,
        "name": "Pier",
        "description": null,
        "organizationId": world.meridian,
        "projectId": world.harbour.id,
        "status": "Archived",
        "priority": "none",
        "currentStrength": 7,
        "createdBy": world.id(Who::Member),
        "createdAt": MADE,
        "updatedAt": NOW,
    }});
    let merge = world.as_admin().request("PATCH", &path);
    merge.raw("application/merge-patch+json", patch.to_string()).await.is(200, space.clone());
    world.as_viewer().get(&path).await.is(200, space);
    // Any change of status is allowed.
    let back = world.as_member().patch(&path, json!({"status": "Draft"})).await.json();
    assert_eq!(back["data"]["status"], json!("Draft"));
}

async fn null_clears_what_may_be_empty(world: World) {
    let (member, path) = (world.as_member(), format!("/api/v1/spaces/{}", world.harbour.space));
    member.patch(&path, json!({"description": "Deep water"})).await;
    let cleared = member.patch(&path, json!({"description": null, "projectId": null})).await.json();
    assert_eq!(
        (&cleared["data"]["description"], &cleared["data"]["projectId"]),
        (&json!(null), &json!(null))
    );
    let nulls = json!({"name": null, "status": null, "priority": null, "currentStrength": null});
    member.patch(&path, nulls).await.names(&[
        ("/name", "NULL_NOT_ALLOWED"),
        ("/status", "NULL_NOT_ALLOWED"),
        ("/priority", "NULL_NOT_ALLOWED"),
        ("/currentStrength", "NULL_NOT_ALLOWED"),
    ]);
    assert_eq!(member.get(&path).await.json(), cleared);
}

async fn a_patch_that_changes_nothing_writes_nothing(world: World) {
    let (member, path) = (world.as_member(), format!("/api/v1/spaces/{}", world.pier));
    let before = member.get(&path).await.json();
    for patch in [json!({}), json!({"name": "Pier"}), json!({"name": " Pier ", "projectId": null})] {
        member.patch(&path, patch).await.is(200, before.clone());
    }
    assert_eq!(before["data"]["updatedAt"], json!(MADE));
    member.request("PATCH", &path).await.refuses(400, "INVALID_JSON");
}

async fn the_organization_is_fixed(world: World) {
    let (member, path) = (world.as_member(), format!("/api/v1/spaces/{}", world.pier));
    for value in [json!(null), json!(world.meridian), json!(world.borealis), json!(7)] {
        member
            .patch(&path, json!({"organizationId": value}))
            .await
            .names(&[("/organizationId", "IMMUTABLE")]);
    }
    for field in ["_id", "createdBy", "createdAt", "updatedAt", "id"] {
        let pointer = format!("/{field}");
        member.patch(&path, json!({field: "x"})).await.names(&[(&pointer, "UNKNOWN_FIELD")]);
        let body = json!({"name": "Quay", field: "x"});
        member.post("/api/v1/spaces", body).await.names(&[(&pointer, "UNKNOWN_FIELD")]);
    }
}

async fn a_space_is_deleted(world: World) {
    let (member, path) = (world.as_member(), format!("/api/v1/spaces/{}", world.pier));
    member.delete(&path).await.is(200, json!({"data": {}}));
    for response in
        [member.get(&path).await, member.delete(&path).await, member.patch(&path, json!({})).await]
    {
        response.refuses(404, "NOT_FOUND");
    }
}

async fn relations_are_included_by_name(world: World) {
    let admin = world.as_admin();
    let body = json!({"name": "Quay", "projectId": world.harbour.id});
    let made = admin.post("/api/v1/spaces", body).await.json();
    let path = format!("/api/v1/spaces/{}", made["data"]["_id"].as_str().expect("an id"));
    let project = json!({
        "id": world.harbour.id, "name": "Harbour", "description": null, "startDate": null, "endDate": null,
        "visibility": "organization", "createdAt": MADE, "updatedAt": MADE,
    });
    let organization =
        json!({"id": world.meridian, "name": "Meridian", "createdAt": MADE, "updatedAt": MADE});
    let with = |names: &[(&str, &Value)]| {
        let mut space = made.clone();
        for (name, value) in names {
            space["data"][*name] = (*value).clone();
        }
        space
    };
    let ada = ada(&world);
    let all = [("project", &project), ("organization", &organization), ("createdBy", &ada)];
    for (include, relations) in [
        ("project", &all[..1]),
        ("organization", &all[1..2]),
        ("createdBy", &all[2..]),
        ("project,organization", &all[..2]),
        ("all", &all),
    ] {
        let one = admin.get(&format!("{path}?include={include}")).await;
        one.is(200, with(relations));
        let list = admin.get(&format!("/api/v1/spaces?search=quay&include={include}")).await;
        list.is(200, json!({"data": [with(relations)["data"]]}));
    }
    admin.get(&path).await.is(200, made.clone());
    for include in ["", "owner", "project,", "project,project", "Project", "project,%20organization"] {
        let one = admin.get(&format!("{path}?include={include}")).await;
        assert_eq!((one.status, one.field_errors()[0].0.as_str()), (400, "?include"), "{one}");
    }
}

async fn relations_that_are_not_there_are_null(world: World) {
    // The private project is shown to a user on its roster, and is null for another member.
    let path = format!("/api/v1/spaces/{}?include=all", world.vault.space);
    let seen = world.as_project_member().get(&path).await.json();
    assert_eq!(seen["data"]["project"]["name"], json!("Vault"));
    let unseen = world.as_member().get(&path).await.json();
    assert_eq!(unseen["data"]["project"], json!(null));
    assert_eq!(unseen["data"]["createdBy"]["fullName"], json!("Barbara Liskov"));
    let list = world.as_member().get("/api/v1/spaces?search=vault&include=project").await.json();
    assert_eq!(list["data"][0]["project"], json!(null));

    let path = format!("/api/v1/spaces/{}?include=project", world.pier);
    assert_eq!(world.as_member().get(&path).await.json()["data"]["project"], json!(null));
    let path = format!("/api/v1/spaces/{}?include=all", world.garden.space);
    let own = world.as_project_member().get(&path).await.json();
    assert_eq!(own["data"]["organization"], json!(null));
    assert_eq!(own["data"]["project"]["name"], json!("Garden"));
    assert_eq!(own["data"]["createdBy"]["id"], json!(world.id(Who::ProjectMember)));
}
