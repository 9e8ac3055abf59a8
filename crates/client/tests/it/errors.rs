//! Responses that are no refusal of Loggia's and no success.

use std::time::Duration;

use loggia_client::{
    Error, NewSpace, OrganizationId, ProblemCode, ProjectId, ProjectPatch, SpaceId, SpacePatch,
};
use serde_json::{Value, json};

use crate::server::{Answer, Server, problem, response};
use crate::{client, client_at};

const ID: &str = "01930000-0000-7000-8000-000000000069";

fn space_id() -> SpaceId {
    ID.parse().unwrap()
}

/// Reads a space from a server with one answer. Returns the error and the number of requests.
async fn read(answer: Answer) -> (Error, usize) {
    let server = Server::script(vec![answer]).await;
    let error = client(&server).spaces().get(space_id()).await.unwrap_err();
    (error, server.received().len())
}

#[tokio::test]
async fn a_problem_has_its_code_its_fields_and_its_request() {
    let body = json!({
        "type": "/docs/errors/VALIDATION_FAILED", "title": "The request is not valid", "status": 400, "detail": "Two errors.",
        "instance": "urn:loggia:request:r-1", "code": "VALIDATION_FAILED", "request_id": "r-1", "later": 1,
        "errors": [
            {"pointer": "/name", "code": "TOO_SHORT", "detail": "The name is empty."},
            {"parameter": "sort", "code": "A_LATER_CODE", "detail": "?"},
        ],
    });
    let (error, _) = read(response(400, "application/problem+json; charset=utf-8", body.to_string())).await;
    assert_eq!(error.code(), Some(&ProblemCode::ValidationFailed));
    let problem = error.problem().unwrap();
    assert_eq!((problem.status, problem.request_id.as_str(), problem.errors.len()), (400, "r-1", 2));
    assert_eq!(problem.errors[0].pointer.as_deref(), Some("/name"));
    assert_eq!(problem.errors[1].code.as_str(), "A_LATER_CODE");
    assert!(error.to_string().contains("/name TOO_SHORT"), "{error}");
}

#[tokio::test]
async fn a_problem_reports_how_long_to_wait() {
    let server = Server::script(vec![problem(429, "RATE_LIMITED").with("Retry-After", "3600")]).await;
    let error = client(&server).spaces().get(space_id()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(server.received().len(), 1, "an hour is longer than the client tries");
}

#[tokio::test]
async fn a_changed_record_is_stale_with_its_current_version() {
    let answer = problem(412, "PRECONDITION_FAILED").with("ETag", r#""4-0123456789abcdef""#);
    let server = Server::script(vec![answer]).await;
    let error =
        client(&server).spaces().update(space_id().unconditionally(), &SpacePatch::new()).await.unwrap_err();
    let Error::Stale { current: Some(etag), .. } = &error else { panic!("{error:?}") };
    assert_eq!(etag.as_str(), r#""4-0123456789abcdef""#);
}

#[tokio::test]
async fn html_instead_of_json_is_a_clear_error() {
    let page = format!("<html>Welcome to the airport{}</html>", "!".repeat(9_000));
    let (error, requests) = read(response(200, "text/html; charset=utf-8", page)).await;
    let Error::UnexpectedResponse { status, excerpt, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*status, requests), (200, 1));
    assert!(excerpt.starts_with("<html>Welcome") && excerpt.len() == 200, "{excerpt}");
    let (error, requests) = read(response(502, "text/html", "<h1>Bad gateway</h1>")).await;
    assert!(matches!(&error, Error::UnexpectedResponse { status: 502, .. }), "{error:?}");
    assert_eq!(requests, 5);
    assert!(error.to_string().contains("Bad gateway"), "{error}");
}

#[tokio::test]
async fn json_that_is_not_the_documented_one_is_an_error_that_shows_no_part_of_it() {
    for body in ["{}", r#"{"data": {"key": "lga_theSecret"}}"#, "not JSON: lga_theSecret"] {
        let (error, _) = read(response(200, "application/json", body)).await;
        assert!(matches!(error, Error::UnexpectedResponse { status: 200, .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("theSecret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let megabytes = |count: usize| " ".repeat(count * 1024 * 1024);
    let (error, requests) = read(response(200, "application/json", megabytes(9))).await;
    assert!(matches!(error, Error::TooLarge { limit: 8_388_608 }), "{error:?}");
    assert_eq!(requests, 1);
    let (error, _) = read(response(404, "application/problem+json", megabytes(1))).await;
    assert!(matches!(error, Error::TooLarge { limit: 65_536 }), "{error:?}");
    let (error, _) = read(response(200, "application/json", megabytes(8))).await;
    assert!(matches!(error, Error::UnexpectedResponse { .. }), "8 MiB are read: {error:?}");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = Server::script(vec![response(200, "application/json", "{}")]).await;
    for status in [301, 302, 303, 307, 308] {
        let moved = response(status, "text/html", "").with("Location", other.url());
        let server = Server::script(vec![moved]).await;
        let error = client(&server).spaces().create(&NewSpace::new("Pier")).await.unwrap_err();
        assert!(
            matches!(&error, Error::Redirected { location, .. } if *location == other.url()),
            "{error:?}"
        );
        assert_eq!(server.received().len(), 1);
    }
    assert!(other.received().is_empty(), "the key went nowhere else");
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    let server = Server::script(vec![problem(404, "NOT_FOUND")]).await;
    let client = client_at(&format!("{}/loggia/", server.url()));
    client.spaces().get(space_id()).await.unwrap_err();
    client.service().is_live().await.unwrap_err();
    let targets: Vec<_> = server.received().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, [format!("/loggia/api/v1/spaces/{ID}"), "/loggia/livez".to_owned()]);
}

#[tokio::test]
async fn a_record_is_read_again_only_if_it_has_changed() {
    let organization = json!({"data": {
        "id": ID, "name": "Harbour", "createdAt": "2026-01-31T08:30:00.000Z", "updatedAt": "2026-01-31T08:30:00.000Z",
        "role": "admin",
    }});
    let tag = r#""1-0123456789abcdef""#;
    let unchanged = Answer::Response { status: 304, headers: Vec::new(), body: Vec::new() };
    let server =
        Server::script(vec![crate::server::json(200, &organization).with("ETag", tag), unchanged]).await;
    let client = client(&server);
    let id: OrganizationId = ID.parse().unwrap();
    let known = client.organizations().get(id).await.unwrap();
    assert_eq!(client.organizations().refresh(&known).await.unwrap(), None);
    assert_eq!(server.received()[1].header("if-none-match"), Some(tag));
}

#[tokio::test]
async fn a_record_without_a_version_is_an_error() {
    let server = Server::script(vec![response(200, "application/json", project().to_string())]).await;
    let id: ProjectId = ID.parse().unwrap();
    let error = client(&server).projects().get(id).await.unwrap_err();
    assert!(error.to_string().contains("ETag"), "{error}");
}

fn project() -> Value {
    json!({
        "id": 1, "node_id": ID, "project_name": "Dock", "description": null, "start_date": null, "end_date": null,
        "visibility": "organization", "createdAt": "2026-01-31T08:30:00.000Z", "updatedAt": "2026-01-31T08:30:00.000Z",
        "created_by": {
            "id": 1, "email": "ada@example.com", "avatar": "", "node_id": ID, "full_name": "Ada Byron",
            "first_name": "Ada", "last_name": "Byron", "employee_no": "",
        },
    })
}

#[tokio::test]
async fn a_patch_of_nothing_reads_the_project() {
    let nothing = Answer::Response { status: 204, headers: Vec::new(), body: Vec::new() };
    let found =
        response(200, "application/json", project().to_string()).with("ETag", r#""1-0123456789abcdef""#);
    let server = Server::script(vec![nothing, found]).await;
    let id: ProjectId = ID.parse().unwrap();
    let read = client(&server).projects().update(id.unconditionally(), &ProjectPatch::new()).await.unwrap();
    assert_eq!(read.name, "Dock");
    assert_eq!(server.received()[0].body, b"{}");
}

#[tokio::test]
async fn an_empty_success_is_not_taken_for_a_deletion_or_for_health() {
    let server =
        Server::script(vec![Answer::Response { status: 200, headers: Vec::new(), body: Vec::new() }]).await;
    let client = client(&server);
    let organization: OrganizationId = ID.parse().unwrap();
    let results = [
        client.spaces().delete(space_id().unconditionally()).await,
        client.me().leave(organization).await,
        client.service().is_live().await,
    ];
    for result in results {
        assert!(matches!(result, Err(Error::UnexpectedResponse { status: 200, .. })), "{result:?}");
    }
}
