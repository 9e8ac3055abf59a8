//! Paging of the current user's organizations and keys, and of the keys of a member.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, Who, World};

on_every_store!(
    the_organizations_of_the_caller_are_paged,
    me_shows_a_page_of_the_scopes,
    own_keys_within_the_reach_of_the_key_are_paged,
    a_members_keys_are_paged,
    a_cursor_is_of_one_list_and_of_one_reader,
);

/// Returns the URL of a link of the response.
pub(crate) fn link(response: &Response, relation: &str) -> Option<String> {
    let links = response.header("link").expect("links");
    let end = format!(">; rel=\"{relation}\"");
    links.split(", ").find_map(|link| Some(link.strip_suffix(&end)?.strip_prefix('<')?.to_owned()))
}

fn ids(rows: &Value) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// Returns the ids of all rows, page by page to the end and back again; `rows` picks the rows of a page. Each page but the last is full.
pub(crate) async fn page_through(client: &Client, path: &str, rows: impl Fn(&Value) -> Value) -> Vec<String> {
    let mut page = client.get(&format!("{path}?limit=3")).await;
    assert_eq!(link(&page, "prev"), None, "{page}");
    let mut pages = Vec::new();
    loop {
        assert_eq!(page.status, 200, "{page}");
        pages.push(ids(&rows(&page.json())));
        let Some(next) = link(&page, "next") else { break };
        assert_eq!(pages.last().map(Vec::len), Some(3), "{page}");
        page = client.get(&next).await;
    }
    for expected in pages.iter().rev().skip(1) {
        page = client.get(&link(&page, "prev").expect("a page before")).await;
        assert_eq!(&ids(&rows(&page.json())), expected, "the way back");
    }
    let first = client.get(&link(&page, "first").expect("a first page")).await;
    assert_eq!(ids(&rows(&first.json())), pages[0]);
    let all = pages.concat();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each comes once");
    all
}

async fn found(client: &Client, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        let made = client.post("/api/v1/organizations", json!({"name": name})).await;
        assert_eq!(made.status, 201, "{made}");
        ids.push(made.json()["data"]["id"].as_str().expect("an id").to_owned());
    }
    ids
}

const NAMES: [&str; 7] = ["Zinc", "Yard", "Wharf", "Vane", "Upland", "Tarn", "Sound"];

async fn the_organizations_of_the_caller_are_paged(world: World) {
    let founder = world.as_founder();
    let mut expected = vec![world.meridian.clone()];
    expected.extend(found(&founder, &NAMES).await);
    expected.sort();
    assert_eq!(page_through(&founder, "/api/v1/organizations", |page| page["data"].clone()).await, expected);
    let whole = founder.get("/api/v1/organizations").await;
    assert_eq!((ids(&whole.json()["data"]), link(&whole, "next")), (expected, None), "50 by default");
}

async fn me_shows_a_page_of_the_scopes(world: World) {
    let founder = world.as_founder();
    let mut expected = vec![world.meridian.clone()];
    expected.extend(found(&founder, &NAMES).await);
    expected.sort();
    let organizations = |page: &Value| page["data"]["organizations"].clone();
    assert_eq!(page_through(&founder, "/api/v1/me", organizations).await, expected);

    let organization = |id: &Value| json!({"kind": "organization", "organizationId": id});
    let (meridian, personal) = (json!(world.meridian), json!({"kind": "personal", "organizationId": null}));
    let mut path = Some("/api/v1/me?limit=3".to_owned());
    while let Some(page) = path.take() {
        let page = founder.get(&page).await;
        let me = page.json()["data"].take();
        assert_eq!(me["defaultScope"], organization(&meridian));
        let shown = me["organizations"].as_array().expect("organizations").iter().map(|it| &it["id"]);
        let mut scopes = vec![organization(&meridian), personal.clone()];
        scopes.extend(shown.filter(|id| **id != meridian).map(organization));
        assert_eq!(me["scopes"], json!(scopes), "the default scope and the personal one are on every page");
        path = link(&page, "next");
    }
}

async fn own_keys_within_the_reach_of_the_key_are_paged(world: World) {
    let wide = world.with_key(Who::ProjectMember, Key::Full).await;
    let narrow = world.with_key(Who::ProjectMember, Key::Confined).await;
    for number in 0..4 {
        for client in [&wide, &narrow] {
            let made = client.post("/api/v1/api-keys", json!({"name": format!("Quay {number}")})).await;
            assert_eq!(made.status, 201, "{made}");
        }
    }
    let rows = |page: &Value| page["data"].clone();
    let whole = wide.get("/api/v1/api-keys").await.json();
    let all = page_through(&wide, "/api/v1/api-keys", rows).await;
    assert_eq!(all, ids(&whole["data"]));
    let is_confined = |row: &&Value| row["confinedToOrganizationId"] == json!(world.meridian);
    let confined: Vec<Value> =
        whole["data"].as_array().expect("keys").iter().filter(is_confined).cloned().collect();
    assert!(confined.len() > 3 && confined.len() + 3 < all.len());
    assert_eq!(page_through(&narrow, "/api/v1/api-keys", rows).await, ids(&json!(confined)));
}

async fn a_members_keys_are_paged(world: World) {
    let founder = world.as_founder();
    let path = format!("/api/v1/organizations/{}/members/{}/api-keys", world.meridian, world.id(Who::Own));
    let mut expected = Vec::new();
    for number in 0..7 {
        let made = founder.post(&path, json!({"name": format!("Quay {number}")})).await;
        expected.push(made.json()["data"]["id"].as_str().expect("an id").to_owned());
    }
    let listed = page_through(&founder, &path, |page| page["data"].clone()).await;
    assert_eq!(listed[listed.len() - 7..], expected);
}

async fn a_cursor_is_of_one_list_and_of_one_reader(world: World) {
    let founder = world.as_founder();
    found(&founder, &NAMES).await;
    let hedy = world.id(Who::Own).to_owned();
    let keys = |user: &str| format!("/api/v1/organizations/{}/members/{user}/api-keys", world.meridian);
    for _ in 0..2 {
        founder.post("/api/v1/api-keys", json!({"name": "Quay"})).await;
        founder.post(&keys(&hedy), json!({"name": "Quay"})).await;
    }
    let lists =
        ["/api/v1/me".to_owned(), "/api/v1/organizations".into(), "/api/v1/api-keys".into(), keys(&hedy)];
    let others = [keys(world.id(Who::Member)), "/api/v1/spaces".into()];
    for list in &lists {
        let next = link(&founder.get(&format!("{list}?limit=1")).await, "next").expect("a next page");
        let (_, cursor) = next.split_once("cursor=").expect("a cursor");
        for other in lists.iter().chain(&others) {
            let response = founder.get(&format!("{other}?limit=1&cursor={cursor}")).await;
            if other == list {
                assert_eq!(response.status, 200, "{response}");
            } else {
                response.names(&[("?cursor", "INVALID_CURSOR")]);
            }
        }
        // A member's keys are the same list for every caller who may read them.
        if *list != lists[3] {
            for reader in [world.as_viewer(), world.with_key(Who::Founder, Key::Confined).await] {
                let response = reader.get(&format!("{list}?cursor={cursor}")).await;
                response.names(&[("?cursor", "INVALID_CURSOR")]);
            }
        }
        for (query, error) in [
            ("limit=0", ("?limit", "OUT_OF_RANGE")),
            ("limit=101", ("?limit", "OUT_OF_RANGE")),
            ("limit=x", ("?limit", "WRONG_TYPE")),
            ("cursor=x", ("?cursor", "INVALID_CURSOR")),
            ("offset=1", ("?offset", "UNKNOWN_PARAMETER")),
            ("count=true", ("?count", "UNKNOWN_PARAMETER")),
        ] {
            founder.get(&format!("{list}?{query}")).await.names(&[error]);
        }
    }
}
