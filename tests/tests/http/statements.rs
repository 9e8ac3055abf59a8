//! The cost of lists in SQL statements, counted on the SQL stores (issue 2, "must show" 6). The cost of single statements is tested in the
//! stores' own crates.

use std::sync::Arc;

use loggia_domain::key::KeySecret;
use loggia_domain::port::Ports;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_sqlite::{SqliteOptions, SqliteStore};
use loggia_testkit::contract::Fixture;
use loggia_testkit::seed::{self, World};
use loggia_testkit::{SequentialIds, builders};
use tracing::Instrument as _;

use crate::capture;
use crate::harness::client::{Client, Service};
use crate::harness::response::Response;

/// The SQL stores.
pub(crate) const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Creates a store with one reading connection, so that its last statement runs after all others.
    async fn fresh(self) -> Fixture {
        match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let options = SqliteOptions::new(folder.path().join("loggia.db")).readers(1);
                let store = Arc::new(SqliteStore::open_with(&options).await.unwrap());
                Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(folder)
            }
            Self::Postgres => {
                let database = loggia_tests::postgres::database().await;
                let options = loggia_tests::postgres::options(&database).readers(1);
                let store = Arc::new(loggia_tests::postgres::open(&options).await);
                Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(database)
            }
        }
    }
}

/// An organization on one of the stores, and its admin as a client of the service.
pub(crate) struct Tenant {
    pub(crate) ports: Ports,
    pub(crate) world: World,
    pub(crate) ada: Client,
    _fixture: Fixture,
}

pub(crate) async fn tenant(engine: Engine) -> Tenant {
    capture::listen();
    let fixture = engine.fresh().await;
    let ports = fixture.ports.clone();
    let world = World::seed(&ports).await;
    let secret = KeySecret::from_entropy([7; 32]);
    seed::key(&ports, &builders::key(&ports, world.admin.user, world.scope), secret.expose()).await;
    let ids = Arc::new(SequentialIds::new());
    let app = HttpApp::new(Loggia::on_ports(ports.clone()).build(), ids, [7; 32], Limits::default());
    let ada = Client::new(Service::new(app).await, vec![format!("Bearer {}", secret.expose())]);
    // A new connection checks itself, which does not belong to the cost of a list.
    ports.views.check_ready().await.unwrap();
    Tenant { ports, world, ada, _fixture: fixture }
}

impl Tenant {
    /// Adds that many spaces that refer to the project.
    async fn add_spaces(&self, count: u32) {
        let space = |number| {
            let mut space = builders::space(
                &self.ports,
                self.world.scope,
                self.world.member.user,
                &format!("Quay {number}"),
            );
            space.project = Some(self.world.project.id);
            space
        };
        let spaces: Vec<_> = (0..count).map(space).collect();
        seed::spaces(&self.ports, &spaces).await;
    }

    /// Returns the response, and the number of statements that it took.
    async fn get(&self, path: &str) -> (Response, usize) {
        let span = capture::counted();
        let response = async { self.ada.get(path).await }.instrument(span.clone()).await;
        assert_eq!(response.status, 200, "{path}: {response}");
        // A statement is reported when it has ended, which may be a moment after its last row was read.
        self.ports.views.check_ready().await.unwrap();
        (response, capture::statements(&span))
    }
}

#[tokio::test]
async fn a_page_of_a_hundred_spaces_with_everything_costs_as_much_as_a_page_of_one() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        let all = "/api/v1/spaces?include=all&limit=100";
        let rows = |response: &Response| response.json()["data"].as_array().unwrap().len();
        tenant.add_spaces(1).await;
        let (one, statements_of_one) = tenant.get(all).await;
        tenant.add_spaces(99).await;
        let (hundred, statements_of_a_hundred) = tenant.get(all).await;
        assert_eq!((rows(&one), rows(&hundred)), (1, 100));
        let last = &hundred.json()["data"][99];
        assert_eq!(last["createdBy"]["firstName"], "Grace", "{last}");
        assert_eq!(last["project"]["name"], "Harbour", "{last}");
        assert_eq!(last["organization"]["name"], "Harbour Works", "{last}");
        assert_eq!(statements_of_one, statements_of_a_hundred, "{engine:?}");
        // The key, the caller's role in the scope, and the page. On Postgres the role is read with the key, and the same statement sets the
        // tenant context for row-level security.
        let expected = if engine == Engine::Postgres { 2 } else { 3 };
        assert_eq!(statements_of_a_hundred, expected, "{engine:?}: they are counted, and they are few");
        for (limit, counts) in [(99, 1), (100, 0)] {
            let path = format!("/api/v1/spaces?include=all&limit={limit}&count=true");
            let (counted, statements) = tenant.get(&path).await;
            assert_eq!(counted.header("x-total-count"), Some("100"), "{engine:?}: {limit} of them");
            let expected = expected + counts;
            assert_eq!(statements, expected, "{engine:?}: {limit} of 100 are shown; a count is one more");
        }
    }
}

#[tokio::test]
async fn a_record_costs_two_statements_at_most() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        tenant.add_spaces(1).await;
        let space =
            tenant.get("/api/v1/spaces").await.0.json()["data"][0]["_id"].as_str().unwrap().to_owned();
        let project = tenant.world.project.id;
        for path in [format!("/api/v1/spaces/{space}?include=all"), format!("/v2/projects/{project}")] {
            // On Postgres the record is read with the key.
            let expected = if engine == Engine::Postgres { 1 } else { 2 };
            assert_eq!(tenant.get(&path).await.1, expected, "{engine:?}: {path}: the key, and the record");
        }
    }
}

#[tokio::test]
async fn the_500th_page_of_spaces_costs_as_much_as_the_first() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        tenant.add_spaces(501).await;
        let mut path = "/api/v1/spaces?include=all&limit=1".to_owned();
        let mut costs = Vec::new();
        for _ in 0..500 {
            let (response, statements) = tenant.get(&path).await;
            costs.push(statements);
            let links = response.header("link").unwrap();
            let next = links.split(", ").find_map(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
            path = next[1..].to_owned();
        }
        assert_eq!(costs, vec![costs[0]; 500], "{engine:?}");
        assert!(costs[0] > 0);
    }
}

#[tokio::test]
async fn the_500th_page_of_projects_and_of_tasks_costs_no_more_than_the_first() {
    for engine in ENGINES {
        let tenant = tenant(engine).await;
        let world = &tenant.world;
        for number in 1..=501 {
            seed::project(&tenant.ports, world.scope, world.admin.user, &format!("Quay {number}"), |_| ())
                .await;
            seed::task(&tenant.ports, &world.project, &number.to_string(), |_| ()).await;
        }
        for list in ["/v2/projects".to_owned(), format!("/v2/projects/{}/tasks", world.project.id)] {
            let mut path = format!("{list}?per_page=1");
            let mut costs = Vec::new();
            for page in 1..=500 {
                let (response, statements) = tenant.get(&path).await;
                costs.push(statements);
                let body = response.json();
                assert_eq!(
                    (&body["page"], body["result"].as_array().unwrap().len()),
                    (&page.into(), 1),
                    "{list}"
                );
                path = format!("{list}?cursor={}", body["next_cursor"].as_str().unwrap());
            }
            // The first page counts the list; the cursor carries the total.
            assert_eq!(costs[1..], vec![costs[0] - 1; 499], "{engine:?}: {list}");
            assert!(costs[1] > 0, "{list}");
        }
    }
}
