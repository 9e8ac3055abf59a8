//! Safe retries: a request with an `Idempotency-Key` is done once, and a retry gets the stored response (contract, section 2; promises B12
//! and B13).

use std::collections::BTreeSet;

use loggia_domain::user::MemberPatch;
use loggia_http::{BodyRule, ENDPOINTS};
use serde_json::{Value, json};

use crate::bad_input::{dump, filled};
use crate::bad_input_table::{BODIES, Body};
use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    every_post_and_patch_is_done_once,
    every_post_without_a_body_is_done_once,
    a_replayed_response_equals_the_first,
    the_same_key_for_another_request_is_refused,
    a_key_belongs_to_a_user_and_to_the_reach_of_their_api_key,
    a_deactivated_member_gets_no_stored_response,
    a_refused_request_stores_no_response,
    a_replay_ignores_changes_since_the_first_request,
    a_request_with_the_same_key_a_day_later_is_a_new_one,
    a_malformed_key_is_reported,
    get_and_delete_ignore_the_key,
    an_api_key_that_only_reads_reserves_no_idempotency_key,
);

/// The header that marks a replayed response.
const REPLAYED: &str = "idempotent-replayed";

trait Keyed {
    fn once(self, key: &str) -> Self;
}

impl Keyed for Request {
    fn once(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }
}

/// Returns the parts of a response that do not belong to its connection.
fn own(response: &Response) -> (u16, Vec<(String, String)>, String) {
    let mut headers = response.headers.clone();
    headers.retain(|(name, _)| name != "x-request-id" && name != REPLAYED);
    headers.sort();
    (response.status, headers, String::from_utf8(response.bytes.clone()).unwrap())
}

#[track_caller]
fn repeats(response: &Response, first: &Response) {
    assert_eq!(own(response), own(first));
    assert_eq!(response.header(REPLAYED), Some("true"), "{response}");
    assert_eq!(first.header(REPLAYED), None, "{first}");
}

/// The paths whose responses show a secret.
const SECRET: [&str; 4] = [
    "/api/v1/api-keys",
    "/api/v1/api-keys/{keyId}/rotate",
    "/api/v1/organizations/{id}/members/{userId}/api-keys",
    "/api/v1/organizations/{id}/invitations",
];

/// The one that reads no body and shows a secret, which `contract_invitations` tests.
const RESEND: (&str, &str) = ("POST", "/api/v1/organizations/{id}/invitations/{invitationId}/resend");

/// Returns the endpoints that take a key, read no body and show no secret.
fn without_body() -> impl Iterator<Item = (&'static str, &'static str)> {
    let taking = ENDPOINTS.iter().filter(|endpoint| endpoint.takes_idempotency_key());
    let taking = taking.filter(|endpoint| endpoint.body_rule() == BodyRule::None);
    taking.map(|endpoint| (endpoint.method, endpoint.path)).filter(|endpoint| *endpoint != RESEND)
}

#[test]
fn every_post_and_patch_is_tested() {
    let bodies = BODIES.iter().map(|body| (body.method, body.path));
    let tested: BTreeSet<_> = bodies.chain(without_body()).chain([RESEND]).collect();
    let taking = ENDPOINTS.iter().filter(|endpoint| endpoint.takes_idempotency_key());
    assert_eq!(tested, taking.map(|endpoint| (endpoint.method, endpoint.path)).collect());
    let writing = ENDPOINTS.iter().filter(|endpoint| matches!(endpoint.method, "POST" | "PATCH"));
    assert!(writing.clone().all(|endpoint| endpoint.takes_idempotency_key()));
    assert_eq!(tested.len(), writing.count());
}

async fn every_post_and_patch_is_done_once(world: World) {
    let founder = world.as_founder();
    // A person is removed from the roster last, after everything that needs the membership.
    let last = |body: &&Body| body.path.ends_with("remove-member");
    let bodies = BODIES.iter().filter(|body| !last(body)).chain(BODIES.iter().filter(last));
    for (number, body) in bodies.enumerate() {
        let (what, key) = (format!("{} {}", body.method, body.path), format!("write-{number}"));
        let path = filled(&world, body.path, body.path);
        let json = filled(&world, body.path, body.smallest);
        let request = |json: &str| founder.request(body.method, &path).raw("application/json", json);
        let first = request(&json).once(&key).await;
        assert!((200..300).contains(&first.status), "{what}: {first}");
        let done = dump(&world).await;
        for name in [key.clone(), format!("\"{key}\"")] {
            let again = request(&json).once(&name).await;
            if SECRET.contains(&body.path) {
                again.refuses(409, "SECRET_ALREADY_SHOWN");
                let data = first.json()["data"].take();
                let secret = data["key"].as_str().or(data["token"].as_str()).unwrap();
                assert!(!again.to_string().contains(secret), "{what}");
            } else {
                repeats(&again, &first);
            }
        }
        request(&format!("{json} ")).once(&key).await.refuses(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(dump(&world).await, done, "{what}: it was done once");
    }
}

async fn every_post_without_a_body_is_done_once(world: World) {
    for (method, path) in without_body() {
        let world = world.again().await;
        let founder = world.as_founder();
        let request = || founder.request(method, &filled(&world, path, path)).once("write");
        let first = request().await;
        assert!((200..300).contains(&first.status), "{method} {path}: {first}");
        let done = dump(&world).await;
        repeats(&request().await, &first);
        assert_eq!(dump(&world).await, done, "{method} {path}: it was done once");
    }
}

async fn a_replayed_response_equals_the_first(world: World) {
    let founder = world.as_founder();
    let project = format!("/v2/projects/{}", world.harbour.id);
    let people = json!([{"user_node_id": world.id(Who::Member)}, {"user_node_id": world.id(Who::Viewer)}]);
    let newcomers = json!([{"email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik"}]);
    let awkward = json!({"name": "Straße \u{1F6A2} \"quay\" \\ \u{7FF}", "description": "a\n\tb\u{2028}"});
    let requests = || {
        [
            // No body, an empty patch, a patch that changes nothing, arrays, and text that is not easily stored.
            (founder.request("PATCH", &project), 204),
            (founder.request("PATCH", &format!("{project}/")), 204),
            (founder.patch(&project, json!({})), 204),
            (founder.patch(&project, json!({"project_name": "Harbour"})), 200),
            (founder.patch(&format!("/api/v1/organizations/{}", world.meridian), json!({})), 200),
            (founder.post(&format!("{project}/add-member"), people.clone()), 201),
            (
                founder.post(&format!("/api/v1/organizations/{}/members", world.meridian), newcomers.clone()),
                201,
            ),
            (founder.post("/api/v1/spaces", awkward.clone()), 201),
            (founder.post(&format!("{project}/tasks?dottie=true"), json!({"task_name": "Paint"})), 201),
        ]
    };
    let mut first = Vec::new();
    for (number, (request, status)) in requests().into_iter().enumerate() {
        let response = request.once(&format!("response-{number}")).await;
        assert_eq!(response.status, status, "{response}");
        first.push(response);
    }
    // The project changes in between; the stored response stays.
    founder.patch(&project, json!({"project_name": "Quay"})).await;
    let done = dump(&world).await;
    for (number, (request, _)) in requests().into_iter().enumerate() {
        repeats(&request.once(&format!("response-{number}")).await, &first[number]);
    }
    assert_eq!(dump(&world).await, done);
}

async fn the_same_key_for_another_request_is_refused(world: World) {
    let founder = world.as_founder();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let task = json!({"task_name": "Paint"});
    let first = founder.post(&tasks, task.clone()).once("k").await;
    assert_eq!(first.status, 201, "{first}");
    let done = dump(&world).await;
    let text = task.to_string();
    for other in [
        founder.post(&tasks, json!({"task_name": "Point"})),
        founder.post(&format!("{tasks}?dottie=false"), task.clone()),
        founder.request("POST", &tasks).raw("application/json; charset=utf-8", text.clone()),
        founder.request("POST", &tasks).raw("application/json", format!("\n{text}")),
        // Other errors of the request are not even looked at.
        founder.post(&tasks, json!({"surprise": 1})),
        founder.request("POST", &tasks).raw("application/json", "{"),
    ] {
        let refused = other.once("k").await;
        refused.refuses(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(refused.header(REPLAYED), None, "{refused}");
    }
    assert_eq!(dump(&world).await, done);
    repeats(&founder.post(&tasks, task.clone()).once("k").await, &first);
    // A different path, method or key makes a different request; keys that differ in case are different.
    let vault = format!("/v2/projects/{}/tasks", world.vault.id);
    let made: Vec<_> = [
        founder.post(&vault, task.clone()).once("k").await,
        founder.post(&tasks, task.clone()).once("K").await,
        founder.post("/v2/projects", json!({"project_name": "Quay"})).once("k").await,
        founder
            .patch(&format!("/v2/projects/{}", world.vault.id), json!({"project_name": "Quay"}))
            .once("k")
            .await,
    ]
    .into();
    for response in &made {
        assert!(matches!(response.status, 200 | 201), "{response}");
        assert_eq!(response.header(REPLAYED), None, "{response}");
    }
}

async fn a_key_belongs_to_a_user_and_to_the_reach_of_their_api_key(world: World) {
    let quay = || json!({"name": "Quay", "organizationId": world.meridian});
    let make = async |client: &Client| client.post("/api/v1/spaces", quay()).once("shared").await;
    let margaret = world.as_project_member();
    let first = make(&margaret).await;
    assert_eq!(first.status, 201, "{first}");
    // Other users have reservations of their own, and so has a confined key of the same user.
    let confined = world.with_key(Who::ProjectMember, Key::Confined).await;
    let mut ids = BTreeSet::from([first.json()["data"]["_id"].to_string()]);
    for client in [world.as_founder(), world.as_member(), world.as_project_admin(), confined.clone()] {
        let made = make(&client).await;
        assert_eq!((made.status, made.header(REPLAYED)), (201, None), "{made}");
        assert!(ids.insert(made.json()["data"]["_id"].to_string()), "{made}");
    }
    for client in [world.as_stranger(), world.as_former_member()] {
        make(&client).await.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
    }
    world.as_viewer().post("/api/v1/spaces", quay()).once("shared").await.refuses(403, "FORBIDDEN");
    world.as_nobody().post("/api/v1/spaces", quay()).once("shared").await.refuses(401, "UNAUTHENTICATED");
    // Any key of the user with the same reach gets the response, even a later one.
    let other = world.with_key(Who::ProjectMember, Key::Full).await;
    repeats(&make(&other).await, &first);
    let own = world.with_key(Who::ProjectMember, Key::Confined).await;
    let again = make(&own).await;
    assert_eq!((again.status, again.header(REPLAYED)), (201, Some("true")), "{again}");
    assert_ne!(again.bytes, first.bytes, "the narrow key's response is its own");
    // A key that does not reach the personal scope gets no stored response of a write there.
    let personal = || json!({"name": "Attic", "organizationId": ""});
    let attic = margaret.post("/api/v1/spaces", personal()).once("own").await;
    assert_eq!(attic.status, 201, "{attic}");
    let refused = confined.post("/api/v1/spaces", personal()).once("own").await;
    refused.refuses(403, "NO_ACCESS_TO_ORGANIZATION");
}

async fn a_deactivated_member_gets_no_stored_response(world: World) {
    let admin = world.as_admin();
    let organization = format!("/api/v1/organizations/{}", world.meridian);
    let project = format!("/v2/projects/{}", world.harbour.id);
    let requests = |admin: &Client| {
        [
            admin.post("/api/v1/spaces", json!({"name": "Quay"})),
            admin.patch(&format!("/api/v1/spaces/{}", world.pier), json!({"name": "Quay"})),
            admin.patch(&format!("/api/v1/spaces/{}", world.pier), json!({})),
            admin.patch(&organization, json!({"name": "Quay"})),
            admin.patch(&organization, json!({})),
            admin.patch(&project, json!({"project_name": "Quay"})),
            admin.patch(&project, json!({})),
            admin.patch(
                &format!("{organization}/members/{}", world.id(Who::Own)),
                json!({"firstName": "Eve"}),
            ),
            admin.patch(&format!("{organization}/members/{}", world.id(Who::Own)), json!({})),
            admin.post("/v2/projects", json!({"project_name": "Quay"})),
        ]
    };
    let mut first = Vec::new();
    for (number, request) in requests(&admin).into_iter().enumerate() {
        let response = request.once(&format!("out-{number}")).await;
        assert!(response.status < 300, "{response}");
        first.push(response);
    }
    let own = admin.post("/api/v1/spaces", json!({"name": "Attic", "organizationId": ""})).once("own").await;
    let (person, founder) = (world.person(Who::Admin), world.as_founder());
    let member = format!("{organization}/members/{}", person.id);
    assert_eq!(founder.delete(&member).await.status, 200);
    for (number, request) in requests(&admin).into_iter().enumerate() {
        let refused = request.once(&format!("out-{number}")).await;
        assert_eq!(refused.problem(), (403, "NO_ACCESS_TO_ORGANIZATION".to_owned()), "{number}: {refused}");
    }
    let again =
        admin.post("/api/v1/spaces", json!({"name": "Attic", "organizationId": ""})).once("own").await;
    repeats(&again, &own);
    // After a readmission the user gets the stored responses again, but not with a key from before.
    let back = MemberPatch { active: Some(true), ..MemberPatch::default() };
    let operator = world.loggia.operator();
    operator.update_member(person.organization, person.user, back).await.unwrap();
    for (number, request) in requests(&admin).into_iter().enumerate() {
        let refused = request.once(&format!("out-{number}")).await;
        assert_eq!(refused.problem(), (403, "NO_ACCESS_TO_ORGANIZATION".to_owned()), "{number}: {refused}");
    }
    let new_key = world.with_key(Who::Admin, Key::Full).await;
    for (number, request) in requests(&new_key).into_iter().enumerate() {
        repeats(&request.once(&format!("out-{number}")).await, &first[number]);
    }
}

async fn a_refused_request_stores_no_response(world: World) {
    let founder = world.as_founder();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let before = dump(&world).await;
    let client = world.as_member();
    for (request, status) in [
        (founder.post(&tasks, json!({"task_name": ""})), 400),
        (founder.post(&tasks, json!({"task_name": "Paint", "task_no": "1"})), 400),
        (founder.post(&tasks, json!({"task_name": "Paint", "assignee_node_id": MADE_UP})), 404),
        (founder.post(&format!("/v2/projects/{MADE_UP}/tasks"), json!({"task_name": "Paint"})), 404),
        (founder.post("/v2/projects/7/tasks", json!({"task_name": "Paint"})), 404),
        (founder.post("/v2/projects/%00/tasks", json!({"task_name": "Paint"})), 404),
        (
            founder.post(&format!("/v2/projects/{}/tasks", "x".repeat(5_000)), json!({"task_name": "Paint"})),
            404,
        ),
        (client.post(&tasks, json!({"task_name": "Paint"})), 403),
        (founder.request("POST", &tasks).raw("text/plain", "{}"), 415),
    ] {
        let refused = request.once("k").await;
        assert_eq!(refused.problem().0, status, "{refused}");
    }
    assert_eq!(dump(&world).await, before);
    // The idempotency key is unused, and can be sent with any request.
    let stale =
        founder.patch(&format!("/v2/tasks/{}", world.harbour.free_task), json!({"task_name": "Paint"}));
    stale.once("k").header("If-Match", "\"x\"").await.refuses(412, "PRECONDITION_FAILED");
    let made = founder.post(&tasks, json!({"task_name": "Paint"})).once("k").await;
    assert_eq!((made.status, made.header(REPLAYED)), (201, None), "{made}");
}

async fn a_replay_ignores_changes_since_the_first_request(world: World) {
    let founder = world.as_founder();
    let space = format!("/api/v1/spaces/{}", world.pier);
    let tag = founder.get(&space).await.header("etag").unwrap().to_owned();
    let change = || founder.patch(&space, json!({"name": "Quay"})).header("If-Match", &tag).once("change");
    let changed = change().await;
    assert_eq!(changed.status, 200, "{changed}");
    // The tag is stale because of this very change.
    repeats(&change().await, &changed);
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let task = || founder.post(&tasks, json!({"task_name": "Paint", "task_no": "7.1"})).once("task");
    let made = task().await;
    assert_eq!(made.status, 201, "{made}");
    repeats(&task().await, &made);
    let person = || {
        let person = json!({"user_node_id": world.id(Who::Member)});
        founder.post(&format!("/v2/projects/{}/add-member", world.harbour.id), person).once("person")
    };
    let added = person().await;
    assert_eq!(added.status, 201, "{added}");
    repeats(&person().await, &added);
    // A stored response stays after its record was deleted.
    founder.delete(&space).await;
    founder.delete(&format!("/v2/projects/{}", world.harbour.id)).await;
    repeats(&change().await, &changed);
    repeats(&task().await, &made);
    repeats(&person().await, &added);
}

async fn a_request_with_the_same_key_a_day_later_is_a_new_one(world: World) {
    let founder = world.as_founder();
    let make = || founder.post("/api/v1/spaces", json!({"name": "Quay"})).once("k");
    let first = make().await;
    world.clock.advance_seconds(24 * 60 * 60 - 1);
    repeats(&make().await, &first);
    world.clock.advance_seconds(1);
    let second = make().await;
    assert_eq!((second.status, second.header(REPLAYED)), (201, None), "{second}");
    assert_ne!(second.json()["data"]["_id"], first.json()["data"]["_id"]);
    repeats(&make().await, &second);
    let other = founder.post("/api/v1/spaces", json!({"name": "Pier"})).once("k").await;
    other.refuses(422, "IDEMPOTENCY_KEY_REUSED");
    // Expired responses are deleted in batches; others stay.
    founder.post("/api/v1/spaces", json!({"name": "Pier"})).once("l").await;
    world.clock.advance_seconds(24 * 60 * 60);
    let third = founder.post("/api/v1/spaces", json!({"name": "Pier"})).once("m").await;
    for forgotten in [1, 1, 0] {
        assert_eq!(world.loggia.operator().forget_stored_responses(1).await.unwrap(), forgotten);
    }
    repeats(&founder.post("/api/v1/spaces", json!({"name": "Pier"})).once("m").await, &third);
}

async fn a_malformed_key_is_reported(world: World) {
    let founder = world.as_founder();
    let before = dump(&world).await;
    let longer = "k".repeat(256);
    for (key, code) in [
        ("", "TOO_SHORT"),
        ("\"\"", "TOO_SHORT"),
        (longer.as_str(), "TOO_LONG"),
        ("a b", "INVALID_CHARACTER"),
        ("é", "INVALID_CHARACTER"),
        ("\"a", "INVALID_FORMAT"),
        ("\"a\"b", "INVALID_FORMAT"),
    ] {
        for body in BODIES {
            let path = filled(&world, body.path, body.path);
            let json: Value = serde_json::from_str(&filled(&world, body.path, body.smallest)).unwrap();
            let refused = founder.request(body.method, &path).json(json).once(key).await;
            refused.names(&[("Idempotency-Key:", code)]);
        }
    }
    let twice = founder.post("/api/v1/spaces", json!({"name": "Quay"})).once("a").once("a").await;
    twice.names(&[("Idempotency-Key:", "DUPLICATE_HEADER")]);
    let empty = founder.request("PATCH", &format!("/v2/projects/{}", world.harbour.id)).once("a b").await;
    empty.names(&[("Idempotency-Key:", "INVALID_CHARACTER")]);
    let more = founder.post("/api/v1/spaces?quay=1", json!({"name": ""})).once("a b").await;
    more.names(&[
        ("?quay", "UNKNOWN_PARAMETER"),
        ("Idempotency-Key:", "INVALID_CHARACTER"),
        ("/name", "TOO_SHORT"),
    ]);
    assert_eq!(dump(&world).await, before);
    let longest = &longer[1..];
    let made = founder.post("/api/v1/spaces", json!({"name": "Quay"})).once(longest).await;
    repeats(&founder.post("/api/v1/spaces", json!({"name": "Quay"})).once(longest).await, &made);
}

async fn get_and_delete_ignore_the_key(world: World) {
    let founder = world.as_founder();
    let space = format!("/api/v1/spaces/{}", world.pier);
    for key in ["k", "not a key"] {
        let read = founder.get(&space).once(key).await;
        assert_eq!((read.status, read.header(REPLAYED)), (200, None), "{read}");
    }
    // DELETE is idempotent by itself: the second one gets 404.
    assert_eq!(founder.delete(&space).once("k").await.status, 200);
    founder.delete(&space).once("k").await.refuses(404, "NOT_FOUND");
}

async fn an_api_key_that_only_reads_reserves_no_idempotency_key(world: World) {
    let reading = world.with_key(Who::Founder, Key::ReadOnly).await;
    let make = |client: &Client| client.post("/api/v1/spaces", json!({"name": "Quay"})).once("k");
    make(&reading).await.refuses(403, "INSUFFICIENT_SCOPE");
    let made = make(&world.as_founder()).await;
    assert_eq!(made.status, 201, "{made}");
    make(&reading).await.refuses(403, "INSUFFICIENT_SCOPE");
}
