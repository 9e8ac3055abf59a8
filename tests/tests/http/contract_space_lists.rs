//! Lists in the spaces dialect: filters, order, and paging by `Link`.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Who, World};

on_every_store!(
    an_empty_list_has_no_neighbours,
    a_list_is_newest_first,
    lists_are_ordered_by_any_of_their_fields,
    lists_are_filtered,
    searching_is_literal_in_any_case,
    links_lead_forward_through_all_and_back,
    links_from_an_offset,
    a_count_is_made_when_asked_for,
    a_cursor_is_bound_to_its_list,
    paging_parameters_out_of_range_are_refused,
);

/// Returns the names on a page.
#[track_caller]
fn names(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200, "{response}");
    let body = response.json();
    let rows = body["data"].as_array().expect("a list");
    rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

/// Fills a stranger's personal scope, which has no space at first, with spaces that are created one second apart.
async fn fill(world: &World, count: u32) -> Client {
    let client = world.as_stranger();
    for number in 1..=count {
        let body = json!({"name": format!("Space {number}"), "organizationId": ""});
        assert_eq!(client.post("/api/v1/spaces", body).await.status, 201);
        world.clock.advance_seconds(1);
    }
    client
}

async fn an_empty_list_has_no_neighbours(world: World) {
    let list = world.as_stranger().get("/api/v1/spaces?organizationId=&count=true").await;
    list.is(200, json!({"data": []}));
    let first = "/api/v1/spaces?organizationId=&count=true".to_owned();
    assert_eq!(["first", "prev", "next"].map(|relation| list.link(relation)), [Some(first), None, None]);
    assert_eq!(list.header("x-total-count"), Some("0"));
}

async fn a_list_is_newest_first(world: World) {
    let client = fill(&world, 3).await;
    let list = client.get("/api/v1/spaces?organizationId=").await;
    assert_eq!(names(&list), ["Space 3", "Space 2", "Space 1"]);
    let row = &list.json()["data"][2];
    let id = row["_id"].as_str().expect("an id");
    let space = json!({
        "_id": id, "name": "Space 1", "description": null, "organizationId": null, "projectId": null,
        "status": "Draft", "priority": "none", "currentStrength": 0, "createdBy": world.id(Who::Stranger),
        "createdAt": "2026-02-01T08:00:00.000Z", "updatedAt": "2026-02-01T08:00:00.000Z",
    });
    assert_eq!(*row, space);
    assert_eq!(list.header("x-total-count"), None, "no count is run unasked");
}

async fn lists_are_ordered_by_any_of_their_fields(world: World) {
    let client = world.as_stranger();
    for (name, priority, strength) in [
        ("beta", "low", 9),
        ("Alpha", "urgent", 1),
        ("gamma", "none", 5),
        ("\u{c9}cluse", "high", 5),
        ("delta", "medium", 0),
    ] {
        let body =
            json!({"name": name, "organizationId": null, "priority": priority, "currentStrength": strength});
        assert_eq!(client.post("/api/v1/spaces", body).await.status, 201);
        world.clock.advance_seconds(1);
    }
    let first = client.get("/api/v1/spaces?organizationId=&sort=createdAt&limit=1").await.json();
    let path = format!("/api/v1/spaces/{}", first["data"][0]["_id"].as_str().expect("an id"));
    client.patch(&path, json!({"status": "Active"})).await;
    let sorted = async |sort: &str| {
        names(&client.get(&format!("/api/v1/spaces?organizationId=&sort={sort}")).await).join(" ")
    };
    assert_eq!(sorted("createdAt").await, "beta Alpha gamma \u{c9}cluse delta");
    assert_eq!(sorted("-createdAt").await, "delta \u{c9}cluse gamma Alpha beta");
    assert_eq!(sorted("updatedAt").await, "Alpha gamma \u{c9}cluse delta beta");
    // Names are ordered in the form that is searched, without regard to case and accents.
    assert_eq!(sorted("name").await, "Alpha beta delta \u{c9}cluse gamma");
    assert_eq!(sorted("-name").await, "gamma \u{c9}cluse delta beta Alpha");
    // Ordered by urgency, beginning with none.
    assert_eq!(sorted("priority").await, "gamma beta delta \u{c9}cluse Alpha");
    assert_eq!(sorted("-priority").await, "Alpha \u{c9}cluse delta beta gamma");
    // Ties are ordered by id, in the list's direction; the older record has the lower id here.
    assert_eq!(sorted("currentStrength").await, "delta Alpha gamma \u{c9}cluse beta");
    assert_eq!(sorted("-currentStrength").await, "beta \u{c9}cluse gamma Alpha delta");
    for sort in ["", "-", "Name", "--name", "+name", "name,priority", "_id", "created_at"] {
        let response = client.get(&format!("/api/v1/spaces?sort={sort}")).await;
        response.names(&[("?sort", "NOT_ALLOWED")]);
    }
}

async fn lists_are_filtered(world: World) {
    let member = world.as_member();
    for (name, status, priority) in
        [("One", "Active", "low"), ("Two", "Active", "high"), ("Three", "Archived", "high")]
    {
        member.post("/api/v1/spaces", json!({"name": name, "status": status, "priority": priority})).await;
    }
    let found = async |query: &str| {
        names(&member.get(&format!("/api/v1/spaces?sort=createdAt&{query}")).await).join(" ")
    };
    assert_eq!(found("status=Active").await, "One Two");
    assert_eq!(found("status=Active&priority=high").await, "Two");
    assert_eq!(found("priority=high").await, "Two Three");
    assert_eq!(found(&format!("projectId={}", world.harbour.id)).await, "Harbour area");
    assert_eq!(found(&format!("projectId={}&status=Active", world.harbour.id)).await, "");
    for (query, parameter) in
        [("status=active", "?status"), ("priority=High", "?priority"), ("status=", "?status")]
    {
        member.get(&format!("/api/v1/spaces?{query}")).await.names(&[(parameter, "NOT_ALLOWED")]);
    }
    member.get("/api/v1/spaces?projectId=").await.names(&[("?projectId", "INVALID_ID")]);
}

async fn searching_is_literal_in_any_case(world: World) {
    let client = world.as_stranger();
    for name in ["100% Stra\u{df}e", "a_b", "aXb", "back\\slash", "CAFE\u{301}"] {
        client.post("/api/v1/spaces", json!({"name": name, "organizationId": null})).await;
    }
    let found = async |search: &str| {
        names(&client.get(&format!("/api/v1/spaces?organizationId=&search={search}")).await)
    };
    assert_eq!(found("%25").await, ["100% Stra\u{df}e"]);
    assert_eq!(found("_").await, ["a_b"]);
    assert_eq!(found("A_B").await, ["a_b"]);
    assert_eq!(found("%5C").await, ["back\\slash"]);
    assert_eq!(found("STRASSE").await, ["100% Stra\u{df}e"]);
    assert_eq!(found("0%25+stra").await, ["100% Stra\u{df}e"]);
    assert_eq!(found("caf%C3%A9").await, ["CAFE\u{301}"]);
    assert_eq!(found("x.b").await, [""; 0]);
    for search in ["", "%20", "%00"] {
        let response = client.get(&format!("/api/v1/spaces?search={search}")).await;
        assert_eq!((response.status, response.field_errors()[0].0.as_str()), (400, "?search"), "{response}");
    }
}

async fn links_lead_forward_through_all_and_back(world: World) {
    let client = fill(&world, 7).await;
    let filters = "organizationId=&search=space&limit=3";
    let mut page = client.get(&format!("/api/v1/spaces?{filters}")).await;
    let start = page.link("first").expect("a first page");
    assert_eq!(page.link("prev"), None);
    let mut forward = vec![names(&page)];
    while let Some(next) = page.link("next") {
        assert!(next.starts_with(&format!("/api/v1/spaces?{filters}&cursor=")), "filters are kept: {next}");
        page = client.get(&next).await;
        assert_eq!(page.link("first").as_ref(), Some(&start));
        forward.push(names(&page));
    }
    let all = [vec!["Space 7", "Space 6", "Space 5"], vec!["Space 4", "Space 3", "Space 2"], vec!["Space 1"]];
    assert_eq!(forward, all);
    let mut back = vec![];
    while let Some(previous) = page.link("prev") {
        page = client.get(&previous).await;
        assert!(page.link("next").is_some(), "one came from there");
        back.push(names(&page));
    }
    assert_eq!(back, [all[1].clone(), all[0].clone()]);
    assert_eq!(names(&client.get(&start).await), all[0]);
}

async fn links_from_an_offset(world: World) {
    let client = fill(&world, 5).await;
    let page = client.get("/api/v1/spaces?organizationId=&limit=2&offset=1").await;
    assert_eq!(names(&page), ["Space 4", "Space 3"]);
    let previous = page.link("prev").expect("a page before");
    assert_eq!(names(&client.get(&previous).await), ["Space 5"]);
    let next = page.link("next").expect("a page after");
    assert!(!next.contains("offset="), "{next}");
    assert_eq!(names(&client.get(&next).await), ["Space 2", "Space 1"]);
    let last = client.get("/api/v1/spaces?organizationId=&limit=2&offset=4").await;
    assert_eq!((names(&last), last.link("next")), (vec!["Space 1".to_owned()], None));
    let beyond = client.get("/api/v1/spaces?organizationId=&offset=10000").await;
    assert_eq!((names(&beyond), beyond.link("next")), (vec![], None));
}

async fn a_count_is_made_when_asked_for(world: World) {
    let client = fill(&world, 3).await;
    let counted = client.get("/api/v1/spaces?organizationId=&limit=1&count=true").await;
    assert_eq!(counted.header("x-total-count"), Some("3"));
    let next = client.get(&counted.link("next").expect("a next page")).await;
    assert_eq!(next.header("x-total-count"), Some("3"), "the whole list, not the rest");
    let uncounted = client.get("/api/v1/spaces?organizationId=&limit=1&count=false").await;
    assert_eq!(uncounted.header("x-total-count"), None);
    client.get("/api/v1/spaces?count=1").await.names(&[("?count", "NOT_ALLOWED")]);
}

async fn a_cursor_is_bound_to_its_list(world: World) {
    let client = fill(&world, 3).await;
    let page = client.get("/api/v1/spaces?organizationId=&sort=name&limit=1").await;
    let next = page.link("next").expect("a next page");
    let cursor = next.split_once("cursor=").expect("a cursor").1;
    let list = async |query: &str| client.get(&format!("/api/v1/spaces?{query}&cursor={cursor}")).await;
    // The page size, the included relations and the count do not belong to the identity of the list.
    let wider = list("organizationId=&sort=name&limit=2&include=all&count=true").await;
    assert_eq!(names(&wider), ["Space 2", "Space 3"]);
    for query in [
        "organizationId=",
        "organizationId=&sort=-name",
        "organizationId=&sort=name&search=space",
        "organizationId=&sort=name&status=Draft",
        "organizationId=&sort=name&priority=none",
        "sort=name",
    ] {
        list(query).await.names(&[("?cursor", "INVALID_CURSOR")]);
    }
    list("organizationId=&sort=name&offset=0").await.names(&[("?offset", "NOT_BESIDE_CURSOR")]);
    let longer = client.get(&format!("{next}A")).await;
    longer.names(&[("?cursor", "INVALID_CURSOR")]);
}

async fn paging_parameters_out_of_range_are_refused(world: World) {
    let client = world.as_stranger();
    let refused = |query: &str| {
        let client = client.clone();
        let path = format!("/api/v1/spaces?{query}");
        async move { client.get(&path).await }
    };
    for query in ["limit=0", "limit=101", "limit=-1", "limit=4294967296", "limit=9223372036854775808"] {
        refused(query).await.names(&[("?limit", "OUT_OF_RANGE")]);
    }
    for query in ["offset=10001", "offset=-1"] {
        refused(query).await.names(&[("?offset", "OUT_OF_RANGE")]);
    }
    for query in ["limit=", "limit=ten", "limit=1.0", "limit=1e1"] {
        refused(query).await.names(&[("?limit", "WRONG_TYPE")]);
    }
    refused("limit=1&limit=1").await.names(&[("?limit", "DUPLICATE_PARAMETER")]);
    let unknown = refused("order_by=name").await;
    unknown.names(&[("?order_by", "UNKNOWN_PARAMETER")]);
    let detail: Value = unknown.json()["errors"][0]["detail"].clone();
    assert!(
        detail.as_str().is_some_and(|text| text.contains("organizationId, projectId, status")),
        "{detail}"
    );
    assert_eq!(refused("limit=100").await.status, 200);
}
