//! The facts that an observer gets about each request: route and status, stages, statements, failures of the store.

use std::sync::{Arc, Mutex};

use loggia_domain::port::{Capability, StoreError};
use loggia_domain::service::Loggia;
use loggia_http::{Arrival, Completed, HttpApp, Limits, Observer, Trace};
use loggia_observe::{Stage, StoreFailure};
use loggia_testkit::SequentialIds;
use loggia_testkit::intercept::{self, Interceptor};
use serde_json::json;

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::world::{Key, MADE_UP, Who, World};

on_every_store!(
    a_request_is_observed_by_its_route_and_never_by_its_path,
    a_request_passes_the_stages_that_it_needs,
    a_failure_of_the_store_is_counted_by_its_kind,
);

/// A request as the observer received it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    method: &'static str,
    route: &'static str,
    status: u16,
    statements: u32,
    stages: Vec<&'static str>,
    failures: Vec<(&'static str, u32)>,
}

/// Records everything that it receives.
#[derive(Default)]
struct Witness {
    arrived: Mutex<Vec<&'static str>>,
    completed: Mutex<Vec<Seen>>,
}

impl Observer for Witness {
    fn begin(&self, arrival: &Arrival<'_>) -> Option<Trace> {
        assert_eq!(arrival.parent, None, "no proxy is trusted");
        self.arrived.lock().unwrap().push(arrival.method);
        None
    }

    fn end(&self, request: &Completed<'_>) {
        let passed = |stage: &Stage| request.account.spent_in(*stage).is_some();
        let times = |kind: StoreFailure| (kind.name(), request.account.failures(kind));
        self.completed.lock().unwrap().push(Seen {
            method: request.method,
            route: request.route,
            status: request.status,
            statements: request.account.statements(),
            stages: Stage::ALL.into_iter().filter(passed).map(Stage::name).collect(),
            failures: StoreFailure::ALL.into_iter().map(times).filter(|(_, times)| *times > 0).collect(),
        });
    }
}

impl Witness {
    /// Returns the requests seen since the last call.
    fn take(&self) -> Vec<Seen> {
        let arrived = std::mem::take(&mut *self.arrived.lock().unwrap());
        let completed = std::mem::take(&mut *self.completed.lock().unwrap());
        assert_eq!(arrived.len(), completed.len(), "each request begins and ends once");
        completed
    }

    fn only(&self) -> Seen {
        let mut seen = self.take();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

/// Returns Barbara as a client of an observed application, with its use cases.
async fn observed(world: &World, interceptor: Arc<dyn Interceptor>) -> (Client, Arc<Witness>, Loggia) {
    let key = world.new_key(Who::Founder, Key::Full).await;
    let loggia = Loggia::on_ports(intercept::store(world.ports(), interceptor)).build();
    let witness = Arc::new(Witness::default());
    let app = HttpApp::new(loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], Limits::default());
    let client =
        Client::new(world.serve(app.observed_by(witness.clone())).await, vec![format!("Bearer {key}")]);
    (client, witness, loggia)
}

fn harmless() -> Arc<dyn Interceptor> {
    intercept::before(|_| Ok(()))
}

async fn a_request_is_observed_by_its_route_and_never_by_its_path(world: World) {
    let (client, witness, _) = observed(&world, harmless()).await;
    let space = format!("/api/v1/spaces/{MADE_UP}");
    for (request, method, route, status) in [
        (client.get(&space), "GET", "/api/v1/spaces/{id}", 404),
        (client.request("HEAD", "/api/v1/me"), "HEAD", "/api/v1/me", 200),
        (client.request("BREW", "/api/v1/me"), "_OTHER", "/api/v1/me", 405),
        (client.get("/quay/side"), "GET", "-", 404),
        (client.get("/quay/other-side?x=y"), "GET", "-", 404),
    ] {
        request.await;
        let seen = witness.only();
        assert_eq!((seen.method, seen.route, seen.status), (method, route, status));
    }
}

async fn a_request_passes_the_stages_that_it_needs(world: World) {
    let (client, witness, _) = observed(&world, harmless()).await;
    // The store in memory runs no statements.
    let has_statements = world.has_statements();
    let store = if has_statements { vec!["store"] } else { vec![] };
    let stages = |others: [&[&'static str]; 2]| [others[0], &store, others[1]].concat();
    for (request, expected) in [
        (client.get("/livez"), vec![]),
        (client.get("/api/v1/me"), stages([&["authenticate"], &["serialize"]])),
        // A search runs on a thread of its own on SQLite.
        (client.get("/api/v1/spaces?search=quay"), stages([&["authenticate"], &["serialize"]])),
        // A write runs in a task of its own.
        (client.post("/api/v1/spaces", json!({"name": "Quay"})), stages([&["authenticate"], &["serialize"]])),
        (client.post("/api/v1/spaces", json!({})), stages([&["authenticate"], &[]])),
    ] {
        let response = request.await;
        let seen = witness.only();
        // A call may have to wait, on Postgres for a new session.
        let stages: Vec<_> = seen.stages.iter().copied().filter(|stage| *stage != "queue").collect();
        assert_eq!(stages, expected, "{seen:?} {response}");
        assert_eq!(seen.statements > 0, has_statements && !expected.is_empty(), "{seen:?}");
        assert_eq!(seen.failures, [], "{seen:?}");
    }
    if has_statements {
        // The statements of the detached task count, not only those of the key.
        let refused = client.post("/api/v1/spaces", json!({})).await;
        let of_the_key = witness.only().statements;
        let made = client.post("/api/v1/spaces", json!({"name": "Pier"})).await;
        let of_all = witness.only().statements;
        assert!(of_all >= of_the_key + 3, "{of_all} {of_the_key}: {refused} {made}");
    }
}

async fn a_failure_of_the_store_is_counted_by_its_kind(world: World) {
    type Failure = fn() -> StoreError;
    let failures: [(Failure, &str); 6] = [
        (|| StoreError::Contended(None), "contended"),
        (|| StoreError::Unavailable(None), "unavailable"),
        (|| StoreError::OutcomeUnknown(None), "outcome_unknown"),
        (|| StoreError::Unsupported(Capability::Keys), "unsupported"),
        (|| StoreError::Corrupt("a row".to_owned()), "corrupt"),
        (|| StoreError::Failed("a bug".into()), "failed"),
    ];
    for (failure, kind) in failures {
        let at_commit = intercept::before(move |call| if call == "commit" { Err(failure()) } else { Ok(()) });
        let (client, witness, loggia) = observed(&world, at_commit).await;
        client.post("/api/v1/spaces", json!({"name": "Quay"})).await;
        let seen = witness.only();
        assert_eq!(seen.failures, [(kind, 1)], "{seen:?}");
        let retries = if kind == "contended" { 3 } else { 0 };
        assert_eq!(loggia.retries(), retries, "{kind}");
    }
    let revoked =
        intercept::before(|call| if call == "commit" { Err(StoreError::UnknownCaller) } else { Ok(()) });
    let (client, witness, _) = observed(&world, revoked).await;
    client.post("/api/v1/spaces", json!({"name": "Quay"})).await;
    let seen = witness.only();
    assert_eq!((seen.status, seen.failures), (401, vec![]), "a revoked key is no failure of the store");
}
