//! The page envelope of the projects dialect, with paging by number and by cursor.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, Who, World};

on_every_store!(
    an_empty_list_has_one_page,
    envelopes_are_right_on_first_middle_last_and_later_pages,
    pages_and_cursors_give_the_same_rows,
    a_cursor_keeps_the_total_of_its_first_page,
    a_cursor_is_bound_to_its_list,
    a_cursor_is_its_readers_alone,
    a_page_too_deep_points_at_the_cursor,
    lists_are_ordered_by_any_of_their_fields,
    searching_is_literal_in_any_case,
    paging_parameters_out_of_range_are_refused,
);

const OWN: &str = "/v2/projects?organization_id=";

/// Creates projects in the stranger's personal scope, which has none at first.
async fn fill(world: &World, count: u32) -> Client {
    let client = world.as_stranger();
    for number in 1..=count {
        open(&client, &format!("Project {number}")).await;
    }
    client
}

async fn open(client: &Client, name: &str) -> String {
    let body = json!({"project_name": name, "organization_id": null});
    let made = client.post("/v2/projects", body).await;
    assert_eq!(made.status, 201, "{made}");
    made.json()["node_id"].as_str().expect("an id").to_owned()
}

/// Splits an envelope into the projects' numbers, the cursor if there is one, and the rest.
#[track_caller]
fn opened(mut envelope: Value) -> (Vec<i64>, Option<String>, Value) {
    let rows = envelope["result"].take();
    let numbers = rows.as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("a number"));
    let cursor = envelope["next_cursor"].take().as_str().map(str::to_owned);
    (numbers.collect(), cursor, envelope)
}

async fn an_empty_list_has_one_page(world: World) {
    let empty = json!({
        "total": 0, "last_page": 1, "prev_page": null, "next_page": null, "has_next_page": false,
        "page": 1, "per_page": 20, "from": 0, "to": 0, "result": [], "next_cursor": null,
    });
    world.as_stranger().get(OWN).await.is(200, empty);
}

async fn envelopes_are_right_on_first_middle_last_and_later_pages(world: World) {
    let client = fill(&world, 5).await;
    let page = async |query: &str| {
        let response = client.get(&format!("{OWN}{query}")).await;
        assert_eq!(response.status, 200, "{response}");
        let (numbers, cursor, rest) = opened(response.json());
        (numbers, cursor.is_some(), rest)
    };
    let envelope =
        |page: u64, per_page: u64, last_page: u64, prev: Value, next: Value, from: u64, to: u64| {
            json!({
                "total": 5, "last_page": last_page, "prev_page": prev, "next_page": next,
                "has_next_page": next.is_number(), "page": page, "per_page": per_page, "from": from, "to": to,
                "result": null, "next_cursor": null,
            })
        };
    let null = Value::Null;
    let all = (vec![1, 2, 3, 4, 5], false, envelope(1, 20, 1, null.clone(), null.clone(), 0, 5));
    assert_eq!(page("").await, all);
    let first = (vec![1, 2], true, envelope(1, 2, 3, null.clone(), json!(2), 0, 2));
    assert_eq!(page("&per_page=2").await, first);
    let second = (vec![3, 4], true, envelope(2, 2, 3, json!(1), json!(3), 2, 4));
    assert_eq!(page("&page=2&per_page=2").await, second);
    let last = (vec![5], false, envelope(3, 2, 3, json!(2), null.clone(), 4, 5));
    assert_eq!(page("&page=3&per_page=2").await, last);
    let full = (vec![1, 2, 3, 4, 5], false, envelope(1, 5, 1, null.clone(), null.clone(), 0, 5));
    assert_eq!(page("&per_page=5").await, full, "a full last page has no next one");
    let past = (vec![], false, envelope(4, 2, 3, json!(3), null.clone(), 5, 5));
    assert_eq!(page("&page=4&per_page=2").await, past);
    let far = (vec![], false, envelope(100, 100, 1, json!(1), null, 5, 5));
    assert_eq!(page("&page=100&per_page=100").await, far);
}

async fn pages_and_cursors_give_the_same_rows(world: World) {
    let client = fill(&world, 7).await;
    for query in ["", "&order_by=project_name&sort=desc", "&order_by=updatedAt", "&sort=desc&search=project"]
    {
        let mut by_cursor = vec![];
        let mut path = format!("{OWN}{query}&per_page=3");
        loop {
            let envelope = client.get(&path).await.json();
            by_cursor.push(envelope.clone());
            let Some(cursor) = envelope["next_cursor"].as_str() else { break };
            path = format!("{OWN}{query}&cursor={cursor}");
        }
        assert_eq!(by_cursor.len(), 3, "{query}");
        for (index, envelope) in by_cursor.iter().enumerate() {
            let page = client.get(&format!("{OWN}{query}&per_page=3&page={}", index + 1)).await.json();
            assert_eq!(*envelope, page, "{query}: the same envelope either way");
        }
    }
}

async fn a_cursor_keeps_the_total_of_its_first_page(world: World) {
    let client = fill(&world, 4).await;
    let first = client.get(&format!("{OWN}&per_page=2")).await.json();
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    for number in 5..=9 {
        open(&client, &format!("Project {number}")).await;
    }
    let (numbers, next, rest) = opened(client.get(&format!("{OWN}&cursor={cursor}")).await.json());
    assert_eq!(numbers, [3, 4]);
    assert_eq!((&rest["total"], &rest["last_page"], &rest["page"]), (&json!(4), &json!(2), &json!(2)));
    assert_eq!((&rest["from"], &rest["to"]), (&json!(2), &json!(4)));
    // The list has grown meanwhile: the stored total hides no row that exists.
    assert_eq!((&rest["has_next_page"], &rest["next_page"]), (&json!(true), &json!(3)));
    let (numbers, ..) = opened(client.get(&format!("{OWN}&cursor={}", next.expect("a cursor"))).await.json());
    assert_eq!(numbers, [5, 6]);

    // A deletion before the cursor does not shift the rows after it.
    let page = client.get(&format!("{OWN}&per_page=1")).await.json();
    let gone = page["result"][0]["node_id"].as_str().expect("an id");
    assert_eq!(client.delete(&format!("/v2/projects/{gone}")).await.status, 200);
    let (numbers, ..) = opened(client.get(&format!("{OWN}&cursor={cursor}")).await.json());
    assert_eq!(numbers, [3, 4]);
}

async fn a_cursor_is_bound_to_its_list(world: World) {
    let client = fill(&world, 3).await;
    let first = client.get(&format!("{OWN}&per_page=1")).await.json();
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let go_on = async |query: &str| client.get(&format!("/v2/projects?cursor={cursor}{query}")).await;
    assert_eq!(go_on("&organization_id=&per_page=1").await.status, 200);
    assert_eq!(
        go_on("&organization_id=&order_by=id&sort=asc").await.status,
        200,
        "the defaults, spelled out"
    );
    for query in [
        "",
        "&organization_id=&sort=desc",
        "&organization_id=&order_by=updatedAt",
        "&organization_id=&search=pro",
    ] {
        go_on(query).await.names(&[("?cursor", "INVALID_CURSOR")]);
    }
    go_on("&organization_id=&per_page=2").await.names(&[("?per_page", "NOT_BESIDE_CURSOR")]);
    go_on("&organization_id=&page=1").await.names(&[("?page", "NOT_BESIDE_CURSOR")]);
    for cursor in ["", "abc", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let response = client.get(&format!("{OWN}&cursor={cursor}")).await;
        response.names(&[("?cursor", "INVALID_CURSOR")]);
    }
    // A cursor of one kind of list is not valid for another.
    let member = world.as_project_member();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    let page = member.get(&format!("{tasks}?per_page=1")).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(member.get(&format!("{tasks}?cursor={cursor}")).await.status, 200);
    for path in [
        format!("/v2/projects?cursor={cursor}"),
        format!("/v2/projects/{}/members?cursor={cursor}", world.harbour.id),
        format!("/v2/projects/{}/tasks?cursor={cursor}", world.vault.id),
        format!("{tasks}?status=todo&cursor={cursor}"),
        format!("/v2/tasks/my-tasks-by-project?cursor={cursor}"),
        format!("/api/v1/spaces?cursor={cursor}"),
    ] {
        member.get(&path).await.names(&[("?cursor", "INVALID_CURSOR")]);
    }
}

async fn a_page_too_deep_points_at_the_cursor(world: World) {
    let client = fill(&world, 1).await;
    for query in ["&page=501", "&page=101&per_page=100", "&page=10001&per_page=1"] {
        let response = client.get(&format!("{OWN}{query}")).await;
        assert_eq!(
            (response.status, &response.json()["from"]),
            (200, &json!(1)),
            "begins at row 10 000: {response}"
        );
    }
    for query in ["&page=502", "&page=102&per_page=100", "&page=10002&per_page=1", "&page=4294967295"] {
        let response = client.get(&format!("{OWN}{query}")).await;
        response.names(&[("?page", "OUT_OF_RANGE")]);
        let detail = response.json()["errors"][0]["detail"].clone();
        assert!(detail.as_str().is_some_and(|text| text.contains("cursor")), "{detail}");
    }
}

async fn lists_are_ordered_by_any_of_their_fields(world: World) {
    let client = world.as_stranger();
    for name in ["beta", "Alpha", "\u{c9}cluse", "alpha"] {
        open(&client, name).await;
        world.clock.advance_seconds(1);
    }
    let first = client.get(&format!("{OWN}&per_page=1")).await.json();
    let path = format!("/v2/projects/{}", first["result"][0]["node_id"].as_str().expect("an id"));
    client.patch(&path, json!({"description": "Changed"})).await;
    let sorted = async |query: &str| opened(client.get(&format!("{OWN}{query}")).await.json()).0;
    assert_eq!(sorted("").await, [1, 2, 3, 4]);
    assert_eq!(sorted("&sort=desc").await, [4, 3, 2, 1]);
    assert_eq!(sorted("&order_by=id&sort=asc").await, [1, 2, 3, 4]);
    assert_eq!(sorted("&order_by=project_name").await, [2, 4, 1, 3], "in any case, ties by id");
    assert_eq!(sorted("&order_by=project_name&sort=desc").await, [3, 1, 4, 2]);
    assert_eq!(sorted("&order_by=updatedAt").await, [2, 3, 4, 1]);
    assert_eq!(sorted("&order_by=updatedAt&sort=desc").await, [1, 4, 3, 2]);
    for (query, parameter, allowed) in [
        ("&order_by=name", "?order_by", "id, project_name, updatedAt"),
        ("&order_by=", "?order_by", "id, project_name, updatedAt"),
        ("&sort=DESC", "?sort", "asc, desc"),
    ] {
        let response = client.get(&format!("{OWN}{query}")).await;
        response.names(&[(parameter, "NOT_ALLOWED")]);
        assert_eq!(response.json()["errors"][0]["detail"], json!(format!("must be one of {allowed}")));
    }
}

async fn searching_is_literal_in_any_case(world: World) {
    let client = world.as_stranger();
    for name in ["100% Stra\u{df}e", "a_b", "aXb"] {
        open(&client, name).await;
    }
    let found = async |search: &str| opened(client.get(&format!("{OWN}&search={search}")).await.json()).0;
    assert_eq!(found("%25").await, [1]);
    assert_eq!(found("STRASSE").await, [1]);
    assert_eq!(found("_").await, [2]);
    assert_eq!(found("x").await, [3]);
    assert_eq!(found("nothing").await, [0; 0]);
}

async fn paging_parameters_out_of_range_are_refused(world: World) {
    let client = world.as_member();
    let tasks = format!("/v2/projects/{}/tasks", world.harbour.id);
    for path in ["/v2/projects", tasks.as_str(), "/v2/tasks/my-tasks-by-project"] {
        for (query, parameter, code) in [
            ("page=0", "?page", "OUT_OF_RANGE"),
            ("page=-1", "?page", "OUT_OF_RANGE"),
            ("page=9223372036854775808", "?page", "OUT_OF_RANGE"),
            ("page=", "?page", "WRONG_TYPE"),
            ("page=1.0", "?page", "WRONG_TYPE"),
            ("per_page=0", "?per_page", "OUT_OF_RANGE"),
            ("per_page=101", "?per_page", "OUT_OF_RANGE"),
            ("per_page=all", "?per_page", "WRONG_TYPE"),
            ("limit=1", "?limit", "UNKNOWN_PARAMETER"),
            ("page=1&page=2", "?page", "DUPLICATE_PARAMETER"),
        ] {
            client.get(&format!("{path}?{query}")).await.names(&[(parameter, code)]);
        }
        assert_eq!(client.get(&format!("{path}?per_page=100&page=1")).await.status, 200);
    }
}

/// A total that another user has seen is not revealed: Meridian's admins see the private project, too.
async fn a_cursor_is_its_readers_alone(world: World) {
    let (admin, viewer) = (world.as_admin(), world.as_viewer());
    let first = async |client: &Client| {
        let page = client.get("/v2/projects?per_page=1").await.json();
        (page["total"].clone(), page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(world.as_founder().post("/v2/projects", json!({"project_name": "Pier"})).await.status, 201);
    let ((all, of_admin), (some, of_viewer)) = (first(&admin).await, first(&viewer).await);
    assert_eq!((all, some), (json!(3), json!(2)));
    let [of_admin, of_viewer] = [of_admin, of_viewer].map(|cursor| cursor.expect("a cursor"));
    let go_on =
        async |client: &Client, cursor: &str| client.get(&format!("/v2/projects?cursor={cursor}")).await;
    go_on(&viewer, &of_admin).await.names(&[("?cursor", "INVALID_CURSOR")]);
    go_on(&admin, &of_viewer).await.names(&[("?cursor", "INVALID_CURSOR")]);
    assert_eq!(go_on(&viewer, &of_viewer).await.json()["total"], json!(2));
    assert_eq!(go_on(&admin, &of_admin).await.json()["total"], json!(3));
    let other_key = world.with_key(Who::Admin, Key::ReadOnly).await;
    assert_eq!(go_on(&other_key, &of_admin).await.json()["total"], json!(3), "with another key of hers");
}
