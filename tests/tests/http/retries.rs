//! Retries while the first request is in flight, while the store fails, and after the client has gone (promise B12, rules C4 and C5).

use std::any::Any;
use std::sync::Arc;

use actix_web::rt::spawn;
use async_trait::async_trait;
use loggia_domain::port::StoreError;
use loggia_domain::service::Loggia;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use loggia_testkit::intercept::{self, Call, Interceptor, Recorder};
use serde_json::json;

use crate::bad_input::dump;
use crate::capture;
use crate::faults::{FailAt, Gate, within};
use crate::harness::client::{Client, Request};
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, Who, World};

on_every_store!(
    a_retry_of_a_request_in_flight_gets_409,
    a_write_whose_client_disconnected_is_replayed,
    a_failed_write_whose_client_disconnected_leaves_nothing,
    a_failure_at_any_call_leaves_neither_the_work_nor_the_response,
    a_retry_after_an_unknown_outcome_leaves_the_work_done_once,
    neither_stored_responses_nor_idempotency_keys_are_logged,
    an_invalid_request_begins_no_unit_of_work,
);

/// Returns Barbara as a client of another replica of the world's service, with a hook in its store.
async fn replica(world: &World, interceptor: Arc<dyn Interceptor>) -> Client {
    let loggia = Loggia::on_ports(intercept::store(world.ports(), interceptor)).build();
    let limits = Limits { request_seconds: 60, ..Limits::default() };
    let app = HttpApp::new(loggia, Arc::new(SequentialIds::new()), [7; 32], limits);
    let key = world.new_key(Who::Founder, Key::Full).await;
    Client::new(world.serve(app).await, vec![format!("Bearer {key}")])
}

fn quay(client: &Client) -> Request {
    client.post("/api/v1/spaces", json!({"name": "Quay"})).header("Idempotency-Key", "k")
}

/// Returns the number of spaces with that name.
async fn quays(world: &World) -> usize {
    world.as_founder().get("/api/v1/spaces?search=Quay").await.json()["data"].as_array().unwrap().len()
}

#[track_caller]
fn is_a_replay(response: &Response) {
    assert_eq!((response.status, response.header("idempotent-replayed")), (201, Some("true")), "{response}");
}

async fn a_retry_of_a_request_in_flight_gets_409(world: World) {
    let gate = Gate::closed();
    let here = replica(&world, gate.clone()).await;
    let first = spawn(quay(&here).into_future());
    gate.arrival().await;
    let refused = quay(&here).await;
    refused.refuses(409, "IDEMPOTENCY_KEY_IN_USE");
    assert_eq!(refused.header("retry-after"), Some("1"), "{refused}");
    assert_eq!(refused.header("idempotent-replayed"), None, "{refused}");
    // A different request with the same key gets the same problem: until the first one is done, the meaning of the key is open.
    let other = here.post("/api/v1/spaces", json!({"name": "Pier"})).header("Idempotency-Key", "k").await;
    other.refuses(409, "IDEMPOTENCY_KEY_IN_USE");
    gate.let_one_through();
    let first = within(first).await.unwrap();
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None), "{first}");
    let again = quay(&here).await;
    is_a_replay(&again);
    assert_eq!(again.bytes, first.bytes);
    // Another replica, which has not seen the request, gives the same response.
    let elsewhere = quay(&world.as_founder()).await;
    is_a_replay(&elsewhere);
    assert_eq!(elsewhere.bytes, first.bytes);
    assert_eq!(quays(&world).await, 1);
}

async fn an_invalid_request_begins_no_unit_of_work(world: World) {
    let calls = Arc::new(Recorder::new());
    let here = replica(&world, calls.clone()).await;
    let begun = || calls.take().iter().filter(|call| call.starts_with("begin")).count();
    let spaces = "/api/v1/spaces";
    let invalid = || {
        [
            here.post(spaces, json!({"name": ""})),
            here.post(spaces, json!({"name": "Quay", "surprise": 1})),
            here.request("POST", spaces).raw("application/json", "{"),
            here.request("POST", spaces).raw("application/json", ""),
            here.post("/api/v1/spaces?surprise=1", json!({"name": "Quay"})),
        ]
    };
    for request in invalid() {
        let refused = request.header("Idempotency-Key", "k").await;
        assert_eq!(refused.problem().0, 400, "{refused}");
        assert_eq!(begun(), 0, "{refused}");
    }
    // The key is unused.
    let first = quay(&here).await;
    assert_eq!((first.status, begun()), (201, 1), "{first}");
    for request in invalid().into_iter().take(4) {
        request.header("Idempotency-Key", "k").await.refuses(422, "IDEMPOTENCY_KEY_REUSED");
    }
    is_a_replay(&quay(&here).await);
}

async fn a_write_whose_client_disconnected_is_replayed(world: World) {
    let gate = Gate::closed();
    let here = replica(&world, gate.clone()).await;
    let first = spawn(quay(&here).into_future());
    gate.arrival().await;
    first.abort();
    assert!(within(first).await.is_err(), "the client has gone");
    quay(&here).await.refuses(409, "IDEMPOTENCY_KEY_IN_USE");
    gate.let_one_through();
    gate.end().await;
    // At this replica or another one.
    is_a_replay(&quay(&world.as_founder()).await);
    assert_eq!(quays(&world).await, 1);
}

/// Lets a commit begin, and then fail.
struct Broken(Arc<Gate>);

#[async_trait]
impl Interceptor for Broken {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        self.0.before(call).await?;
        if call == "commit" { Err(StoreError::Unavailable(None)) } else { Ok(()) }
    }

    fn ended(&self) {
        self.0.ended();
    }
}

async fn a_failed_write_whose_client_disconnected_leaves_nothing(world: World) {
    let gate = Gate::closed();
    let here = replica(&world, Arc::new(Broken(gate.clone()))).await;
    let before = dump(&world).await;
    let first = spawn(quay(&here).into_future());
    gate.arrival().await;
    first.abort();
    assert!(within(first).await.is_err());
    gate.let_one_through();
    gate.end().await;
    assert_eq!(dump(&world).await, before);
    let made = quay(&world.as_founder()).await;
    assert_eq!((made.status, made.header("idempotent-replayed")), (201, None), "the key is free: {made}");
    assert_eq!(quays(&world).await, 1);
}

async fn a_failure_at_any_call_leaves_neither_the_work_nor_the_response(world: World) {
    let mut failures = 0;
    for call in 1.. {
        let hook = FailAt::new(call, || StoreError::Unavailable(None));
        let here = replica(&world, hook.clone()).await;
        let response = quay(&here).await;
        if response.status == 201 {
            assert!(!hook.is_reached(), "a failure is never passed over");
            assert_eq!(response.header("idempotent-replayed"), None, "{response}");
            break;
        }
        response.refuses(503, "STORE_UNAVAILABLE");
        assert_eq!(quays(&world).await, 0, "at call {call}");
        failures += 1;
    }
    // To begin, to reserve the key, the calls of the use case, to store the response, to commit.
    assert!(failures >= 6, "only {failures} calls");
    is_a_replay(&quay(&world.as_founder()).await);
    assert_eq!(quays(&world).await, 1);
}

/// Loses the result of a commit, which was done or not.
struct Lost {
    done: bool,
}

#[async_trait]
impl Interceptor for Lost {
    async fn before(&self, call: &'static str) -> Result<(), StoreError> {
        if call == "commit" && !self.done { Err(StoreError::OutcomeUnknown(None)) } else { Ok(()) }
    }

    fn after(&self, call: &Call<'_>, _: &mut dyn Any) -> Result<(), StoreError> {
        if call.name == "commit" && self.done { Err(StoreError::OutcomeUnknown(None)) } else { Ok(()) }
    }
}

async fn a_retry_after_an_unknown_outcome_leaves_the_work_done_once(world: World) {
    for (done, name) in [(true, "Quay"), (false, "Dock")] {
        let here = replica(&world, Arc::new(Lost { done })).await;
        let make = |client: &Client| {
            client.post("/api/v1/spaces", json!({"name": name})).header("Idempotency-Key", name)
        };
        let unknown = make(&here).await;
        unknown.refuses(503, "OUTCOME_UNKNOWN");
        let detail = unknown.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Idempotency-Key"), "{detail}");
        let retried = make(&world.as_founder()).await;
        assert_eq!(
            (retried.status, retried.header("idempotent-replayed").is_some()),
            (201, done),
            "{retried}"
        );
        let found = world.as_founder().get(&format!("/api/v1/spaces?search={name}")).await;
        assert_eq!(found.json()["data"].as_array().unwrap().len(), 1, "{found}");
    }
}

async fn neither_stored_responses_nor_idempotency_keys_are_logged(world: World) {
    capture::listen();
    let founder = world.as_founder();
    let key = "8e03978e-40d5-43dd-bc93-6894a57f9324";
    for (number, replayed) in [None, Some("true")].into_iter().enumerate() {
        let id = capture::new_id();
        let body = json!({"name": "A private name"});
        let request = founder.post("/api/v1/spaces", body).header("Idempotency-Key", key);
        let response = request.header("X-Request-Id", &id).await;
        assert_eq!(response.status, 201, "{response}");
        let line = capture::line(&id).await;
        assert_eq!(line.get("replayed"), replayed, "{number}: {line:?}");
        let text = format!("{line:?}");
        assert!(!text.contains(key) && !text.contains("A private name"), "{text}");
    }
}
