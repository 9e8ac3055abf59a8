//! The examples of the document: each is sent, and must get the response that is written there.

use std::collections::BTreeSet;

use loggia_http::{BodyRule, ENDPOINTS, Endpoint, openapi};
use serde_json::{Map, Value, json};

use super::{committed, operation};
use crate::bad_input::filled;
use crate::harness::client::Request;
use crate::harness::{Store, run};
use crate::world::{Who, World};

/// Returns the body of an example, if the operation reads one. No example names a record, which would not exist elsewhere.
fn body(world: &World, id: &str) -> Option<Value> {
    Some(match id {
        "updateMe" => json!({"firstName": "Barbara", "avatar": "https://example.com/barbara.png"}),
        "createApiKey" => json!({"name": "nightly export", "ability": "read", "expiresAt": "2099-12-31"}),
        "rotateApiKey" => json!({"overlapSeconds": 3600}),
        "createOrganization" => json!({"name": "Harbour Works"}),
        "updateOrganization" => json!({"name": "Meridian Works"}),
        "addMembers" => json!({
            "email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik", "role": "member",
            "username": "jean", "employeeNumber": "42",
        }),
        "updateMember" => json!({"role": "viewer", "username": null}),
        "createMemberApiKey" => json!({"name": "build server", "ability": "write"}),
        "createInvitations" => json!({"email": "mary@example.com", "role": "viewer"}),
        "acceptInvitation" => json!({"token": world.token}),
        "createSpace" => json!({
            "name": "Quay", "description": "Everything about the *quay*.", "status": "Active", "priority": "high",
            "currentStrength": 7,
        }),
        "updateSpace" => json!({"status": "Archived", "description": null}),
        "createProject" => json!({
            "project_name": "Dry dock", "description": "Where ships are mended.", "start_date": "2026-03-01",
            "end_date": "2026-09-30T17:00:00+02:00", "visibility": "private",
        }),
        "updateProject" | "updateProjectWithSlash" => {
            json!({"project_name": "New harbour", "end_date": null})
        }
        "addProjectMembers" => json!({"user_node_id": world.id(Who::Member), "role": "member"}),
        "removeProjectMember" => json!({"member_node_id": world.id(Who::ProjectMember)}),
        "updateProjectMember" => json!({"role": "admin"}),
        "createTask" => json!({
            "task_no": "2.1", "task_name": "Paint the crane", "description": "Two coats.", "status": "in_progress",
            "start_date": "2026-03-01", "end_date": "2026-03-14",
        }),
        "updateTask" => json!({"status": "done", "end_date": "2026-03-10"}),
        _ => return None,
    })
}

/// Returns the query that makes the response of an example instructive.
fn query(id: &str) -> &'static str {
    match id {
        "listSpaces" => "?limit=2",
        "listMembers" => "?limit=2&role=member",
        "listProjects" => "?per_page=1&search=harbour",
        "listTasks" => "?status=in_progress",
        "listMyTasksByProject" => "?tasks_limit=1&per_page=1&status=done",
        _ => "",
    }
}

fn request(world: &World, endpoint: &Endpoint, id: &str) -> (Request, Option<Value>) {
    let target = format!("{}{}", filled(world, endpoint.path, endpoint.path), query(id));
    let who = if id == "listMyTasksByProject" { Who::ProjectMember } else { Who::Founder };
    let request = world.caller(who).request(endpoint.method, &target);
    match body(world, id) {
        Some(body) => (request.json(body.clone()), Some(body)),
        None => (request, None),
    }
}

/// A cursor as clients see it. Those of the responses end with a code by the secret of their instance, which is another one each time.
const CURSOR: &str = "AXsiYmFja3dhcmQiOmZhbHNlLCJ2YWx1ZSI6eyJuIjoxfSwiaWQiOiIwMTkzMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMzEiLCJzZWVuIjp7InJhbmsiOjEsInRvdGFsIjoyLCJwZXJfcGFnZSI6MX197xCvnQ_C9YwitsrocEo5Mw";

/// Replaces the secrets of a body, since documents must not contain anything that looks like a secret, and its cursor.
fn without_secret(mut body: Value) -> Value {
    if let Some(cursor) = body.pointer_mut("/next_cursor").filter(|cursor| cursor.is_string()) {
        *cursor = json!(CURSOR);
    }
    for (pointer, prefix) in [("/data/key", "lga_"), ("/data/token", "lgi_"), ("/token", "lgi_")] {
        if let Some(secret) = body.pointer_mut(pointer).filter(|secret| secret.is_string()) {
            *secret = json!(format!("{prefix}{}", "0".repeat(49)));
        }
    }
    body
}

#[test]
fn every_example_is_sent_and_gets_a_documented_response() {
    run(Store::Memory, async |mut world| {
        let document = openapi::document();
        let mut examples = Map::new();
        let mut untouched = true;
        for endpoint in ENDPOINTS {
            let operation = operation(&document, endpoint.method, endpoint.path);
            let id = operation["operationId"].as_str().unwrap();
            if endpoint.path == "/openapi.json" || endpoint.path.starts_with("/docs") {
                continue;
            }
            // Each write has a world of its own, so that no example depends on those before it.
            if !untouched {
                world = world.again().await;
            }
            let (request, body) = request(&world, endpoint, id);
            let response = request.await;
            assert!((200..300).contains(&response.status), "{id}: {response}");
            untouched = endpoint.method == "GET";
            let mut example = Map::new();
            example.extend(body.map(|body| ("request".to_owned(), without_secret(body))));
            // A response without a body has no example.
            if response.status != 204 {
                example.insert("answer".to_owned(), without_secret(response.json()));
            }
            if !example.is_empty() {
                examples.insert(id.to_owned(), Value::Object(example));
            }
        }
        let with_body: BTreeSet<_> = examples
            .iter()
            .filter(|(_, example)| example.get("request").is_some())
            .map(|(id, _)| id)
            .collect();
        assert_eq!(
            with_body.len(),
            ENDPOINTS.iter().filter(|endpoint| endpoint.body_rule() != BodyRule::None).count()
        );
        let text = serde_json::to_string_pretty(&examples).unwrap() + "\n";
        committed("crates/http/src/document/openapi/examples.json", &text);
    });
}

#[test]
fn every_request_and_response_body_has_an_example() {
    let document = openapi::document();
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.action.is_some()) {
        let operation = operation(&document, endpoint.method, endpoint.path);
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        let responses = operation["responses"].as_object().unwrap().iter();
        let responses = responses.filter(|(status, _)| status.starts_with('2')).map(|(_, response)| response);
        let responses = responses.filter_map(|response| response["content"].as_object()).flatten();
        for (_, content) in bodies.chain(responses) {
            assert!(
                content["examples"]["example"]["value"].is_object(),
                "{} {}",
                endpoint.method,
                endpoint.path
            );
        }
    }
}
