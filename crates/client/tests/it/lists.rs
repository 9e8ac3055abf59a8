//! Lists over several pages.

use futures_util::TryStreamExt as _;
use loggia_client::{Error, Organization, Project, ProjectFilter, SpaceFilter};
use serde_json::{Value, json};

use crate::client;
use crate::server::{Answer, Received, Server, problem};

fn id(number: usize) -> String {
    format!("01930000-0000-7000-8000-{number:012x}")
}

fn organization(number: usize) -> Value {
    let time = "2026-01-31T08:30:00.000Z";
    json!({"id": id(number), "name": "Harbour", "createdAt": time, "updatedAt": time, "role": "admin"})
}

/// Returns a page of `/api/v1` with a link to the next one.
fn linked(number: usize, next: Option<&str>) -> Answer {
    let page = crate::server::json(200, &json!({"data": [organization(number), organization(number + 1)]}));
    let first = r#"</api/v1/organizations?limit=2>; rel="first""#;
    let next = next.map(|next| format!(r#", <{next}>; rel="next""#)).unwrap_or_default();
    page.with("Link", format!("{first}{next}"))
}

fn targets(received: &[Received]) -> Vec<&str> {
    received.iter().map(|request| request.target.as_str()).collect()
}

#[tokio::test]
async fn a_stream_follows_links_unchanged_to_the_last_page() {
    let server = Server::script(vec![
        linked(1, Some("/api/v1/organizations?limit=2&cursor=a%2Cb&later=1")),
        problem(503, "BUSY"),
        linked(3, Some("/api/v1/organizations?cursor=c")),
        linked(5, None),
    ])
    .await;
    let list = client(&server).organizations().list().page_size(2);
    let all: Vec<Organization> = list.stream().try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|organization| organization.id.to_string()).collect();
    assert_eq!(ids, (1..=6).map(id).collect::<Vec<_>>());
    let received = server.received();
    let second = "/api/v1/organizations?limit=2&cursor=a%2Cb&later=1";
    assert_eq!(
        targets(&received),
        ["/api/v1/organizations?limit=2", second, second, "/api/v1/organizations?cursor=c"]
    );
}

#[tokio::test]
async fn a_link_to_another_origin_is_not_followed() {
    let other = Server::script(vec![linked(3, None)]).await;
    let elsewhere = format!("{}/api/v1/organizations?cursor=c", other.url());
    let server = Server::script(vec![linked(1, Some(&elsewhere))]).await;
    let error = client(&server).organizations().list().page().await.unwrap_err();
    assert!(matches!(&error, Error::ForeignLink { link } if *link == elsewhere), "{error:?}");
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn a_stream_ends_after_its_first_error() {
    let server = Server::script(vec![
        linked(1, Some("/api/v1/organizations?cursor=c")),
        problem(400, "VALIDATION_FAILED"),
    ])
    .await;
    let mut stream = Box::pin(client(&server).organizations().list().stream());
    assert!(stream.try_next().await.unwrap().is_some());
    assert!(stream.try_next().await.unwrap().is_some());
    assert!(stream.try_next().await.is_err());
    assert!(stream.try_next().await.unwrap().is_none());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_one_does_not_loop() {
    let server = Server::script(vec![linked(1, Some("/api/v1/organizations?limit=2"))]).await;
    let list = client(&server).organizations().list().page_size(2);
    let result: Result<Vec<Organization>, _> = list.stream().try_collect().await;
    assert!(matches!(result, Err(Error::UnexpectedResponse { .. })), "{result:?}");
    assert_eq!(server.received().len(), 1);
}

/// Returns a page of `/v2`.
fn numbered(cursor: Option<&str>) -> Answer {
    crate::server::json(200, &json!({"total": 5, "result": [], "next_cursor": cursor, "page": 1}))
}

#[tokio::test]
async fn cursors_of_a_body_are_followed_with_the_filter_and_the_page_size() {
    let server = Server::script(vec![numbered(Some("a&b")), numbered(Some("c")), numbered(None)]).await;
    let filter = ProjectFilter::new().search("dry dock").page(2_u32);
    let list = client(&server).projects().list(&filter).page_size(2);
    let all: Vec<Project> = list.stream().try_collect().await.unwrap();
    assert!(all.is_empty());
    let received = server.received();
    assert_eq!(
        targets(&received),
        [
            "/v2/projects?search=dry+dock&page=2&per_page=2",
            "/v2/projects?search=dry+dock&per_page=2&cursor=a%26b",
            "/v2/projects?search=dry+dock&per_page=2&cursor=c",
        ]
    );
}

#[tokio::test]
async fn single_pages_report_the_total_and_the_next_cursor() {
    let server = Server::script(vec![numbered(Some("a&b")), numbered(None)]).await;
    let list = client(&server).projects().list(&ProjectFilter::new());
    let first = list.page().await.unwrap();
    assert_eq!((first.total, first.has_next(), first.next_cursor().as_deref()), (Some(5), true, Some("a&b")));
    let second = list.page_after(&first).await.unwrap().unwrap();
    assert!(!second.has_next());
    assert!(list.page_after(&second).await.unwrap().is_none());
    assert_eq!(server.received().len(), 2);

    let page = linked(1, Some("/api/v1/spaces?cursor=c%2Fd"));
    let server =
        Server::script(vec![crate::server::json(200, &json!({"data": []})).with("X-Total-Count", "7"), page])
            .await;
    let spaces = client(&server).spaces().list(&SpaceFilter::new().count(true)).page().await.unwrap();
    assert_eq!((spaces.total, spaces.has_next()), (Some(7), false));
    let organizations = client(&server).organizations().list().page().await.unwrap();
    assert_eq!((organizations.total, organizations.next_cursor().as_deref()), (None, Some("c/d")));
}
