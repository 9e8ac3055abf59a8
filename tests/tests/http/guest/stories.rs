//! The stories of spaces and projects below a mount, by a client that uses the URLs that it gets.

use serde_json::{Value, json};

use super::{client, host, mounted};
use crate::harness::client::{BASE, Client};
use crate::harness::{Store, run};
use crate::world::Who;

const PATH: &str = "/loggia";
const ROOT: &str = "http://loggia.example.com/loggia";

/// Creates a record, and returns its `Location`, which leads to the created record.
async fn created(client: &Client, path: &str, body: Value) -> String {
    let made = client.post(&format!("{ROOT}{path}"), body).await;
    assert_eq!(made.status, 201, "{path}: {made}");
    let location = made.header("location").expect("a location").to_owned();
    assert!(location.starts_with(ROOT), "{location}");
    let found = client.get(&location).await;
    assert_eq!((found.status, found.json()), (200, made.json()), "{location}");
    location
}

/// Returns the URLs of the links of a response, with their relations.
fn links(header: Option<&str>) -> Vec<(String, String)> {
    let links = header.expect("links").split(", ").map(|link| {
        let (url, relation) = link[1..].split_once(">; rel=").expect("a relation");
        assert!(url.starts_with(ROOT), "{link}");
        (relation.trim_matches('"').to_owned(), url.to_owned())
    });
    links.collect()
}

/// Follows the links of a list to its end and back to its beginning, and returns the number of its pages.
async fn pages_of(client: &Client, path: &str) -> usize {
    let mut url = format!("{ROOT}{path}?limit=1");
    let mut pages = 0;
    for relation in ["next", "prev"] {
        loop {
            let page = client.get(&url).await;
            assert_eq!(page.status, 200, "{url}");
            let links = links(page.header("link"));
            let Some((_, next)) = links.into_iter().find(|(known, _)| known == relation) else { break };
            url = next;
            pages += 1;
        }
    }
    // Each step forward has one back.
    assert_eq!(pages % 2, 0);
    pages / 2 + 1
}

async fn the_story_of_spaces(client: &Client) {
    let before = pages_of(client, "/api/v1/spaces").await;
    for name in ["Anchor", "Buoy", "Chain"] {
        let space = created(client, "/api/v1/spaces", json!({"name": name})).await;
        let tag = client.get(&space).await.header("etag").expect("a tag").to_owned();
        let patched = client.patch(&space, json!({"name": "Rope"})).header("If-Match", &tag).await;
        assert_eq!(patched.status, 200, "{patched}");
        client
            .patch(&space, json!({"name": "Sail"}))
            .header("If-Match", &tag)
            .await
            .refuses(412, "PRECONDITION_FAILED");
    }
    assert_eq!(pages_of(client, "/api/v1/spaces").await, before + 3);
    let page = client.get(&format!("{ROOT}/api/v1/spaces?search=Rope&limit=1")).await;
    let space = format!("{ROOT}/api/v1/spaces/{}", page.json()["data"][0]["_id"].as_str().expect("an id"));
    assert_eq!(client.delete(&space).await.status, 200);
    client.get(&space).await.refuses(404, "NOT_FOUND");
    assert_eq!(pages_of(client, "/api/v1/spaces").await, before + 2);
}

async fn the_story_of_projects(client: &Client) {
    let project = created(client, "/v2/projects", json!({"project_name": "Quay"})).await;
    // This dialect has a path that ends with a slash.
    let patched = client.patch(&format!("{project}/"), json!({"project_name": "Pier"})).await;
    assert_eq!(patched.status, 200, "{patched}");
    let tasks = format!("{}/tasks", project.strip_prefix(ROOT).expect("a path"));
    let task = created(client, &tasks, json!({"task_name": "Rope"})).await;
    assert_eq!(client.patch(&task, json!({"status": "done"})).await.status, 200);
    let list = client.get(&format!("{ROOT}{tasks}?per_page=1")).await;
    assert_eq!((list.status, &list.json()["total"]), (200, &json!(1)), "{list}");
    for url in [&task, &project] {
        assert_eq!(client.delete(url).await.status, 200, "{url}");
        client.get(url).await.refuses(404, "NOT_FOUND");
    }
}

#[test]
fn a_client_that_follows_links_and_locations_stays_below_the_mount() {
    assert_eq!(ROOT, format!("{BASE}{PATH}"));
    run(Store::Memory, async |world| {
        let service = host(vec![mounted(&world, PATH)]).await.below(PATH);
        let founder = client(&world, &service, Who::Founder);
        the_story_of_spaces(&founder).await;
        the_story_of_projects(&founder).await;
        let organization = created(&founder, "/api/v1/organizations", json!({"name": "Quay Works"})).await;
        assert!(organization.contains("/api/v1/organizations/"), "{organization}");
        assert!(pages_of(&founder, &format!("/api/v1/organizations/{}/members", world.meridian)).await > 5);
    });
}
