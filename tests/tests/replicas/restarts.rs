//! Postgres is killed or restarted among writers and readers: no acknowledged write is lost, the only error meanwhile is 503, and shortly
//! afterwards the service works as before (promises B2 and B42).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use loggia_testpg::{Server, ServerError};
use serde_json::json;
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::ledger::{Fate, Ledger};
use crate::running_service::{self, RunningService};
use crate::wire::{Client, becomes};

const WRITERS: usize = 6;
const READERS: u64 = 2;
/// The number of writes that are acknowledged before each end of the server.
const BEFORE_THE_END: usize = 60;
/// The maximum time between the server's restart and the first successful write.
const BACK_WITHIN: Duration = Duration::from_secs(3);
/// The pause of a client after a 503. (`Retry-After` is a second; more calls test more.)
const PAUSE: Duration = Duration::from_millis(5);

type End = fn(&mut Server) -> Result<(), ServerError>;

/// The state that writers and readers share.
#[derive(Default)]
struct Harvest {
    ledger: Ledger,
    /// The ids and names of the acknowledged spaces.
    made: Mutex<Vec<(String, String)>>,
    enough: AtomicBool,
}

impl Harvest {
    fn goes_on(&self) -> bool {
        !self.enough.load(Ordering::Relaxed)
    }
}

/// Makes spaces, one after the other. Every eighth is invalid and must be rejected at all times.
async fn write(harvest: Arc<Harvest>, mut client: Client, writer: usize) {
    for number in 0.. {
        if !harvest.goes_on() {
            return;
        }
        let name = format!("Crate {writer}-{number}");
        let strength = if number % 8 == 7 { 99 } else { 1 };
        let body = json!({"name": name, "currentStrength": strength});
        harvest.ledger.send(&name);
        let response = client.call("POST", "/api/v1/spaces", Some(&body)).await.unwrap();
        match harvest.ledger.note(&name, &response) {
            Fate::Acknowledged => {
                assert_eq!(response.text("/data/name"), name);
                harvest.made.lock().unwrap().push((response.text("/data/_id").to_owned(), name));
            }
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Reads acknowledged spaces repeatedly; returns the number of successful reads and of reads with status 503.
async fn read(harvest: Arc<Harvest>, mut client: Client, mut chance: Chance) -> (u64, u64) {
    let (mut there, mut refused) = (0, 0);
    while harvest.goes_on() {
        let made = harvest.made.lock().unwrap().clone();
        if made.is_empty() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let at = usize::try_from(chance.below(made.len().try_into().unwrap())).unwrap();
        let (id, name) = &made[at];
        let response = client.get(&format!("/api/v1/spaces/{id}")).await;
        match (response.status, response.code()) {
            (200, _) => {
                assert_eq!(response.text("/data/name"), name);
                there += 1;
            }
            (503, "STORE_UNAVAILABLE" | "BUSY") => {
                refused += 1;
                tokio::time::sleep(PAUSE).await;
            }
            _ => panic!("{name}: {response:?}"),
        }
    }
    (there, refused)
}

/// Waits until `more` further writes were acknowledged; returns `false` after `timeout`.
async fn acknowledged(harvest: &Harvest, more: usize, timeout: Duration) -> bool {
    let enough = harvest.ledger.count(Fate::Acknowledged) + more;
    becomes(timeout, async || harvest.ledger.count(Fate::Acknowledged) >= enough).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost_when_postgres_stops_under_load() {
    let timeout = Duration::from_secs(20);
    let mut server = running_service::server(true).await;
    let service = RunningService::open(server.url("postgres"), server.port()).await;
    let mut connection = service.connect().await;
    for setting in ["SHOW fsync", "SHOW synchronous_commit"] {
        let value: String = sqlx::query_scalar(setting).fetch_one(&mut connection).await.unwrap();
        assert_eq!(value, "on", "{setting}");
    }
    drop(connection);
    let harvest = Arc::new(Harvest::default());
    let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
    for writer in 0..WRITERS {
        writers.spawn(write(harvest.clone(), service.serving.client(&service.key).await, writer));
    }
    for reader in 0..READERS {
        let client = service.serving.client(&service.key).await;
        readers.spawn(read(harvest.clone(), client, Chance::seeded(reader)));
    }
    let ends: [(&str, End); 5] = [
        ("immediate", Server::kill_immediately),
        ("immediate", Server::kill_immediately),
        ("immediate", Server::kill_immediately),
        ("kill -9", Server::kill_9),
        ("fast", Server::stop),
    ];
    let mut figures = Vec::new();
    for (name, end) in ends {
        assert!(
            acknowledged(&harvest, BEFORE_THE_END, timeout).await,
            "writers are at work: {}",
            harvest.ledger
        );
        let away = harvest.ledger.count_responses("503 STORE_UNAVAILABLE");
        server = tokio::task::spawn_blocking(move || {
            end(&mut server).expect("an end");
            server
        })
        .await
        .unwrap();
        // The server stays down until a client has got a 503.
        let noticed =
            becomes(timeout, async || harvest.ledger.count_responses("503 STORE_UNAVAILABLE") > away).await;
        assert!(noticed, "{}", harvest.ledger);
        server = tokio::task::spawn_blocking(move || {
            server.restart().expect("a start");
            server
        })
        .await
        .unwrap();
        let accepts = Instant::now();
        assert!(
            acknowledged(&harvest, 1, BACK_WITHIN).await,
            "it is not back after {name}: {}",
            harvest.ledger
        );
        figures.push(format!("{name}: back after {} ms", accepts.elapsed().as_millis()));
    }
    assert!(acknowledged(&harvest, BEFORE_THE_END, timeout).await);
    harvest.enough.store(true, Ordering::Relaxed);
    writers.join_all().await;
    let (mut there, mut refused) = (0, 0);
    for (seen, missed) in readers.join_all().await {
        there += seen;
        refused += missed;
    }
    println!("{figures:?}, writes {}, reads 200: {there}, 503: {refused}", harvest.ledger);
    assert!(there > 0 && refused > 0, "readers were at work all the time");
    let wrong = harvest.ledger.audit(&service.spaces().await);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(service.is_at_rest_within(Duration::from_secs(1)).await);
    let mut client = service.serving.client(&service.key).await;
    assert_eq!(client.get("/readyz").await.status, 200);
    service.serving.end().await;
}
