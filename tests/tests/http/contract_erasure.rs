//! Erasing a person of an organization: the data that goes, the records that stay, and the users that cannot be erased.

use loggia_domain::scope::Scope;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{NOW, Who, World};

on_every_store!(
    nothing_of_the_name_or_the_address_is_found_any_more,
    records_of_an_erased_person_stay_with_a_nameless_author,
    the_keys_of_an_erased_person_are_invalid_at_once,
    an_erased_person_is_not_changed_any_more,
    the_address_is_free_for_a_new_person,
    an_account_belongs_to_its_person,
    the_last_admin_stays,
    an_erasure_takes_no_parameter_and_no_precondition,
);

fn members(world: &World) -> String {
    format!("/api/v1/organizations/{}/members", world.meridian)
}

/// The person who is erased.
fn jean() -> Value {
    json!({
        "email": "jean@example.com", "firstName": "Jean", "lastName": "Bartik", "username": "eniac",
        "employeeNumber": "E-1946", "avatar": "https://example.com/programmer.png", "role": "admin",
    })
}

/// The texts by which the person could be recognized.
const TEXTS: [&str; 6] = ["Jean", "Bartik", "jean@example.com", "eniac", "E-1946", "programmer.png"];

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Meridian's own person Jean, an admin.
struct Jean {
    id: String,
    /// The path of the membership.
    path: String,
    client: Client,
}

impl Jean {
    /// Adds Jean to Meridian, with a key.
    async fn join(world: &World) -> Self {
        let founder = world.as_founder();
        let added = founder.post(&members(world), jean()).await;
        assert_eq!(added.status, 201, "{added}");
        let id = text(&added.json()["data"]["id"]);
        let path = format!("{}/{id}", members(world));
        let key = founder.post(&format!("{path}/api-keys"), json!({"name": "badge"})).await;
        assert_eq!(key.status, 201, "{key}");
        let client = with_key(world, &key);
        Self { id, path, client }
    }

    async fn erase(&self, client: &Client) -> Response {
        client.request("POST", &format!("{}/erase", self.path)).await
    }
}

/// Returns a client with the key of a response.
#[track_caller]
fn with_key(world: &World, response: &Response) -> Client {
    world.with_authorization(&[&format!("Bearer {}", text(&response.json()["data"]["key"]))])
}

/// The ids of the records that Jean made and of those that name Jean as a member.
struct Work {
    project: String,
    open_task: String,
    done_task: String,
    space: String,
}

impl Work {
    async fn create(jean: &Jean) -> Self {
        let made = async |path: &str, body: Value| {
            let response = jean.client.post(path, body).await;
            assert_eq!(response.status, 201, "{response}");
            response.json()
        };
        let project = text(&made("/v2/projects", json!({"project_name": "Computer"})).await["node_id"]);
        let tasks = format!("/v2/projects/{project}/tasks");
        let task = |status: &str| json!({"task_name": "Wire", "status": status, "assignee_node_id": jean.id});
        Self {
            open_task: text(&made(&tasks, task("in_progress")).await["node_id"]),
            done_task: text(&made(&tasks, task("done")).await["node_id"]),
            space: text(&made("/api/v1/spaces", json!({"name": "Switches"})).await["data"]["_id"]),
            project,
        }
    }

    /// Returns everything that shows people, and every event of Meridian.
    async fn shown(&self, world: &World, jean: &Jean) -> String {
        let founder = world.as_founder();
        let mut text = String::new();
        for path in [
            format!("{}?limit=100", members(world)),
            jean.path.clone(),
            format!("{}/api-keys", jean.path),
            "/v2/projects?per_page=100".to_owned(),
            format!("/v2/projects/{}", self.project),
            format!("/v2/projects/{}/tasks?dottie=true", self.project),
            format!("/v2/projects/{}/tasks", self.project),
            format!("/v2/tasks/{}?dottie=true", self.done_task),
            format!("/api/v1/spaces/{}?include=all", self.space),
            "/api/v1/spaces?limit=100&include=all".to_owned(),
        ] {
            let response = founder.get(&path).await;
            assert_eq!(response.status, 200, "{path}: {response}");
            text += &response.to_string();
        }
        let scope = Scope::Organization(world.person(Who::Founder).organization);
        let events = world.ports().views.events(scope, None, 10_000).await.expect("events");
        text + &format!("{events:?}")
    }
}

async fn nothing_of_the_name_or_the_address_is_found_any_more(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    let work = Work::create(&jean).await;
    let before = work.shown(&world, &jean).await;
    for word in TEXTS {
        assert!(before.contains(word), "{word} is shown before");
    }
    let erased = jean.erase(&founder).await;
    let expected = json!({"data": {
        "id": jean.id, "kind": "person", "account": false, "email": null, "role": "admin", "active": false,
        "firstName": "Deleted", "lastName": "user", "fullName": "Deleted user", "username": null,
        "employeeNumber": null, "avatar": null, "createdAt": NOW, "updatedAt": NOW,
    }});
    erased.is(200, expected.clone());
    assert_eq!((erased.header("etag"), erased.location()), (None, None), "{erased}");
    founder.get(&jean.path).await.is(200, expected.clone());
    let after = work.shown(&world, &jean).await;
    for word in TEXTS {
        assert!(!after.contains(word), "{word} is gone: {after}");
    }
    for word in ["jean", "bartik", "eniac", "jean%40example.com"] {
        let found = founder.get(&format!("{}?search={word}", members(&world))).await;
        assert_eq!(found.json()["data"], json!([]), "{word}: {found}");
    }
    // Again, a day later: the response is the same.
    world.clock.advance_seconds(24 * 60 * 60);
    jean.erase(&founder).await.is(200, expected);
}

async fn records_of_an_erased_person_stay_with_a_nameless_author(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    let work = Work::create(&jean).await;
    assert_eq!(jean.erase(&founder).await.status, 200);
    let project = founder.get(&format!("/v2/projects/{}", work.project)).await.json();
    let done = founder.get(&format!("/v2/tasks/{}?dottie=true", work.done_task)).await.json();
    for author in [&project["created_by"], &done["created_by"], &done["assignee"]] {
        assert_eq!(author["node_id"], json!(jean.id), "{author}");
        assert_eq!(author["full_name"], json!("Deleted user"), "{author}");
        assert_eq!(author["email"], json!(""), "{author}");
    }
    let open = founder.get(&format!("/v2/tasks/{}?dottie=true", work.open_task)).await.json();
    assert_eq!(open["assignee"], Value::Null, "{open}");
    let space = founder.get(&format!("/api/v1/spaces/{}", work.space)).await.json();
    assert_eq!(space["data"]["createdBy"], json!(jean.id), "{space}");
    // Jean was the only one on the roster.
    let person = json!({"user_node_id": world.id(Who::Founder), "role": "admin"});
    let added = founder.post(&format!("/v2/projects/{}/add-member", work.project), person).await;
    assert_eq!(added.status, 201, "{added}");
    let roster = founder.get(&format!("/v2/projects/{}/members", work.project)).await.json();
    assert_eq!(roster["total"], json!(1), "{roster}");
}

async fn the_keys_of_an_erased_person_are_invalid_at_once(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    let crane = json!({"kind": "machine", "firstName": "Tide", "lastName": "Gauge"});
    let crane = text(&founder.post(&members(&world), crane).await.json()["data"]["id"]);
    let keys = format!("{}/{crane}/api-keys", members(&world));
    let child = with_key(&world, &jean.client.post(&keys, json!({"name": "by Jean"})).await);
    let other = with_key(&world, &founder.post(&keys, json!({"name": "by Barbara"})).await);
    for client in [&jean.client, &child, &other] {
        assert_eq!(client.get("/api/v1/me").await.status, 200);
    }
    assert_eq!(jean.erase(&founder).await.status, 200);
    for client in [&jean.client, &child] {
        client.get("/api/v1/me").await.refuses(401, "INVALID_KEY");
    }
    assert_eq!(other.get("/api/v1/me").await.status, 200);
}

async fn an_erased_person_is_not_changed_any_more(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    let erased = jean.erase(&founder).await;
    assert_eq!(erased.status, 200, "{erased}");
    let patches =
        [json!({"active": true}), json!({"firstName": "Jean"}), json!({"role": "viewer"}), json!({})];
    for patch in patches {
        founder.patch(&jean.path, patch).await.refuses(409, "MEMBER_ERASED");
    }
    founder.delete(&jean.path).await.refuses(409, "MEMBER_ERASED");
    let key = founder.post(&format!("{}/api-keys", jean.path), json!({"name": "badge"})).await;
    key.refuses(404, "USER_NOT_FOUND");
    let person = json!({"user_node_id": jean.id});
    let added = founder.post(&format!("/v2/projects/{}/add-member", world.harbour.id), person).await;
    added.refuses(404, "USER_NOT_FOUND");
    founder.get(&jean.path).await.is(200, erased.json());
}

async fn the_address_is_free_for_a_new_person(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    founder.post(&members(&world), self::jean()).await.refuses(400, "ALREADY_A_MEMBER");
    assert_eq!(jean.erase(&founder).await.status, 200);
    let again = Jean::join(&world).await;
    assert_ne!(again.id, jean.id);
    let shown = founder.get(&again.path).await.json();
    assert_eq!(
        (&shown["data"]["email"], &shown["data"]["active"]),
        (&json!("jean@example.com"), &json!(true))
    );
    assert_eq!(again.client.get("/api/v1/me").await.status, 200);
    // The second person of that address is erased like the first.
    assert_eq!(again.erase(&founder).await.status, 200);
}

async fn an_account_belongs_to_its_person(world: World) {
    let (founder, path) = (world.as_founder(), format!("{}/{}", members(&world), world.id(Who::Admin)));
    let before = founder.get(&path).await;
    assert_eq!(before.json()["data"]["account"], json!(true), "{before}");
    let refused = founder.request("POST", &format!("{path}/erase")).await;
    refused.refuses(403, "BELONGS_TO_ACCOUNT");
    founder.get(&path).await.is(200, before.json());
}

async fn the_last_admin_stays(world: World) {
    let jean = Jean::join(&world).await;
    for (client, who) in [(world.as_admin(), Who::Admin), (world.as_founder(), Who::Founder)] {
        let left = client.delete(&format!("/api/v1/me/organizations/{}", world.meridian)).await;
        assert_eq!(left.status, 204, "{who:?}: {left}");
    }
    jean.erase(&jean.client).await.refuses(409, "LAST_ADMIN");
    assert_eq!(jean.client.get(&jean.path).await.json()["data"]["firstName"], json!("Jean"));
}

async fn an_erasure_takes_no_parameter_and_no_precondition(world: World) {
    let (founder, jean) = (world.as_founder(), Jean::join(&world).await);
    let erase = format!("{}/erase", jean.path);
    let surprised = founder.request("POST", &format!("{erase}?force=true")).await;
    surprised.names(&[("?force", "UNKNOWN_PARAMETER")]);
    let guarded = founder.request("POST", &erase).header("If-Match", "*").await;
    guarded.refuses(412, "PRECONDITION_FAILED");
    assert_eq!(founder.get(&jean.path).await.json()["data"]["firstName"], json!("Jean"));
}
