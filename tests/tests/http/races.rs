//! Many simultaneous requests at two replicas of one store: a retried request is done once (promise B12), and no change is lost (promise
//! B10).

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use loggia_domain::scope::Scope;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;
use serde_json::json;

use crate::harness::client::Client;
use crate::harness::on_every_store;
use crate::harness::response::Response;
use crate::world::{Key, Who, World};

on_every_store!(
    a_hundred_keys_of_twenty_requests_at_once_are_a_hundred_records,
    fifty_clients_who_each_change_a_hundred_times_overwrite_nothing,
);

/// Returns Barbara as a client of a replica of the world's service that is never too busy.
async fn replica(world: &World, key: &str) -> Client {
    let limits =
        Limits { reads_at_once: 1_000, writes_at_once: 1_000, request_seconds: 60, ..Limits::default() };
    let app = HttpApp::new(world.loggia.clone(), Arc::new(SequentialIds::new()), [7; 32], limits);
    Client::new(world.serve(app).await, vec![format!("Bearer {key}")])
}

async fn replicas(world: &World) -> [Client; 2] {
    let key = world.new_key(Who::Founder, Key::Full).await;
    [replica(world, &key).await, replica(world, &key).await]
}

const KEYS: usize = 100;
const REQUESTS: usize = 20;

fn stored_parts(response: &Response) -> (u16, Vec<u8>, Option<String>, Option<String>) {
    let header = |name| response.header(name).map(str::to_owned);
    (response.status, response.bytes.clone(), header("etag"), header("location"))
}

async fn a_hundred_keys_of_twenty_requests_at_once_are_a_hundred_records(world: World) {
    let replicas = replicas(&world).await;
    let request = |replica: &Client, number: usize| {
        let body = json!({"name": format!("Crate {number}")});
        replica.post("/api/v1/spaces", body).header("Idempotency-Key", &format!("crate-{number}"))
    };
    let (mut made, mut replayed, mut refused) = (Vec::new(), 0, 0);
    for number in 0..KEYS {
        let requests = (0..REQUESTS).map(|index| request(&replicas[index % 2], number).into_future());
        let responses = join_all(requests).await;
        let (created, others): (Vec<_>, Vec<_>) =
            responses.iter().partition(|response| response.status == 201);
        for response in others {
            response.refuses(409, "IDEMPOTENCY_KEY_IN_USE");
            refused += 1;
        }
        let kept: BTreeSet<_> = created.iter().map(|response| stored_parts(response)).collect();
        assert_eq!(kept.len(), 1, "one and the same response: {responses:?}");
        let firsts =
            created.iter().filter(|response| response.header("idempotent-replayed").is_none()).count();
        assert_eq!(firsts, 1, "one of them did it: {responses:?}");
        replayed += created.len() - firsts;
        made.extend(kept);
    }
    assert!(refused > 0 || replayed > 0, "no two requests collided");
    let found = replicas[0].get("/api/v1/spaces?search=Crate&limit=100&count=true").await;
    assert_eq!(found.header("x-total-count"), Some("100"), "as many records as keys");
    // A replica that was started later replays the same responses.
    let key = world.new_key(Who::Founder, Key::Full).await;
    let later = replica(&world, &key).await;
    for (number, first) in made.iter().enumerate() {
        let again = request(&later, number).await;
        assert_eq!(
            (stored_parts(&again), again.header("idempotent-replayed")),
            (first.clone(), Some("true"))
        );
    }
}

const CLIENTS: usize = 50;
const CHANGES: usize = 100;

async fn fifty_clients_who_each_change_a_hundred_times_overwrite_nothing(world: World) {
    let replicas = replicas(&world).await;
    let path = format!("/api/v1/spaces/{}", world.pier);
    let events = async || {
        let scope = Scope::Organization(world.person(Who::Founder).organization);
        world.ports().views.events(scope, None, 10_000).await.unwrap().len()
    };
    let before = events().await;
    let first = replicas[0].get(&path).await.header("etag").unwrap().to_owned();
    let clients = (0..CLIENTS).map(async |client| {
        let (mut known, mut done) = (first.clone(), 0);
        for change in 0..CHANGES {
            let body = json!({"name": format!("By {client}, the {change}.")});
            let response = replicas[client % 2].patch(&path, body).header("If-Match", &known).await;
            match response.status {
                200 => done += 1,
                412 => assert_eq!(response.problem().1, "PRECONDITION_FAILED", "{response}"),
                _ => panic!("{response}"),
            }
            // In both cases the response has the current tag.
            known = response.header("etag").unwrap().to_owned();
        }
        done
    });
    let done: usize = join_all(clients).await.into_iter().sum();
    assert!((CHANGES..CLIENTS * CHANGES).contains(&done), "{done} were done");
    let last = replicas[1].get(&path).await.header("etag").unwrap().to_owned();
    let revision = last.trim_matches('"').split('-').next().unwrap().to_owned();
    assert_eq!(revision, (1 + done).to_string(), "as many revisions as changes");
    assert_eq!(events().await, before + done, "and as many events");
}
