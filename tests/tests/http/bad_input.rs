//! Validation of bodies: every field rejects invalid values by name, and nothing is written (issue 2, "must show" 5; promises B31, B32).

use std::collections::BTreeSet;

use loggia_domain::event::{SubjectKind, Verb};
use loggia_domain::scope::Scope;
use loggia_http::{BodyRule, ENDPOINTS};
use loggia_testkit::{builders, seed};
use serde_json::{Value, json};

use crate::bad_input_table::{BODIES, Body, Kind, Need};
use crate::bad_input_values::{Verdict, values};
use crate::harness::client::Request;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Who, World};

on_every_store!(
    an_invalid_value_is_reported_and_nothing_is_written,
    a_valid_value_is_accepted_up_to_its_limits,
    all_errors_of_a_body_are_reported_together,
    unknown_and_repeated_fields_are_refused,
    missing_required_fields_are_reported,
    a_batch_is_one_to_a_hundred_people,
);

#[test]
fn every_body_is_in_the_table() {
    let table: BTreeSet<_> =
        BODIES.iter().map(|body| (body.method, body.path, format!("{:?}", body.rule))).collect();
    let with_body = ENDPOINTS.iter().filter(|endpoint| endpoint.body_rule() != BodyRule::None);
    let served =
        with_body.map(|endpoint| (endpoint.method, endpoint.path, format!("{:?}", endpoint.body_rule())));
    assert_eq!(table, served.collect());
}

/// Replaces the placeholders with the world's ids. The caller is Barbara, who may do everything, and the project is the harbour.
pub(crate) fn filled(world: &World, path: &str, text: &str) -> String {
    let id = if path.contains("tasks/") { &world.harbour.free_task } else { &world.pier };
    let node = if path.contains("tasks/") { id } else { &world.harbour.id };
    let user = if path.ends_with("add-member") { Who::Member } else { Who::ProjectMember };
    text.replace("{id}", if path.contains("organizations") { &world.meridian } else { id })
        .replace("{node_id}", node)
        .replace("{user_node_id}", world.id(Who::ProjectMember))
        .replace("{userId}", world.id(Who::Own))
        .replace("{code}", "NOT_FOUND")
        .replace("{file}", "swagger-ui.css")
        .replace("{keyId}", if path.contains("/members/") { &world.badge } else { &world.spare })
        .replace("{invitationId}", &world.invitation)
        .replace("{token}", &world.token)
        .replace("{space}", &world.pier)
        .replace("{project}", &world.harbour.id)
        .replace("{organization}", &world.meridian)
        .replace("{user}", world.id(user))
}

fn send(world: &World, body: &Body, json: &str) -> Request {
    let json = filled(world, body.path, json);
    let path = filled(world, body.path, body.path);
    world.as_founder().request(body.method, &path).raw("application/json", json)
}

/// Returns the smallest body with that field set to `value`, which is JSON text.
fn with(body: &Body, name: &str, value: &str) -> String {
    let mut fields: Vec<(String, String)> = Vec::new();
    let smallest: Value = serde_json::from_str(body.smallest).unwrap();
    for (known, value) in smallest.as_object().unwrap() {
        // Both names of the user to remove mean the same and must not contradict each other.
        let namesake = body.path.ends_with("remove-member") && name == "user_node_id";
        if known != name && !namesake {
            fields.push((known.clone(), value.to_string()));
        }
    }
    fields.push((name.to_owned(), value.to_owned()));
    object(&fields)
}

fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// Returns the path of Margaret's keys for Meridian.
pub(crate) fn member_keys(world: &World) -> String {
    format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, world.id(Who::Own))
}

/// Returns everything that is stored, as its owners see it, and all events.
pub(crate) async fn dump(world: &World) -> Vec<String> {
    let mut parts = Vec::new();
    let harbour = &world.harbour.id;
    for path in [
        "/api/v1/organizations".to_owned(),
        format!("/api/v1/organizations/{}/members?limit=100", world.meridian),
        member_keys(world),
        format!("/api/v1/organizations/{}/invitations?limit=100", world.meridian),
        "/api/v1/api-keys".to_owned(),
        "/api/v1/spaces?limit=100".to_owned(),
        "/api/v1/spaces?organizationId=".to_owned(),
        "/v2/projects?per_page=100".to_owned(),
        "/v2/projects?organization_id=".to_owned(),
        format!("/v2/projects/{harbour}/members?per_page=100"),
        format!("/v2/projects/{harbour}/tasks?per_page=100"),
    ] {
        let response = world.as_founder().get(&path).await;
        assert_eq!(response.status, 200, "{path}: {response}");
        parts.push(String::from_utf8(response.bytes).unwrap());
    }
    all_events_show(world).await;
    let founder = world.person(Who::Founder);
    for scope in [Scope::Organization(founder.organization), Scope::Personal(founder.user)] {
        let events = world.ports().views.events(scope, None, 10_000).await.unwrap();
        assert!(events.len() < 10_000, "all of them");
        parts.push(format!("{events:?}"));
    }
    parts
}

/// Waits until all events show. On Postgres an event shows once all transactions that began before it have ended, including refused ones
/// that are still to be rolled back. So an event that is written now, for another user, shows after all of them.
async fn all_events_show(world: &World) {
    let (ports, scope) = (world.ports(), Scope::Personal(world.person(Who::Stranger).user));
    let last = builders::event(&ports, scope, SubjectKind::Space, ports.ids.next(), Verb::Updated);
    seed::events(&ports, std::slice::from_ref(&last)).await;
    loop {
        let events = ports.views.events(scope, None, 10_000).await.unwrap();
        if events.iter().any(|(_, event)| event.id == last.id) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[track_caller]
fn judge(response: &Response, verdict: Verdict, location: &str, said: &str) {
    let named: Vec<_> = match verdict {
        Verdict::Fine => {
            assert!((200..300).contains(&response.status), "{said}: {response}");
            return;
        }
        Verdict::Invalid(code) => {
            assert_eq!(response.problem(), (400, "VALIDATION_FAILED".to_owned()), "{said}: {response}");
            vec![(location.to_owned(), code.to_owned())]
        }
        Verdict::Nobody => {
            assert_eq!(response.problem(), (404, "USER_NOT_FOUND".to_owned()), "{said}: {response}");
            vec![(location.to_owned(), "USER_NOT_FOUND".to_owned())]
        }
        Verdict::NoInvitation => {
            assert_eq!(response.problem(), (404, "INVITATION_NOT_FOUND".to_owned()), "{said}: {response}");
            Vec::new()
        }
    };
    assert_eq!(response.field_errors(), named, "{said}: {response}");
}

/// Describes a request, short enough to be read.
fn shown(body: &Body, json: &str) -> String {
    format!("{} {} {}", body.method, body.path, json.chars().take(120).collect::<String>())
}

async fn an_invalid_value_is_reported_and_nothing_is_written(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        for (name, need, kind) in body.fields {
            for (value, verdict) in values(*kind, *need) {
                if verdict == Verdict::Fine {
                    continue;
                }
                let json = with(body, name, &value);
                judge(&send(&world, body, &json).await, verdict, &format!("/{name}"), &shown(body, &json));
            }
        }
        assert_eq!(dump(&world).await, before, "{} {}", body.method, body.path);
    }
}

async fn a_valid_value_is_accepted_up_to_its_limits(first: World) {
    for body in BODIES {
        let mut world = first.again().await;
        for (name, need, kind) in body.fields {
            for (value, verdict) in values(*kind, *need) {
                if verdict != Verdict::Fine {
                    continue;
                }
                let json = with(body, name, &value);
                judge(&send(&world, body, &json).await, verdict, "", &shown(body, &json));
                // A second request would fail: the person is a member, invited or removed already, an accepted token has ended, and a
                // replaced key may have.
                let once = ["-member", "/members", "/invitations", "/accept", "/rotate"];
                if once.iter().any(|end| body.path.ends_with(end)) {
                    world = world.again().await;
                }
            }
        }
    }
}

/// Returns a value of another type.
fn wrong(kind: &Kind) -> &'static str {
    if matches!(kind, Kind::Flag) { "7" } else { "true" }
}

async fn all_errors_of_a_body_are_reported_together(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        let mut fields: Vec<_> =
            body.fields.iter().map(|(name, _, kind)| ((*name).to_owned(), wrong(kind).to_owned())).collect();
        fields.push(("colour".to_owned(), "\"red\"".to_owned()));
        let json = object(&fields);
        let response = send(&world, body, &json).await;
        assert_eq!(response.problem(), (400, "VALIDATION_FAILED".to_owned()), "{response}");
        let code = |kind: &Kind| if matches!(kind, Kind::Immutable) { "IMMUTABLE" } else { "WRONG_TYPE" };
        let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
        for (name, _, kind) in body.fields {
            expected.insert((format!("/{name}"), code(kind).to_owned()));
        }
        expected.insert(("/colour".to_owned(), "UNKNOWN_FIELD".to_owned()));
        let named = response.field_errors();
        assert_eq!(named.len(), expected.len(), "each once: {response}");
        assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), expected, "{}", shown(body, &json));
    }
    assert_eq!(dump(&world).await, before);
}

async fn unknown_and_repeated_fields_are_refused(world: World) {
    /// Fields that the service alone decides (promise B24), names in another case, and names that a pointer must escape.
    const UNKNOWN: [&str; 18] = [
        "colour",
        "",
        "id",
        "_id",
        "node_id",
        "scope",
        "revision",
        "version",
        "createdBy",
        "created_by",
        "createdAt",
        "updatedAt",
        "number",
        "Name",
        "NAME",
        "name\u{0}",
        "a/b~c",
        "member_id",
    ];
    let before = dump(&world).await;
    for body in BODIES {
        for name in UNKNOWN {
            let json = with(body, name, "1");
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let response = send(&world, body, &json).await;
            judge(&response, Verdict::Invalid("UNKNOWN_FIELD"), &pointer, &shown(body, &json));
        }
        for (name, need, kind) in body.fields {
            let good = values(*kind, *need).into_iter().find(|(_, verdict)| *verdict == Verdict::Fine);
            // A field that is always refused has no good value.
            let Some((good, _)) = good else { continue };
            // A repeated name, spelled plainly and with an escape.
            let escaped = format!("\\u{:04x}{}", u32::from(name.chars().next().unwrap()), &name[1..]);
            for twin in [*name, &escaped] {
                let once = with(body, name, &good);
                let json = format!("{},\"{twin}\":{good}}}", &once[..once.len() - 1]);
                let response = send(&world, body, &json).await;
                let location = format!("/{name}");
                judge(&response, Verdict::Invalid("DUPLICATE_FIELD"), &location, &shown(body, &json));
            }
        }
        assert_eq!(dump(&world).await, before, "{} {}", body.method, body.path);
    }
}

async fn missing_required_fields_are_reported(world: World) {
    let before = dump(&world).await;
    for body in BODIES {
        let required: Vec<_> = body.fields.iter().filter(|(_, need, _)| *need == Need::Required).collect();
        if !required.is_empty() {
            let response = send(&world, body, "{}").await;
            let locations: Vec<_> = required.iter().map(|(name, _, _)| format!("/{name}")).collect();
            let errors: Vec<_> = locations.iter().map(|location| (location.as_str(), "REQUIRED")).collect();
            response.names(&errors);
        }
        assert_eq!(required.is_empty(), body.smallest == "{}", "{} {}", body.method, body.path);
    }
    assert_eq!(dump(&world).await, before);
}

async fn a_batch_is_one_to_a_hundred_people(world: World) {
    let path = format!("/v2/projects/{}/add-member", world.harbour.id);
    let person = |number: usize| json!({"user_node_id": format!("01930000-0000-7000-8000-{number:012x}")});
    let batch = |count: usize| Value::from((0xdead_0000..).take(count).map(person).collect::<Vec<_>>());
    let before = dump(&world).await;
    let post = |body: Value| world.as_founder().post(&path, body);
    post(json!([])).await.names(&[("", "TOO_SHORT")]);
    post(batch(101)).await.names(&[("", "TOO_LONG")]);
    // A list of a hundred people is parsed; its ids are valid, but unknown.
    let response = post(batch(100)).await;
    response.refuses(404, "USER_NOT_FOUND");
    assert_eq!(response.field_errors(), [("/0/user_node_id".to_owned(), "USER_NOT_FOUND".to_owned())]);
    post(json!([person(1), person(2), person(1)])).await.names(&[("/2/user_node_id", "DUPLICATE_VALUE")]);
    post(json!([person(1), {"user_node_id": "quay"}, person(1), person(1)])).await.names(&[
        ("/1/user_node_id", "INVALID_ID"),
        ("/2/user_node_id", "DUPLICATE_VALUE"),
        ("/3/user_node_id", "DUPLICATE_VALUE"),
    ]);
    let bad = json!([person(1), 7, {"user_node_id": null}, {"role": "Admin"}, [], {"user_node_id": "quay", "x": 1}]);
    post(bad).await.names(&[
        ("/1", "WRONG_TYPE"),
        ("/2/user_node_id", "NULL_NOT_ALLOWED"),
        ("/3/user_node_id", "REQUIRED"),
        ("/3/role", "NOT_ALLOWED"),
        ("/4", "WRONG_TYPE"),
        ("/5/user_node_id", "INVALID_ID"),
        ("/5/x", "UNKNOWN_FIELD"),
    ]);
    // A display id identifies no user, and two different ones are not duplicates.
    let response = post(json!([{"user_node_id": 1}, {"user_node_id": "2"}])).await;
    response.refuses(404, "USER_NOT_FOUND");
    // All or none: the last user is unknown, so the first one is not added.
    let grace = json!({"user_node_id": world.id(Who::Member)});
    let response = post(json!([grace, person(1)])).await;
    response.refuses(404, "USER_NOT_FOUND");
    assert_eq!(response.field_errors(), [("/1/user_node_id".to_owned(), "USER_NOT_FOUND".to_owned())]);
    assert_eq!(dump(&world).await, before);
}
