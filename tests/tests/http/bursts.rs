//! A burst is not an overload: two hundred simultaneous requests of one key all succeed.

use std::sync::Arc;

use futures_util::future::join_all;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_postgres::{PostgresOptions, limits as postgres};
use loggia_sqlite::SqliteStore;
use loggia_testkit::SequentialIds;
use loggia_testkit::contract::Fixture;

use crate::harness::Store;
use crate::wire::{Serving, request};
use crate::world::{Key, Who, World};

const BURST: usize = 200;

/// The request of a burst by its number, and the status of its response.
type Call = (fn(usize, &str) -> String, u16);

const CALLS: [Call; 3] = [
    (
        |number, key| {
            request("POST", "/api/v1/spaces", key, Some(&format!("{{\"name\":\"Crate {number}\"}}")))
        },
        201,
    ),
    (|_, key| request("GET", "/api/v1/spaces?limit=20", key, None), 200),
    (|_, key| request("GET", "/api/v1/spaces?search=crate&count=true", key, None), 200),
];

/// Sends each burst on as many connections as it has requests, and checks that each request succeeds.
async fn all_succeed(world: World, limits: Limits) {
    let key = world.new_key(Who::Founder, Key::Full).await;
    let app = HttpApp::new(
        Loggia::on_ports(world.ports()).build(),
        Arc::new(SequentialIds::new()),
        [7; 32],
        limits,
    );
    let serving = Serving::start(app);
    let mut wires = join_all((0..BURST).map(|_| serving.connect())).await;
    for (call, status) in CALLS {
        for (number, wire) in wires.iter_mut().enumerate() {
            wire.send(&call(number, &key)).await;
        }
        let responses = join_all(wires.iter_mut().map(|wire| wire.response(false))).await;
        let failed: Vec<_> = responses.iter().filter(|response| response.status != status).collect();
        assert!(failed.is_empty(), "{} of {BURST}, such as {:?}", failed.len(), failed.first());
    }
    drop(wires);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_requests_at_once_of_one_key_all_succeed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("loggia.db")).await.unwrap());
    let readers = usize::try_from(store.reader_count()).unwrap();
    let fixture = Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(folder);
    let world = World::over(Store::Sqlite, fixture).await;
    let limits = Limits {
        reads_at_once: 2 * readers,
        long_reads_at_once: readers,
        writes_at_once: 128,
        ..Limits::default()
    };
    all_succeed(world, limits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_requests_at_once_of_one_key_all_succeed_on_postgres() {
    let database = loggia_tests::postgres::database().await;
    let options: PostgresOptions = database.url().parse().unwrap();
    let store = Arc::new(loggia_tests::postgres::open(&options).await);
    let fixture = Fixture::new(loggia_testkit::ports(store.clone(), store)).keeping(database);
    let world = World::over(Store::Postgres, fixture).await;
    let limits = Limits {
        reads_at_once: usize::try_from(2 * postgres::READERS).unwrap(),
        long_reads_at_once: usize::try_from(postgres::READERS * 3 / 4).unwrap(),
        writes_at_once: usize::try_from(2 * postgres::WRITERS).unwrap(),
        ..Limits::default()
    };
    all_succeed(world, limits).await;
}
