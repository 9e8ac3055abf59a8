//! Lists of members: filters, search, order, and paging by `Link`.

use serde_json::json;

use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::World;

on_every_store!(
    members_are_listed_by_name,
    members_are_filtered_and_searched,
    links_lead_through_all_and_back,
    a_cursor_is_bound_to_its_list,
    a_cursor_is_its_readers_alone,
);

fn path(world: &World) -> String {
    format!("/api/v1/organizations/{}/members", world.meridian)
}

/// Returns the first names on a page.
#[track_caller]
fn names(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200, "{response}");
    let body = response.json();
    let rows = body["data"].as_array().expect("a list");
    rows.iter().map(|row| row["firstName"].as_str().expect("a name").to_owned()).collect()
}

const BY_NAME: [&str; 8] = ["Ada", "Edsger", "Margaret", "Grace", "Katherine", "Hedy", "Barbara", "Dennis"];

async fn members_are_listed_by_name(world: World) {
    let (viewer, path) = (world.as_viewer(), path(&world));
    let all = viewer.get(&path).await;
    assert_eq!(names(&all), BY_NAME);
    assert_eq!(names(&viewer.get(&format!("{path}?sort=name")).await), BY_NAME);
    let mut reversed = BY_NAME;
    reversed.reverse();
    assert_eq!(names(&viewer.get(&format!("{path}?sort=-name")).await), reversed);
    // All members were created at the same time, so they are ordered by id, which is the order of their creation.
    let came = ["Ada", "Barbara", "Grace", "Edsger", "Margaret", "Katherine", "Dennis", "Hedy"];
    assert_eq!(names(&viewer.get(&format!("{path}?sort=createdAt")).await), came);
    assert_eq!(all.header("x-total-count"), None, "no count is run unasked");
    let counted = viewer.get(&format!("{path}?limit=2&role=member&count=true")).await;
    assert_eq!((names(&counted).len(), counted.header("x-total-count")), (2, Some("5")));
    // Ordered by the folded name, the last name first.
    let eclair = json!({"email": "e@example.com", "firstName": "Zoe", "lastName": "BYRON"});
    assert_eq!(world.as_admin().post(&path, eclair).await.status, 201);
    assert_eq!(names(&viewer.get(&format!("{path}?limit=2")).await), ["Ada", "Zoe"]);
}

async fn members_are_filtered_and_searched(world: World) {
    let path = path(&world);
    for (query, expected) in [
        ("role=admin", vec!["Ada", "Barbara"]),
        ("role=viewer", vec!["Edsger"]),
        ("active=false", vec!["Dennis"]),
        ("active=true&role=member", vec!["Margaret", "Grace", "Katherine", "Hedy"]),
        ("search=gra", vec!["Grace"]),
        ("search=HOPPER", vec!["Grace"]),
        ("search=grace+hop", vec!["Grace"]),
        ("search=hopper+grace", vec![]),
        ("search=margaret%40EXAMPLE", vec!["Margaret"]),
        ("search=d&active=false", vec!["Dennis"]),
        ("search=%25", vec![]),
        ("search=_", vec![]),
    ] {
        assert_eq!(names(&world.as_viewer().get(&format!("{path}?{query}")).await), expected, "{query}");
    }
}

async fn links_lead_through_all_and_back(world: World) {
    let (viewer, path) = (world.as_viewer(), path(&world));
    for sort in ["name", "-name", "createdAt", "-createdAt"] {
        let all = names(&viewer.get(&format!("{path}?sort={sort}")).await);
        let mut page = viewer.get(&format!("{path}?sort={sort}&limit=3")).await;
        assert_eq!(page.link("first"), Some(format!("{path}?sort={sort}&limit=3")));
        let mut paged = names(&page);
        while let Some(next) = page.link("next") {
            page = viewer.get(&next).await;
            paged.extend(names(&page));
        }
        assert_eq!(paged, all, "{sort}");
        let previous = viewer.get(&page.link("prev").expect("a way back")).await;
        assert_eq!(names(&previous), all[3..6], "{sort}");
    }
    let second = viewer.get(&format!("{path}?limit=2&offset=2")).await;
    assert_eq!(names(&second), BY_NAME[2..4]);
    assert_eq!(second.link("prev"), Some(format!("{path}?limit=2&offset=0")));
}

async fn a_cursor_is_bound_to_its_list(world: World) {
    let (viewer, path) = (world.as_viewer(), path(&world));
    let next = viewer.get(&format!("{path}?limit=2")).await.link("next").expect("a next page");
    assert_eq!(viewer.get(&next).await.status, 200);
    for other in ["role=member", "active=true", "search=a", "sort=-name"] {
        viewer.get(&format!("{next}&{other}")).await.names(&[("?cursor", "INVALID_CURSOR")]);
    }
    let elsewhere = next.replace(&world.meridian, &world.borealis);
    world.as_stranger().get(&elsewhere).await.names(&[("?cursor", "INVALID_CURSOR")]);
    viewer.get(&format!("{next}&offset=2")).await.names(&[("?offset", "NOT_BESIDE_CURSOR")]);
}

async fn a_cursor_is_its_readers_alone(world: World) {
    let (viewer, path) = (world.as_viewer(), path(&world));
    let next = viewer.get(&format!("{path}?limit=2")).await.link("next").expect("a next page");
    assert_eq!(viewer.get(&next).await.status, 200);
    for other in [world.as_admin(), world.as_member()] {
        other.get(&next).await.names(&[("?cursor", "INVALID_CURSOR")]);
    }
}
