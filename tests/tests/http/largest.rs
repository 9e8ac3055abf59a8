//! The largest possible records, and the length of responses with them (promise B26).

use futures_util::future::join_all;
use loggia_domain::roster::MAX_BATCH;
use loggia_domain::text::{
    AvatarUrl, EmailAddress, EmployeeNumber, OrganizationName, PersonName, ProjectDescription, ProjectName,
    SpaceDescription, SpaceName, TaskDescription, TaskName, Username,
};
use loggia_http::{ENDPOINTS, Limits, ResponseSize};
use loggia_testkit::SequentialIds;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::wire::{Serving, request};
use crate::world::World;

on_every_store!(
    no_response_is_longer_than_was_reserved_and_the_largest_are_nearly_as_long,
    no_page_of_invitations_is_longer_than_was_reserved,
    the_longest_pages_of_own_tasks_are_served_to_four_calls_at_once,
    more_own_tasks_than_a_page_may_have_are_refused_for_good,
);

/// The number of records of each kind.
const EACH: usize = 3;

/// Returns that many characters of four bytes each, which is the maximum of a character.
fn longest(characters: usize) -> String {
    "\u{1F6A2}".repeat(characters)
}

/// A member of Meridian with the longest profile, the records that the member made, and the member's key.
struct Largest {
    client: Client,
    key: String,
    member: String,
    project: String,
    space: String,
    task: String,
}

impl Largest {
    async fn fill(world: &World) -> Self {
        let founder = world.as_founder();
        let organization = format!("/api/v1/organizations/{}", world.meridian);
        let renamed = founder.patch(&organization, json!({"name": longest(OrganizationName::MAX)})).await;
        assert_eq!(renamed.status, 200, "{renamed}");
        let members = format!("{organization}/members");
        let mut people: Vec<Value> = (0..EACH).map(person).collect();
        people[0]["role"] = json!("admin");
        let added = founder.post(&members, json!(people)).await;
        assert_eq!(added.status, 201, "{added}");
        let member = text(&added.json()["data"][0]["id"]);
        let keys = format!("{members}/{member}/api-keys");
        let key = text(&founder.post(&keys, json!({"name": "largest"})).await.json()["data"]["key"]);
        let client = world.with_authorization(&[&format!("Bearer {key}")]);
        let mut largest =
            Self { client, key, member, project: String::new(), space: String::new(), task: String::new() };
        for number in 0..EACH {
            largest.project = largest.new_project(number).await;
            largest.space = largest.new_space().await;
            for _ in 0..EACH {
                largest.task = largest.new_task().await;
            }
        }
        largest
    }

    async fn created(&self, path: &str, body: Value) -> Value {
        let response = self.client.post(path, body).await;
        assert_eq!(response.status, 201, "{}", response.status);
        response.json()
    }

    async fn new_project(&self, number: usize) -> String {
        let name = format!("{}{number:02}", longest(ProjectName::MAX - 2));
        let body = json!({
            "project_name": name, "description": longest(ProjectDescription::MAX), "visibility": "organization",
            "start_date": "2026-01-31", "end_date": "2026-02-28",
        });
        text(&self.created("/v2/projects", body).await["node_id"])
    }

    async fn new_space(&self) -> String {
        let body = json!({
            "name": longest(SpaceName::MAX), "description": longest(SpaceDescription::MAX),
            "projectId": self.project, "status": "Archived", "priority": "urgent", "currentStrength": 10,
        });
        text(&self.created("/api/v1/spaces", body).await["data"]["_id"])
    }

    async fn new_task(&self) -> String {
        let body = json!({
            "task_name": longest(TaskName::MAX), "description": longest(TaskDescription::MAX),
            "status": "in_progress", "start_date": "2026-01-31", "end_date": "2026-02-28",
            "assignee_node_id": self.member,
        });
        text(&self.created(&format!("/v2/projects/{}/tasks", self.project), body).await["node_id"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Returns a person with the longest profile, each with a different address.
fn person(number: usize) -> Value {
    let (local, host) = (format!("{}{number:02}", "a".repeat(62)), ".example.com");
    let label = |length| "b".repeat(length);
    let rest = EmailAddress::MAX - local.len() - 1 - 122 - host.len();
    let email = format!("{local}@{}.{}.{}{host}", label(60), label(60), label(rest));
    assert_eq!(email.len(), EmailAddress::MAX);
    let scheme = "https://";
    json!({
        "email": email, "firstName": longest(PersonName::MAX), "lastName": longest(PersonName::MAX),
        "username": format!("{}{number:02}", longest(Username::MAX - 2)),
        "employeeNumber": format!("{}{number:02}", longest(EmployeeNumber::MAX - 2)),
        "avatar": format!("{scheme}{}", longest(AvatarUrl::MAX - scheme.len())),
    })
}

/// Returns the maximum size of a response to that request.
fn size_of(template: &str, query: &str) -> ResponseSize {
    let found = ENDPOINTS.iter().find(|endpoint| endpoint.method == "GET" && endpoint.path == template);
    found.expect("an endpoint").response_size(query)
}

async fn no_response_is_longer_than_was_reserved_and_the_largest_are_nearly_as_long(world: World) {
    let largest = Largest::fill(&world).await;
    let (large, small) = (true, false);
    let (organization, member) = (world.meridian.as_str(), largest.member.as_str());
    let (space, project, task) = (largest.space.as_str(), largest.project.as_str(), largest.task.as_str());
    for (template, ids, query, is_large) in [
        ("/api/v1/me", vec![], "", small),
        ("/api/v1/me/permissions", vec![], "", small),
        ("/api/v1/organizations", vec![], "", small),
        ("/api/v1/organizations/{id}", vec![organization], "", small),
        ("/api/v1/organizations/{id}/members", vec![organization], "sort=-createdAt&limit=3", large),
        ("/api/v1/organizations/{id}/members/{userId}", vec![organization, member], "", large),
        ("/api/v1/api-keys", vec![], "", small),
        ("/api/v1/organizations/{id}/members/{userId}/api-keys", vec![organization, member], "", small),
        ("/api/v1/spaces", vec![], "limit=3", large),
        ("/api/v1/spaces", vec![], "limit=3&include=all", large),
        ("/api/v1/spaces", vec![], "limit=3&include=organization", large),
        ("/api/v1/spaces/{id}", vec![space], "", large),
        ("/api/v1/spaces/{id}", vec![space], "include=all", large),
        ("/v2/projects", vec![], "per_page=3&order_by=updatedAt&sort=desc", large),
        ("/v2/projects/{node_id}", vec![project], "", large),
        ("/v2/projects/{node_id}/members", vec![project], "", small),
        ("/v2/projects/{node_id}/tasks", vec![project], "per_page=3", large),
        ("/v2/projects/{node_id}/tasks", vec![project], "per_page=3&dottie=true", large),
        ("/v2/tasks/{node_id}", vec![task], "", large),
        ("/v2/tasks/{node_id}", vec![task], "dottie=true", large),
        ("/v2/tasks/my-tasks-by-project", vec![], "tasks_limit=3&per_page=3", large),
        ("/v2/tasks/my-tasks-by-project", vec![], "tasks_limit=3&per_page=3&dottie=true", large),
    ] {
        is_as_long_as_reserved(&largest.client, template, &ids, query, is_large).await;
    }
}

/// Checks that a response is not longer than its maximum size and, if it `is_large`, that it has half of that length.
async fn is_as_long_as_reserved(client: &Client, template: &str, ids: &[&str], query: &str, is_large: bool) {
    let path = ids.iter().fold(template.to_owned(), |path, id| {
        let (before, rest) = path.split_once('{').expect("a placeholder");
        format!("{before}{id}{}", rest.split_once('}').expect("its end").1)
    });
    let response = client.get(&format!("{path}?{query}")).await;
    assert_eq!(response.status, 200, "{template}?{query}");
    let (length, size) = (response.bytes.len(), size_of(template, query));
    assert!(length <= size.text, "{template}?{query}: {length} bytes, {size:?}");
    assert!(!is_large || 2 * length >= size.text, "{template}?{query}: only {length} bytes, {size:?}");
}

async fn no_page_of_invitations_is_longer_than_was_reserved(world: World) {
    let founder = world.as_founder();
    let mut projects = Vec::with_capacity(MAX_BATCH);
    for number in 0..MAX_BATCH {
        let made = founder.post("/v2/projects", json!({"project_name": format!("Quay {number}")})).await;
        projects.push(json!({"node_id": made.json()["node_id"]}));
    }
    let invited =
        |number: usize| json!({"email": person(number)["email"], "role": "member", "projects": projects});
    let people: Vec<_> = (0..EACH).map(invited).collect();
    let template = "/api/v1/organizations/{id}/invitations";
    let made = founder.post(&template.replace("{id}", &world.meridian), json!(people)).await;
    assert_eq!(made.status, 201, "{made}");
    // The first one is the world's.
    is_as_long_as_reserved(&founder, template, &[&world.meridian], "limit=4", true).await;
}

/// The few tasks of this test take less memory, but the maximum size is reserved.
async fn the_longest_pages_of_own_tasks_are_served_to_four_calls_at_once(world: World) {
    let largest = Largest::fill(&world).await;
    let app = loggia_http::HttpApp::new(
        world.loggia.clone(),
        Arc::new(SequentialIds::new()),
        [7; 32],
        Limits::default(),
    );
    let serving = Serving::start(app);
    for query in ["tasks_limit=5&per_page=100", "tasks_limit=50&per_page=10", "tasks_limit=50"] {
        let reserved = 4 * size_of("/v2/tasks/my-tasks-by-project", query).memory;
        assert!(reserved > Limits::default().response_room_bytes, "they wait for each other");
        let call = request("GET", &format!("/v2/tasks/my-tasks-by-project?{query}"), &largest.key, None);
        let calls = (0..4).map(async |_| serving.connect().await.call(&call).await.status);
        assert_eq!(join_all(calls).await, [200; 4], "{query}");
    }
    serving.end().await;
}

async fn more_own_tasks_than_a_page_may_have_are_refused_for_good(world: World) {
    let founder = world.as_founder();
    let mine = |query: &str| founder.get(&format!("/v2/tasks/my-tasks-by-project?{query}"));
    for (tasks, most) in [(5, 100), (6, 83), (25, 20), (50, 10)] {
        let limit = format!("tasks_limit={tasks}");
        let page = mine(&format!("{limit}&per_page={most}")).await;
        assert_eq!(page.status, 200, "{page}");
        assert_eq!(mine(&limit).await.json()["per_page"], json!(most.min(20)), "{limit}");
        if most < 100 {
            let refused = mine(&format!("{limit}&per_page={}", most + 1)).await;
            refused.names(&[("?per_page", "OUT_OF_RANGE")]);
            let detail = refused.json()["errors"][0]["detail"].clone();
            assert!(
                detail.as_str().is_some_and(|detail| detail.contains(&format!("at most {most} "))),
                "{detail}"
            );
        }
    }
    mine("tasks_limit=51&per_page=100").await.names(&[("?tasks_limit", "OUT_OF_RANGE")]);
}
