//! The JSON output of the commands, which scripts read.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Home, member, on_every_engine};

on_every_engine!(
    the_demo_reports_what_it_created_and_gives_a_key,
    keys_are_listed_and_revoked_in_json,
    a_migration_reports_both_versions_in_json,
);

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn the_demo_reports_what_it_created_and_gives_a_key(home: Home) {
    let figures = ["--people", "5", "--projects", "8", "--tasks", "60", "--spaces", "10"];
    let made = home.json(&[&["demo"], &figures[..], &["--json"]].concat());
    let counts = ["people", "projects", "tasks", "spaces"].map(|name| made[name].clone());
    assert_eq!(counts, [json!(5), json!(8), json!(60), json!(10)]);

    let server = home.serve();
    let key = Some(member(&made, "apiKey"));
    assert_eq!(server.get("/api/v1/me", key).json()["data"]["user"]["id"], made["userId"]);
    let projects = server.get("/v2/projects?per_page=100", key).json();
    assert_eq!(projects["total"], 8);
    let tasks = projects["result"].as_array().unwrap().iter().map(|project| {
        let path = format!("/v2/projects/{}/tasks", member(project, "node_id"));
        server.get(&path, key).json()["total"].as_u64().unwrap()
    });
    assert_eq!(tasks.sum::<u64>(), 60);
    let spaces = server.get("/api/v1/spaces?limit=100", key).json();
    assert_eq!(spaces["data"].as_array().map(Vec::len), Some(10));
}

fn keys_are_listed_and_revoked_in_json(home: Home) {
    let made = home.bootstrap("ada@example.com");
    let listed = home.json(&["keys", "list", "--email", "ada@example.com", "--json"]);
    let key = &listed["keys"][0];
    let shape = json!({"keys": [{
        "keyId": key["keyId"], "name": "bootstrap", "state": "live", "ability": "write", "createdAt": key["createdAt"],
        "organizationId": made["organizationId"], "onlyOrganizationId": null, "expiresAt": null, "revokedAt": null,
    }]});
    assert_eq!(listed, shape);
    let id = member(key, "keyId");
    let revoked = home.json(&["keys", "revoke", id, "--json"]);
    let revoked_at = member(&revoked, "revokedAt");
    assert_eq!(revoked, json!({"keyId": id, "revokedAt": revoked_at, "revokedDescendants": 0}));
}

fn a_migration_reports_both_versions_in_json(home: Home) {
    let first = home.json(&["migrate", "--json"]);
    let now = first["to"].as_i64().unwrap();
    assert!(now > 0);
    assert_eq!(first, json!({"from": 0, "to": now}));
    assert_eq!(home.json(&["migrate", "--json"]), json!({"from": now, "to": now}));
}

#[cfg(unix)]
#[test]
fn a_store_that_others_can_open_is_restricted_to_its_owner_and_reported() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    home.bootstrap("ada@example.com");
    let file = home.path().join("loggia.db");
    let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(), 0o600, "it is made so");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut server = home.serve();
    let said = server.printed_until(|text| text.contains("only its owner can"));
    assert!(said.contains("0644") && said.contains("loggia.db"), "{said}");
    assert_eq!(mode(), 0o600);
    for beside in ["loggia.db-wal", "loggia.db-shm"] {
        let mode = std::fs::metadata(home.path().join(beside)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{beside}");
    }
}

#[test]
fn the_description_of_the_api_is_printed_without_a_store() {
    let printed =
        Home::new().command(&["openapi"]).env("LOGGIA_DATABASE_URL", "mysql://nowhere").output().unwrap();
    assert!(printed.status.success());
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    // The printed document is that of `GET /openapi.json`, which another test compares with the same file.
    assert!(printed.stdout == std::fs::read(committed).unwrap(), "docs/openapi.json equals the output");
}

#[test]
fn the_routes_are_listed_in_json() {
    let listed = Home::new().json(&["routes", "--json"]);
    assert_eq!(names(&listed), ["routes"]);
    let routes = listed["routes"].as_array().unwrap();
    let making =
        routes.iter().find(|route| route["path"] == "/api/v1/spaces" && route["method"] == "POST").unwrap();
    assert_eq!(names(making), ["ability", "action", "method", "path", "summary", "who"]);
    assert_eq!(making["ability"], "write");
}
