//! The six calls, served in process on a SQLite file: without a socket, without an HTTP parser, and on one thread besides the store's own.

use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::dev::Service as _;
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use loggia_domain::key::KeySecret;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_sqlite::{SqliteOptions, SqliteStore};
use loggia_testkit::contract::Fixture;
use loggia_testkit::seed::{self, World};
use loggia_testkit::{SequentialIds, builders};
use serde_json::json;
use stats_alloc::{Region, Stats};

use crate::ALLOCATOR;

/// The names of the calls.
pub(crate) const NAMES: [&str; 6] = [
    "get one space",
    "list 20 spaces",
    "get one project",
    "list 20 tasks",
    "create a space",
    "patch a space",
];

/// The number of requests of a call before it is counted, which prepare statements and grow buffers.
const BEFORE: usize = 4;
/// The number of requests before all counting.
const AT_FIRST: usize = 16;

/// The number of spaces, and of tasks, to read.
const RECORDS: u32 = 40;

type Status = std::pin::Pin<Box<dyn Future<Output = u16>>>;

/// The service, and the records that the calls use.
pub(crate) struct Service {
    call: Box<dyn Fn(TestRequest) -> Status>,
    authorization: String,
    space: String,
    project: String,
    _fixture: Fixture,
}

impl Service {
    /// Creates a service on a file of its own with repeatable records.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::new(folder.path().join("loggia.db")).readers(1);
        let store = Arc::new(SqliteStore::open_with(&options).await.unwrap());
        let fixture = Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(folder);
        let ports = &fixture.ports;
        let world = World::seed(ports).await;
        let secret = KeySecret::from_entropy([7; 32]);
        seed::key(ports, &builders::key(ports, world.admin.user, world.scope), secret.expose()).await;
        let space = |number| {
            let name = format!("Quay {number}");
            builders::space(ports, world.scope, world.member.user, &name)
        };
        let spaces: Vec<_> = (0..RECORDS).map(space).collect();
        seed::spaces(ports, &spaces).await;
        for number in 1..=RECORDS {
            seed::task(ports, &world.project, &number.to_string(), |_| ()).await;
        }
        let ids = Arc::new(SequentialIds::new());
        let app = HttpApp::new(Loggia::on_ports(ports.clone()).build(), ids, [7; 32], Limits::default());
        let service = std::rc::Rc::new(init_service(loggia_http::application(app)).await);
        let call = move |request: TestRequest| -> Status {
            let service = service.clone();
            Box::pin(async move {
                let response = service.call(request.to_request()).await.expect("a response");
                let status = response.status().as_u16();
                assert!(!to_bytes(response.into_body()).await.expect("a body").is_empty());
                status
            })
        };
        let service = Self {
            call: Box::new(call),
            authorization: format!("Bearer {}", secret.expose()),
            space: spaces[0].id.to_string(),
            project: world.project.id.to_string(),
            _fixture: fixture,
        };
        for number in 0..AT_FIRST {
            service.send(NAMES[0], number).await;
        }
        service
    }

    /// Sends the requests of a call, one after the other, and returns the allocations meanwhile.
    pub(crate) async fn counted(&self, name: &str, requests: usize) -> Stats {
        for number in 0..BEFORE {
            self.send(name, number).await;
        }
        let region = Region::new(ALLOCATOR);
        here_counting_begins_or_ends();
        for number in BEFORE..BEFORE + requests {
            self.send(name, number).await;
        }
        here_counting_begins_or_ends();
        region.change()
    }

    async fn send(&self, name: &str, number: usize) {
        let (spaces, space) = ("/api/v1/spaces", format!("/api/v1/spaces/{}", self.space));
        let project = format!("/v2/projects/{}", self.project);
        // The names differ, but have the same length.
        let body = json!({"name": format!("Pier {number:04}")});
        let (method, path, body, status) = match name {
            "get one space" => (Method::GET, space, None, 200),
            "list 20 spaces" => (Method::GET, format!("{spaces}?limit=20"), None, 200),
            "get one project" => (Method::GET, project, None, 200),
            "list 20 tasks" => (Method::GET, format!("{project}/tasks?per_page=20"), None, 200),
            "create a space" => (Method::POST, spaces.to_owned(), Some(body), 201),
            "patch a space" => (Method::PATCH, space, Some(body), 200),
            _ => panic!("no call is named {name}"),
        };
        let mut request = TestRequest::with_uri(&path).method(method);
        request = request.append_header(("Authorization", self.authorization.as_str()));
        if let Some(body) = body {
            let body = body.to_string();
            let length = body.len().to_string();
            request = request.append_header(("Content-Type", "application/json"));
            request = request.append_header(("Content-Length", length)).set_payload(body);
        }
        assert_eq!((self.call)(request).await, status, "{name}");
    }
}

/// Marks the end of a part for callgrind, which recognizes this function by its name.
#[inline(never)]
fn here_counting_begins_or_ends() {
    std::hint::black_box(());
}
