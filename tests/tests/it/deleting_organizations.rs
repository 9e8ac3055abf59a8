//! The operator deletes an organization beside a running server.

use serde_json::{Value, json};

use crate::harness::{Home, member, on_every_engine, text};

on_every_engine!(
    the_extent_of_a_deletion_is_printed_and_nothing_is_deleted_without_confirmation,
    an_organization_is_deleted_beside_a_server_and_accounts_stay,
);

/// Fills an organization, and returns the output of the demo.
fn demo(home: &Home) -> Value {
    let figures = ["--people", "5", "--projects", "8", "--tasks", "700", "--spaces", "10"];
    home.json(&[&["demo"], &figures[..], &["--json"]].concat())
}

fn names(home: &Home) -> Vec<String> {
    let listed = home.json(&["organizations", "list", "--json"]);
    let organizations = listed["organizations"].as_array().unwrap();
    organizations.iter().map(|organization| member(organization, "name").to_owned()).collect()
}

fn the_extent_of_a_deletion_is_printed_and_nothing_is_deleted_without_confirmation(home: Home) {
    let filled = demo(&home);
    let id = member(&filled, "organizationId");
    let listed = home.json(&["organizations", "list", "--json"]);
    let created_at = member(&listed["organizations"][0], "createdAt");
    let shape =
        json!([{"organizationId": id, "name": "Harbour Works", "state": "open", "createdAt": created_at}]);
    assert_eq!(listed["organizations"], shape);
    let extent = home.json(&["organizations", "delete", id, "--json"]);
    assert_eq!(
        extent,
        json!({
            "organizationId": id, "name": "Harbour Works", "closedAt": null, "members": 5, "ownUsers": 4, "keys": 0,
            "invitations": 0, "spaces": 10, "projects": 8, "tasks": 700, "deleted": false,
        })
    );
    let output = home.run(&["organizations", "delete", id]);
    assert!(output.status.success());
    let printed = text(&output.stdout);
    assert!(printed.contains("Harbour Works") && printed.contains("700 tasks"), "{printed}");
    assert!(text(&output.stderr).contains("--yes"));
    assert_eq!(names(&home), ["Harbour Works"]);
}

fn an_organization_is_deleted_beside_a_server_and_accounts_stay(home: Home) {
    let filled = demo(&home);
    let (id, key) = (member(&filled, "organizationId"), Some(member(&filled, "apiKey")));
    let other = home.bootstrap("grace@example.com");
    let server = home.serve();
    let path = format!("/api/v1/organizations/{id}");
    assert_eq!(server.get(&path, key).status, 200);
    let extent = home.json(&["organizations", "delete", id, "--yes", "--json"]);
    assert_eq!((extent["tasks"].clone(), extent["deleted"].clone()), (json!(700), json!(true)));

    assert_eq!(server.get(&path, key).status, 404);
    let me = server.get("/api/v1/me", key).json();
    assert_eq!(me["data"]["user"]["id"], filled["userId"], "the account and its key stay");
    assert_eq!(server.get("/api/v1/organizations", key).json()["data"], json!([]));
    assert_eq!(
        server.get("/api/v1/spaces", key).json()["data"],
        json!([]),
        "its own scope is the default now"
    );
    let path = format!("/api/v1/organizations/{}", member(&other, "organizationId"));
    assert_eq!(server.get(&path, Some(member(&other, "apiKey"))).status, 200);
    assert_eq!(names(&home).len(), 1);

    let again = home.run(&["organizations", "delete", id, "--yes"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains(&format!("there is no organization {id}")), "{again:?}");
}

#[test]
fn a_malformed_id_names_no_organization() {
    let output = Home::new().run(&["organizations", "delete", "Harbour Works"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
