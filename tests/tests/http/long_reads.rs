//! The classification of long reads: the service decides by a call's parameters, and the store by its statements, and both must agree. The
//! service cannot know whether a list must be counted: a page that shows the list to its end gives the total.

use std::sync::Arc;

use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use tracing::Instrument as _;

use crate::capture;
use crate::harness::Store;
use crate::harness::client::{Client, Service};
use crate::harness::response::Response;
use crate::permissions::{COLUMNS, rows};
use crate::world::{Who, World};

/// Queries of lists beside those of the table of permissions.
const MORE: &[(&str, &str)] = &[
    ("spaces", "limit=1"),
    ("spaces", "sort=name&include=all"),
    ("spaces", "organizationId="),
    ("spaces", "status=Active"),
    ("spaces", "priority=high"),
    ("spaces", "projectId={project}"),
    ("spaces", "search=pier"),
    ("spaces", "offset=1"),
    ("spaces", "offset=0"),
    ("spaces", "count=true"),
    ("spaces", "count=true&limit=1"),
    ("members", "sort=-createdAt&limit=2"),
    ("members", "role=viewer"),
    ("members", "active=true"),
    ("members", "search=ada"),
    ("members", "offset=1"),
    ("members", "count=true"),
    ("members", "count=true&limit=1"),
    ("members", "count=false"),
    ("me", "limit=1"),
    ("organizations", "limit=1"),
    ("own keys", "limit=1"),
    ("a member's keys", "limit=1"),
    ("invitations", "limit=1"),
    ("projects", "per_page=1"),
    ("roster", "per_page=1"),
    ("own tasks", "per_page=1"),
    ("tasks", "per_page=1&dottie=true"),
    ("tasks", "status=done&dottie=true"),
    ("tasks", "assignee=&dottie=true"),
];

fn more(world: &World) -> impl Iterator<Item = String> {
    MORE.iter().map(|(list, query)| {
        let path = match *list {
            "spaces" => "/api/v1/spaces".to_owned(),
            "members" => format!("/api/v1/organizations/{}/members", world.meridian),
            "me" => "/api/v1/me".to_owned(),
            "organizations" => "/api/v1/organizations".to_owned(),
            "own keys" => "/api/v1/api-keys".to_owned(),
            "a member's keys" => {
                let member = world.id(Who::ProjectMember);
                format!("/api/v1/organizations/{}/members/{member}/api-keys", world.meridian)
            }
            "invitations" => format!("/api/v1/organizations/{}/invitations", world.meridian),
            "projects" => "/v2/projects".to_owned(),
            "roster" => format!("/v2/projects/{}/members", world.harbour.id),
            "own tasks" => "/v2/tasks/my-tasks-by-project".to_owned(),
            _ => format!("/v2/projects/{}/tasks", world.harbour.id),
        };
        format!("{path}?{}", query.replace("{project}", &world.harbour.id))
    })
}

/// Returns `true` if the response is the page of a counted list that reaches its end.
fn has_a_total(response: &Response) -> bool {
    let json = response.json();
    match response.header("x-total-count") {
        Some(total) => json["data"].as_array().is_some_and(|data| data.len().to_string() == total),
        None => json["has_next_page"] == false && json["to"] == json["total"],
    }
}

#[tokio::test]
async fn a_read_takes_a_long_read_permit_exactly_if_the_store_may_take_long() {
    capture::listen();
    let world = World::on(Store::Sqlite).await;
    let of_this = async |long_reads_at_once| {
        let limits =
            Limits { long_reads_at_once, permit_milliseconds: 0, request_seconds: 60, ..Limits::default() };
        let app = HttpApp::new(
            Loggia::on_ports(world.ports()).build(),
            Arc::new(SequentialIds::new()),
            [7; 32],
            limits,
        );
        Service::new(app).await
    };
    let (all, quick_only) = (of_this(32).await, of_this(0).await);
    let client = |service: &Service, who: Who| Client::new(service.clone(), vec![world.authorization(who)]);

    let mut calls = Vec::new();
    for row in rows().into_iter().filter(|row| row.method == "GET" && !row.private) {
        let mut callers = COLUMNS.iter().zip(&row.statuses);
        let caller =
            callers.find_map(|(who, status)| who.filter(|_| *status == 200)).expect("an allowed caller");
        calls.push((caller, row.target(&world)));
    }
    calls.extend(more(&world).map(|path| (Who::Founder, path)));
    // Calls that continue with a cursor.
    for (who, path) in calls.clone() {
        let response = client(&all, who).get(&path).await;
        let is_json = response.bytes.starts_with(b"{");
        let next = is_json.then(|| response.json()["next_cursor"].as_str().map(str::to_owned)).flatten();
        let bare = path.split('?').next().unwrap_or_default();
        calls.extend(next.map(|cursor| (who, format!("{bare}?cursor={cursor}"))));
        let links = response.header("link").unwrap_or_default().split(", ");
        let next = links.filter_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        calls.extend(next.map(|link| (who, link.to_owned())));
    }

    let (mut long, mut quick, mut with_total) = (0, 0, 0);
    for (who, path) in calls {
        let span = capture::counted();
        let response = async { client(&all, who).get(&path).await }.instrument(span.clone()).await;
        assert_eq!(response.status, 200, "{path}: {response}");
        let has_run_long = capture::long_statements(&span) > 0;
        let limited = client(&quick_only, who).get(&path).await;
        if limited.status == 200 {
            assert!(!has_run_long, "{path}");
            quick += 1;
        } else {
            limited.refuses(503, "BUSY");
            assert!(has_run_long || has_a_total(&response), "{path}: {response}");
            *(if has_run_long { &mut long } else { &mut with_total }) += 1;
        }
    }
    assert!(long > 12 && quick > 12 && with_total > 0, "{long}, {quick} and {with_total}");
}
